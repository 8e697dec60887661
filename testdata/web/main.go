// Command web panics in a browser.
package main

import (
	"fmt"
	"os"

	"github.com/panicreport/sentry"
)

func main() {
	dsn := sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN"))
	fmt.Println("spool:", sentry.Init(dsn, sentry.WithSpool("spool")))
	fmt.Println("monitor:", sentry.Init(dsn, sentry.WithCrashMonitor()))
	fmt.Println("supervisor:", sentry.Init(dsn, sentry.WithSupervisor()))
	fmt.Println("plain:", sentry.Init(dsn))
	defer sentry.Recover()
	explode()
}

func explode() {
	var p *int
	*p = 1
}
