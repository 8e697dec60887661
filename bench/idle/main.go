// Command idle measures what a second process costs while nothing goes wrong. It
// compares the crash monitor and the supervisor of this library with panicwrap,
// which Dgraph uses for its servers for the same purpose:
//
//	cd bench && go run ./idle
//
// The program is the same for all, but each has an executable of its own. The
// program starts its reporter at the beginning of main, as all three ask for. Then
// it fills a heap of 50 MB, starts an HTTP server, and writes that it is up. (Memory
// that a program fills before main, in the init function of a package, is in the
// second process, too, with each of the three.) One row of the table is for a second
// process that only reads a pipe. It is the same executable again, and shows the
// least that a second process in Go can cost.
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
