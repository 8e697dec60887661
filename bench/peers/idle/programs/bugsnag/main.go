// Command bugsnag has bugsnag-go as its reporter, which brings a second process: its
// own fork of panicwrap.
package main

import (
	"github.com/bugsnag/bugsnag-go/v2"

	"github.com/panicreport/sentry/bench/peers/idle/program"
)

func main() {
	program.Run(map[string]func() error{
		program.Bugsnag:     func() error { return start(bugsnag.Configuration{PanicHandler: func() {}}) },
		program.BugsnagWrap: func() error { return start(bugsnag.Configuration{}) },
		program.BugsnagBare: func() error { return start(bugsnag.Configuration{AutoCaptureSessions: false}) },
	})
}

// start leaves to its default what c does not have. With sessions, which are the
// default, the second process sends one at its start.
func start(c bugsnag.Configuration) error {
	c.APIKey, c.AppVersion, c.Logger = "0123456789abcdef0123456789abcdef", "1", silent{}
	c.Endpoints = bugsnag.Endpoints{Notify: program.Address + "/notify", Sessions: program.Address + "/sessions"}
	bugsnag.Configure(c)
	return nil
}

type silent struct{}

func (silent) Printf(string, ...any) {}
