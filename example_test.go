package sentry_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	sentrygo "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// receiver stands in for Sentry in the examples.
func receiver() *sentrytest.Server {
	server, err := sentrytest.Start()
	if err != nil {
		log.Fatal(err)
	}
	return server
}

func Example() {
	server := receiver()
	defer server.Close()
	if err := sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithContext("desktop", "1.2.3")); err != nil {
		log.Print(err)
	}
	defer sentry.Close()

	func() {
		defer func() { _ = recover() }() // only so that the example goes on
		defer sentry.Recover()
		bill, guests := 100, 0
		fmt.Println("each pays", bill/guests)
	}()

	fmt.Println(server.Events()[0].Title())
	// Output: runtime error: integer divide by zero
}

func ExampleInit() {
	err := sentry.Init(
		sentry.WithDefaultEnvironmentDSN(),
		sentry.WithEnvironments("production", "staging"),
		sentry.WithSensitiveKeys("seed_phrase"),
		sentry.WithTags(map[string]string{"edition": "community"}),
	)
	fmt.Println(err)
	// Output: <nil>
}

func ExampleInit_malformedDSN() {
	fmt.Println(sentry.Init(sentry.WithDSN("https://o1.ingest.sentry.io/2")))
	// Output: init sentry: parse DSN: the key is missing: want https://<key>@<host>/<project>
}

func ExampleWithOwnWords() {
	server := receiver()
	defer server.Close()
	sentry.MustInit(sentry.WithDSN(server.DSN()), sentry.WithOwnWords())
	defer sentry.Close()

	func() {
		defer func() { _ = recover() }() // only so that the example goes on
		defer sentry.Recover()
		_, err := os.Stat(filepath.Join(os.TempDir(), fmt.Sprint("wallet-of-", os.Getpid())))
		panic(fmt.Errorf("load settings: %w", err))
	}()

	fmt.Println(server.Events()[0].Exception().Value)
	// Output: load settings: stat …: no such file or directory
}

func ExampleRecoverError() {
	server := receiver()
	defer server.Close()
	sentry.MustInit(sentry.WithDSN(server.DSN()))
	defer sentry.Close()

	// The application's own helper, deferred first in every goroutine. In an
	// application it panics again with value.
	logOnPanic := func() {
		if value := recover(); value != nil {
			fmt.Println("log:", value)
			sentry.RecoverError(value)
		}
	}
	func() {
		defer logOnPanic()
		panic(errors.New("out of cheese"))
	}()

	fmt.Println("report:", server.Events()[0].Title())
	// Output:
	// log: out of cheese
	// report: panic: out of cheese
}

func ExampleRecoverWithContext() {
	server := receiver()
	defer server.Close()
	sentry.MustInit(sentry.WithDSN(server.DSN()))
	defer sentry.Close()

	// A middleware puts a hub on the context of each request.
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().SetTag("request_id", "r-17")
	ctx := sentrygo.SetHubOnContext(context.Background(), hub)

	func() {
		defer func() { _ = recover() }()
		defer sentry.RecoverWithContext(ctx)
		panic("no handler")
	}()

	fmt.Println(server.Events()[0].Tags["request_id"])
	// Output: r-17
}

func ExampleGo() {
	done := make(chan struct{})
	sentry.Go(func() {
		fmt.Println("guarded")
		close(done) // not deferred: after a panic, main must not end before the report
	})
	<-done
	// Output: guarded
}

func ExampleWithConsent() {
	var optedIn atomic.Bool // a setting of the application's
	server := receiver()
	defer server.Close()
	sentry.MustInit(sentry.WithDSN(server.DSN()), sentry.WithConsent(optedIn.Load))
	defer sentry.Close()

	sentry.RecoverError("not reported")
	optedIn.Store(true)
	sentry.RecoverError("reported")

	fmt.Println(len(server.Events()), server.Events()[0].Title())
	// Output: 1 panic: reported
}

func ExampleFlush() {
	server := receiver()
	sentry.MustInit(sentry.WithDSN(server.DSN()), sentry.WithFlushTimeout(0))
	defer sentry.Close()
	server.Close()

	sentry.RecoverError("nobody listens")
	fmt.Println(sentry.Flush(10 * time.Millisecond))
	// Output: false
}

// A report that meets no server is sent by the next run. The directory of a
// real program is its own, such as .local/state/desktop in the home directory.
func ExampleWithSpool() {
	dir, err := os.MkdirTemp("", "spool-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	server := receiver()
	defer server.Close()
	start := func() {
		err := sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithSpool(dir), sentry.WithFlushTimeout(100*time.Millisecond))
		if err != nil {
			log.Print(err)
		}
	}

	server.Down()
	start()
	sentry.RecoverError("no network")
	fmt.Println(sentry.Close())

	if err := server.Up(); err != nil {
		log.Fatal(err)
	}
	start()
	defer sentry.Close()
	fmt.Println(sentry.Flush(5*time.Second), server.Events()[0].Title())
	// Output:
	// close sentry: 1 report was not accepted: connect: connection refused (1 stays in the spool, for the next run)
	// true panic: no network
}

// The settings that the program was about to load may be what it died of.
func ExampleCrashedLastRun() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	if sentry.CrashedLastRun() {
		fmt.Println("starting with default settings")
	}
	// Output:
}

// What tells others that a goroutine has ended is deferred before the guard, and so runs
// after the report.
func ExampleRecover() {
	server := receiver()
	defer server.Close()
	sentry.MustInit(sentry.WithDSN(server.DSN()))
	defer sentry.Close()

	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		defer func() { _ = recover() }() // only so that the example goes on
		defer sentry.Recover()
		var jobs []string
		fmt.Println("the next job is", jobs[0])
	}()
	wg.Wait()

	fmt.Println(server.Events()[0].Title())
	// Output: runtime error: index out of range [0] with length 0
}

// Init is the first call in main: the monitor is the same program, and runs what stands
// before it, too.
func ExampleWithCrashMonitor() {
	err := sentry.Init(
		sentry.WithDSN("https://key@o1.ingest.sentry.io/2"),
		sentry.WithSpool(filepath.Join("/var/lib", "app", "reports")),
		sentry.WithCrashMonitor(),
	)
	if err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	fmt.Println("only the program comes here, and the monitor does not")
}

// os.Exit and log.Fatal run nothing that is deferred.
func ExampleClose() {
	run := func() error { return errors.New("out of paper") }
	sentry.MustInit(sentry.WithDefaultEnvironmentDSN())
	err := run()
	sentry.Close()
	if err != nil {
		log.Fatal(err)
	}
}
