// Package sentry reports the panics of a Go program to Sentry: once, readable,
// named right, and without a word about the person who ran it.
//
// Call [Init] at start-up, defer [Recover] in every goroutine, and call [Close] at
// the end. The library takes the name and version of the program from the build,
// and the environment from the run. It removes secrets and what identifies a
// person, trims the stack so that the place of the panic is on top, sends the
// report, and lets the panic go on: the exit status and the text on standard error
// stay those of the same program without it.
//
// It costs nothing while nothing goes wrong: a deferred Recover is an empty call,
// and no goroutine waits. After a panic, Recover waits until the server has
// accepted the report, but for no longer than [WithFlushTimeout].
//
// With [WithSpool], a report is on disk before it is sent, and stays there until a
// server has accepted it, whether the network is down or the process is killed.
// Then the next run also reports what Recover can not see: a panic in a goroutine
// that did not defer it, and what the Go runtime ends itself, such as concurrent
// map writes. Without a spool, a report that no server has accepted is lost with
// the process.
//
// The smallest program:
//
//	func main() {
//		if err := sentry.Init(sentry.WithDSN(dsn)); err != nil {
//			log.Print(err)
//		}
//		defer sentry.Close()
//		defer sentry.Recover()
//		run()
//	}
//
// The person who runs the program can switch reporting off: with DO_NOT_TRACK=1 in
// the environment nothing is reported, whatever the program asks for.
//
// Everything that sentry-go does by itself works with this package. Its current hub
// reports through the library's client, so that its middlewares (net/http, gin,
// gRPC) and CaptureException are scrubbed and delivered in the same way. If the
// application has initialised sentry-go itself before Init, its client stays where
// it is.
package sentry

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/lifetime"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/settings"
)

// Init reports from here on as the options say. Without a DSN, in an
// environment that is not wanted, or with DO_NOT_TRACK=1 it is valid and
// silent. Called again, it replaces the configuration at once and then flushes
// the reports of the former one, for at most its flush timeout.
//
// On an error, which names all invalid options and never contains the DSN,
// nothing changes.
func Init(opts ...Option) error {
	c, err := newConfig(opts)
	if err := lifetime.Begin(c.Config, err); err != nil {
		return fmt.Errorf("init sentry: %w", err)
	}
	return nil
}

// MustInit is Init for programs that can not do without: it panics where Init
// returns an error.
func MustInit(opts ...Option) {
	if err := Init(opts...); err != nil {
		panic(err)
	}
}

// Close waits until the server has accepted all reports, for at most the flush
// timeout, and then switches reporting off: nothing is sent any more, neither
// through this package nor through a sentry-go hub that was cloned before. For a
// report that an earlier run has left, it waits for one attempt only.
//
// An error tells how many reports were not accepted, and why. With [WithSpool], it
// also tells how many of them stay there, to be sent by the next run. Close can be
// called again, and Init after it.
//
// os.Exit and log.Fatal do not run a deferred Close: call it before them. A program
// that always ends in this way within milliseconds sends nothing of what its earlier
// runs have left.
func Close() error {
	if err := lifetime.End(); err != nil {
		return fmt.Errorf("close sentry: %w", err)
	}
	return nil
}

// Flush waits for at most timeout until nothing is left to be sent. It returns
// true only if the server has accepted every report since the last Flush. With
// nothing to report, or with reporting off, it returns true at once.
func Flush(timeout time.Duration) bool {
	r := reporter.Current()
	return r == nil || r.Flush(timeout) == nil
}

// CrashedLastRun tells whether the previous run with the directory of
// [WithSpool] ended in a crash: a panic that nobody recovered, anything else for
// which the Go runtime ends a process, or the kernel's kill for too much memory, where
// its counters are evidence. With [WithSupervisor], also a signal by which the kernel
// or C code ends it, and with [WithExitReports] an exit status. It is false after any
// other kill, after os.Exit, and after a run that returned from main without [Close].
// It is also false without a spool, and while reporting is off.
func CrashedLastRun() bool { return lifetime.CrashedBefore() }

// WithTags puts tags on every report; a tag of the same name on the scope of a
// report wins. Sentry allows 200 characters in a name and in a value. Options
// with tags add up. [Init] returns an error for a name that Sentry does not take, see
// [SetTag]. By default, there are context.name and context.version, and
// vcs.revision where the go command has noted it in the build.
func WithTags(tags map[string]string) Option {
	tags = maps.Clone(tags)
	return optionFunc(func(c *config) {
		for _, key := range slices.Sorted(maps.Keys(tags)) {
			if problem := settings.TagProblem(key); problem != "" {
				c.fail(fmt.Sprintf("WithTags: the tag %.200q: %s", key, problem))
			}
		}
		if c.Reporter.Tags == nil {
			c.Reporter.Tags = make(map[string]string, len(tags))
		}
		maps.Copy(c.Reporter.Tags, tags)
	})
}

// SetTag puts a tag on every report from now on, also after a further Init; it
// wins over [WithTags]. An empty value removes it. Sentry allows 200 characters
// in a key and in a value, and in a key only the letters a to z and A to Z, digits
// and _ . : - . A tag with another key, which Sentry would discard or rename, is left
// out, with a line in the log of [WithLogger], and so is one more than 200.
// [WithOwnWords] does not take the value for safe, as it takes those of WithTags.
//
// There is one value for the process: of two goroutines that set the tag "job", the
// report of one has the value of the other. What belongs to a request or a job is set
// on a sentry-go hub, which [RecoverWithContext] and [GoWithContext] get with a context.
// For a crash that no guard sees, there are labels of the goroutine, see docs/ends.md.
func SetTag(key, value string) {
	problem := settings.TagProblem(key)
	if problem == "" {
		if err := reporter.SetTag(key, value); err != nil {
			problem = err.Error()
		}
	}
	if r := reporter.Current(); r != nil && problem != "" {
		r.Log().Warn("sentry: SetTag: the tag is left out", "problem", problem)
	}
}

// CountRequests counts the requests that h handles as sessions, too: as crashed if h
// panics, and as exited if it returns. A panic goes on, and [http.ErrAbortHandler] is
// none. The counts are sent at most once a minute while there are requests, and by
// [Close]; nothing but numbers, by the minute, is in them. While reporting is off, or
// without [WithReleaseHealth], nothing is counted.
func CountRequests(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		began := time.Now()
		returned := false
		defer func() {
			if returned {
				count(began, false)
				return
			}
			value := recover() // nil also after runtime.Goexit
			count(began, value != nil && value != http.ErrAbortHandler)
			if value != nil {
				panic(value)
			}
		}()
		h.ServeHTTP(w, req)
		returned = true
	})
}

func count(began time.Time, crashed bool) {
	if r := reporter.Current(); r != nil {
		r.Health().Request(began, crashed)
	}
}
