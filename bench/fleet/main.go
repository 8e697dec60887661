// Command fleet lets many installations of a program crash in a loop, each with
// a spool of its own, and counts what a server in the process receives:
//
//	cd bench && go run ./fleet
//
// Then it tells what a million of them send in an hour. An installation is a
// real process, this one again, that is started as often as it has crashed.
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
	// restarts of one installation in an hour: a supervisor that waits a second.
	restarts = 3600
)

// A policy is how reports are held back, and at most how many of one
// installation a server answers in an hour: the measured ones are the first of
// many crashes.
type policy struct {
	name   string
	limit  int // WithRateLimit(limit, time.Hour); 0: none
	answer sentrytest.Answer
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

// crash is one run of the program.
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

// measure prints a line of the table, or says what is not as it should be.
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
					_ = cmd.Run() // it crashes
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
