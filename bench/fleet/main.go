// Command fleet simulates many installations of a program that crash in a loop. It
// counts the requests that a server in this process receives:
//
//	cd bench && go run ./fleet
//
// From that, it computes what a million installations send in an hour. The program
// is this executable, started as a process of its own for each crash. Each
// installation has a spool of its own.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

const (
	childDSN, childDir, childLimit = "FLEET_DSN", "FLEET_DIR", "FLEET_LIMIT"

	fleet = 1_000_000
	// restarts is how often an installation crashes in an hour, if a supervisor
	// waits one second before it starts the program again.
	restarts = 3600
)

// A policy limits the number of reports.
type policy struct {
	name   string
	limit  int // WithRateLimit(limit, time.Hour), or no limit if it is 0
	answer sentrytest.Answer

	// hourly is how many requests an installation sends in an hour. It is not
	// measured, because a run has only the first few of the crashes in an hour.
	// measure checks that these few do not exceed it.
	hourly int
}

var policies = []policy{
	{"no limit", 0, sentrytest.Accept(), restarts},
	{"WithRateLimit(1, time.Hour)", 1, sentrytest.Accept(), 1},
	{"WithRateLimit(3, time.Hour)", 3, sentrytest.Accept(), 3},
	{"no limit, the server answers 429 for an hour", 0, sentrytest.RateLimited(time.Hour), 1},
}

func main() {
	if dsn := os.Getenv(childDSN); dsn != "" {
		crash(dsn)
	}
	installations := flag.Int("installations", 200, "how many there are")
	crashes := flag.Int("crashes", 6, "how often each crashes")
	flag.Parse()
	fmt.Printf("%d installations, %d crashes each\n\n", *installations, *crashes)
	fmt.Printf("%-46s %8s %8s %9s %10s %15s %12s\n", "", "crashes", "requests", "accepted", "per crash", "million, 1 hour", "per second")
	for _, p := range policies {
		if err := p.measure(*installations, *crashes); err != nil {
			fmt.Fprintln(os.Stderr, "fleet:", err)
			os.Exit(1)
		}
	}
	fmt.Printf("\nThe last columns are for %d installations that each crash %d times an hour.\n", fleet, restarts)
}

// crash runs the program, which panics.
func crash(dsn string) {
	opts := []sentry.Option{sentry.WithDSN(dsn), sentry.WithSpool(os.Getenv(childDir))}
	if n, _ := strconv.Atoi(os.Getenv(childLimit)); n > 0 {
		opts = append(opts, sentry.WithRateLimit(n, time.Hour))
	}
	sentry.MustInit(opts...)
	defer sentry.Close()
	defer sentry.Recover()
	panic("at each start")
}

// measure prints a line of the table. It returns an error if there are more
// requests than the policy allows.
func (p policy) measure(installations, crashes int) error {
	dir, err := os.MkdirTemp("", "fleet-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	server, err := sentrytest.Start()
	if err != nil {
		return err
	}
	defer server.Close()
	server.Answer(p.answer)

	work := make(chan int)
	var wg sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range work {
				for range crashes {
					cmd := exec.Command(os.Args[0])
					cmd.Env = append(os.Environ(), childDSN+"="+server.DSN(), childLimit+"="+strconv.Itoa(p.limit),
						childDir+"="+filepath.Join(dir, strconv.Itoa(i)))
					_ = cmd.Run() // returns an error, because the program crashes
				}
			}
		})
	}
	for i := range installations {
		work <- i
	}
	close(work)
	wg.Wait()

	requests, accepted := len(server.Attempts()), len(server.Events())
	if most := installations * min(p.hourly, crashes); requests > most {
		return fmt.Errorf("%s: %d requests, more than %d", p.name, requests, most)
	}
	hourly := fleet * p.hourly
	fmt.Printf("%-46s %8d %8d %9d %10.2f %15d %12.0f\n", p.name, installations*crashes, requests, accepted,
		float64(requests)/float64(installations*crashes), hourly, float64(hourly)/time.Hour.Seconds())
	return nil
}
