package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/bugsnag/bugsnag-go/v2"
	peer "github.com/getsentry/sentry-go"
	"github.com/mitchellh/panicwrap"
	"github.com/rollbar/rollbar-go"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/bench/peers/protocol"
)

// flushTimeout is that of all that have one.
const flushTimeout = 5 * time.Second

// A library is a way to report panics.
type library struct {
	// start makes the library report to the server at url. dir is an empty folder.
	start func(url, dir string) error
	// guard is deferred in each goroutine. It lets the panic go on.
	guard func()
	// end may be nil. It returns how many reports were not accepted, as far as the library says.
	end func() int
}

var libraries = map[string]library{
	protocol.SentryGo:        {startSentryGo(func() peer.Transport { return peer.NewHTTPSyncTransport() }), guardSentryGo, nil},
	protocol.SentryGoFlush:   {startSentryGo(func() peer.Transport { return nil }), guardSentryGo, nil},
	protocol.Bugsnag:         {startBugsnag(false), guardBugsnag, nil},
	protocol.BugsnagProcess:  {startBugsnag(true), guardBugsnag, nil},
	protocol.Rollbar:         {startRollbar, guardRollbar, nil},
	protocol.Panicwrap:       {startPanicwrap, func() {}, nil},
	protocol.OursPlain:       {startOurs(nil), sentry.Recover, endOurs},
	protocol.OursSpool:       {startOurs(spool), sentry.Recover, endOurs},
	protocol.OursOwnWords:    {startOurs(ownWords), sentry.Recover, endOurs},
	protocol.OursWithMonitor: {startOurs(spoolAndMonitor), sentry.Recover, endOurs},
}

func startSentryGo(transport func() peer.Transport) func(url, dir string) error {
	return func(url, _ string) error {
		return peer.Init(peer.ClientOptions{Dsn: dsn(url), Release: "peers@1", Transport: transport()})
	}
}

// guardSentryGo is what the documentation of sentry-go says.
func guardSentryGo() {
	if value := recover(); value != nil {
		peer.CurrentHub().Recover(value)
		peer.Flush(flushTimeout)
		panic(value)
	}
}

func startBugsnag(process bool) func(url, dir string) error {
	return func(url, _ string) error {
		c := bugsnag.Configuration{
			APIKey: "0123456789abcdef0123456789abcdef", Endpoints: bugsnag.Endpoints{Notify: url + "/notify", Sessions: url + "/sessions"},
			Synchronous: true, AutoCaptureSessions: false, AppVersion: "1", Logger: silent{},
		}
		if !process {
			c.PanicHandler = func() {}
		}
		bugsnag.Configure(c)
		return nil
	}
}

// guardBugsnag is bugsnag.AutoNotify, which can not be deferred through a variable.
func guardBugsnag() {
	if value := recover(); value != nil {
		_ = bugsnag.Notify(fmt.Errorf("%v", value), bugsnag.SeverityError, bugsnag.HandledState{SeverityReason: bugsnag.SeverityReasonHandledPanic, OriginalSeverity: bugsnag.SeverityError, Unhandled: true})
		panic(value)
	}
}

type silent struct{}

func (silent) Printf(string, ...any) {}

var rollbarClient *rollbar.Client

func startRollbar(url, _ string) error {
	rollbarClient = rollbar.NewSync("token", "test", "1", "host", "/")
	rollbarClient.SetEndpoint(url + "/api/1/item/")
	rollbarClient.SetLogger(silent{})
	return nil
}

func guardRollbar() {
	if value := recover(); value != nil {
		rollbarClient.LogPanic(value, true)
		panic(value)
	}
}

// startPanicwrap posts what the program wrote, as a program like Dgraph does.
func startPanicwrap(url, _ string) error {
	status, err := panicwrap.BasicWrap(func(text string) {
		resp, err := http.Post(url+"/panicwrap", "text/plain", nil)
		if err == nil {
			_ = resp.Body.Close()
		}
	})
	if err != nil {
		return err
	}
	if status >= 0 {
		os.Exit(status)
	}
	return nil
}

func spool(dir string) []sentry.Option { return []sentry.Option{sentry.WithSpool(dir)} }

func ownWords(string) []sentry.Option { return []sentry.Option{sentry.WithOwnWords()} }

func spoolAndMonitor(dir string) []sentry.Option {
	return []sentry.Option{sentry.WithSpool(dir), sentry.WithCrashMonitor()}
}

func startOurs(more func(dir string) []sentry.Option) func(url, dir string) error {
	return func(url, dir string) error {
		options := []sentry.Option{sentry.WithDSN(dsn(url)), sentry.WithRelease("peers@1"), sentry.WithFlushTimeout(flushTimeout)}
		if more != nil {
			options = append(options, more(dir)...)
		}
		return sentry.Init(options...)
	}
}

func endOurs() (lost int) {
	if err := sentry.Close(); err != nil {
		_, _ = fmt.Sscanf(err.Error(), "close sentry: %d", &lost)
	}
	return lost
}

// dsn of a project of the server.
func dsn(url string) string { return strings.Replace(url, "http://", "http://key@", 1) + "/1" }
