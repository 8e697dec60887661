// Command idle measures what a second process costs while nothing goes wrong:
// the crash monitor and the supervisor of this library, and panicwrap, which
// Dgraph has put around its servers for the same end:
//
//	cd bench && go run ./idle
//
// The program is the same for all, and each has an executable of its own: it
// comes to its reporter first in main, as all three want it, then fills a heap
// of 50 MB, opens an HTTP server and says that it is up. What a program fills
// before that, in a package's init, is in the second process too, with each of
// them. The one that only reads a pipe is the same executable again, and the
// least that a second process of Go can cost.
//
// Memory, wake-ups, threads and files are those of the second process, from
// Linux's /proc, when it has come to rest. Processes of one executable share
// its pages: resident counts all of them, Pss its part, private what it would
// give back. A wake-up is a context switch of any of its threads, voluntary or
// not; those of the program beside it are counted too. The start is the time
// until the program says that it is up, and Init that in the program's own code
// before; both are compared with the row of the same reporter and no second
// process, round by round. All figures are medians.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"
)

func main() {
	if name := os.Getenv(wayVariable); name != "" {
		program(name)
		return
	}
	var p plan
	flag.IntVar(&p.rounds, "rounds", 5, "how often the second process is looked at")
	flag.DurationVar(&p.idle, "idle", 10*time.Second, "for how long its wake-ups are counted")
	flag.IntVar(&p.starts, "starts", 41, "how often each program is started to measure the start")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, p); err != nil {
		fmt.Fprintln(os.Stderr, "idle:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, p plan) error {
	if err := prepare(); err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	costs, err := p.measure(ctx, exe)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d CPUs; second process: median of %d; start: median of %d\n\n%s",
		runtime.Version(), runtime.NumCPU(), p.rounds, p.starts, table(costs, p.idle))
	return nil
}

func table(costs []cost, idle time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| second process | resident | Pss | private | threads | files | wake-ups in %v | of the program | start | Init |\n", idle)
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range costs {
		if c.way.alone() {
			fmt.Fprintf(&b, "| %s | | | | | | | %d | %.1f ms | %.2f ms |\n", c.way.name, c.ownWakeUps,
				milliseconds(c.start), milliseconds(c.init))
			continue
		}
		fmt.Fprintf(&b, "| %s | %.1f MB | %.1f MB | %.1f MB | %d | %d | %d | %d | %+.1f ms | %+.2f ms |\n", c.way.name,
			megabytes(c.second.resident), megabytes(c.second.pss), megabytes(c.second.private), c.second.threads, c.second.files,
			c.wakeUps, c.ownWakeUps, milliseconds(c.start), milliseconds(c.init))
	}
	return b.String()
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }
