// Command library is a c-shared library, for a program in C.
package main

import "C"

import (
	"fmt"
	"os"

	"github.com/panicreport/sentry"
)

//export Start
func Start() C.int {
	opts := []sentry.Option{sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")), sentry.WithCrashMonitor()}
	if dir := os.Getenv("FATAL_SPOOL"); dir != "" {
		opts = append(opts, sentry.WithSpool(dir))
	}
	if os.Getenv("FATAL_OWN_WORDS") != "" {
		opts = append(opts, sentry.WithOwnWords())
	}
	if err := sentry.Init(opts...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

//export Stop
func Stop() { _ = sentry.Close() }

//export Die
func Die() {
	go func() { panic("in the library" + os.Getenv("FATAL_DATA")) }()
	select {}
}

func main() {}
