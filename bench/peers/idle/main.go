// Command idle measures what a second process costs while nothing goes wrong. It
// compares the crash monitor and the supervisor of this library with panicwrap,
// which Dgraph uses for its servers for the same purpose, and with bugsnag-go, which
// brings its own fork of panicwrap:
//
//	cd bench/peers && go run ./idle
//
// Each reporter has a program of its own, and each row an executable of its own. A
// program starts its reporter at the beginning of main, as all of them ask for. Then
// it fills a heap of 50 MB, starts an HTTP server, and writes that it is up. (Memory
// that a program fills before main, in the init function of a package, is in the
// second process, too, with each of them.) One row of the table is for a second
// process that only reads a pipe. It is the same executable again, and shows the
// least that a second process in Go can cost. The first rows have no second process:
// they show what a process in Go costs that does nothing, by itself.
//
// The columns for memory, threads, files and wake-ups are about the second process
// when it is at rest. The figures come from /proc of Linux:
//
//   - resident: all pages of the process. It shares the pages of the executable with
//     the program.
//   - Pss: the same, but only its part of the pages that it shares.
//   - private: the memory that is free again when the process ends.
//   - wake-ups: context switches of all threads, voluntary or not. The next column
//     has those of the program itself.
//
// start is the time until the program writes that it is up. Init is the time that
// the program needs to start its reporter. The rows with a second process show the
// difference to the row with the same reporter and no second process, round by
// round. All figures are medians.
//
// The second table says what the resident memory consists of, as [parts] has it.
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
	costs, err := p.measure(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("%s, %d CPUs; second process: median of %d; start: median of %d\n\n%s\n%s",
		runtime.Version(), runtime.NumCPU(), p.rounds, p.starts, table(costs, p.idle), consists(costs))
	return nil
}

func table(costs []cost, idle time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| second process | resident | Pss | private | threads | files | wake-ups in %v | of the program | start | Init |\n", idle)
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range costs {
		if c.way.floor {
			fmt.Fprintf(&b, "| %s | %.1f MB | %.1f MB | %.1f MB | %d | %d | %d | | | |\n", c.way.name, megabytes(c.second.resident),
				megabytes(c.second.pss), megabytes(c.second.private), c.second.threads, c.second.files, c.wakeUps)
			continue
		}
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

// consists is the table of what the resident memory consists of.
func consists(costs []cost) string {
	var b strings.Builder
	b.WriteString("| resident, MB | all | code | constants | variables | heap and stacks | the runtime's books | shared with the program |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|\n")
	for _, c := range costs {
		if c.way.alone() && !c.way.floor {
			continue
		}
		s, p, shared := c.second, c.second.parts, ""
		if !c.way.floor {
			shared = fmt.Sprintf("%.1f", megabytes(s.resident-s.private))
		}
		fmt.Fprintf(&b, "| %s | %.1f | %.1f | %.1f | %.1f | %.1f | %.1f | %s |\n", c.way.name, megabytes(s.resident),
			megabytes(p.code), megabytes(p.constants), megabytes(p.variables), megabytes(p.heap), megabytes(p.runtime), shared)
	}
	return b.String()
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1e3 }
