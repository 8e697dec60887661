// Command sentrygo has sentry-go as its reporter, with panicwrap for the second process.
package main

import (
	"errors"
	"os"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/mitchellh/panicwrap"

	"github.com/panicreport/sentry/bench/peers/idle/program"
)

const flushTimeout = 5 * time.Second

func main() {
	program.Run(map[string]func() error{
		program.SentryGo:   start,
		program.WrapFirst:  func() error { return errors.Join(wrap(), start()) },
		program.WrapSecond: func() error { return errors.Join(start(), wrap()) },
	})
}

func start() error {
	return sentry.Init(sentry.ClientOptions{Dsn: program.DSN, Release: program.Release})
}

// wrap starts panicwrap. The status alone does not tell which of the two processes
// this is, because it is also -1 if the child was killed (panicwrap issue 18).
func wrap() error {
	status, err := panicwrap.BasicWrap(func(text string) {
		if start() == nil {
			sentry.CaptureException(errors.New(text))
			sentry.Flush(flushTimeout)
		}
	})
	if err == nil && !panicwrap.Wrapped(nil) {
		os.Exit(status)
	}
	return err
}
