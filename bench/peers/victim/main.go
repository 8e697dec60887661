// Command victim panics and dies under a library: what the command peers starts.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

func main() {
	lib := libraries[os.Getenv(protocol.Library)]
	if err := lib.start(os.Getenv(protocol.URL), os.Getenv(protocol.Dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	count, _ := strconv.Atoi(os.Getenv(protocol.Count))
	switch task := os.Getenv(protocol.Task); task {
	case protocol.Report:
		tell(reportMany(lib, count))
	case protocol.Storm:
		o := stormOf(lib, count)
		if lib.end != nil {
			o.Lost, lib.end = lib.end(), nil
		}
		tell(o)
	case protocol.Init:
	default:
		ways[task](lib.guard)
	}
	if lib.end != nil {
		lib.end()
	}
}

func tell(o protocol.Outcome) {
	o.Peak = peak()
	line, _ := json.Marshal(o)
	fmt.Printf("\n%s\n", line)
}

// peak is the most resident memory that this process had.
func peak() int64 {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "VmHWM:" {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// allocated measures what f allocates, in all goroutines.
func allocated(f func()) (objects, bytes float64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)
}
