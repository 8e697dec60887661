package sentry

import (
	"net/http"
	"time"

	"github.com/panicreport/sentry/internal/reporter"
)

// WithExitReports also reports an exit status that is not 0, of a program that did
// not call [Close] before: one that ends by log.Fatal, for example. It needs
// [WithSupervisor], because nobody else learns the exit status. The report has the
// last 20 lines of standard error, scrubbed, in its context "standard_error", and the
// last of them as its text, unless [WithoutMessages] is given. Where standard error is
// a terminal, a socket, or the same file as standard output, there are no lines.
// By default, an exit status is nobody's business.
func WithExitReports() Option {
	return optionFunc(func(c *config) { c.ExitReports = true })
}

// WithReleaseHealth counts how runs of the program end, so that Sentry can tell the
// share of those without a crash, by release. Each run is a session: one small
// envelope tells of its start, soon after [Init], and one of its end, with a status:
//
//	exited     it came to Close
//	errored    the same, and it had reported errors (the server counts it so)
//	crashed    it died of a crash, of too much memory, or of another fault of its own
//	abnormal   it ended without a word, and nobody knows why
//
// docs/release-health.md shows every byte. There is nothing in it about the person who
// runs the program: the id is random, and of one run. A further Init goes on with the
// session. A run that ends without [Close] is told of by its monitor or supervisor, or
// by the next Init with the same spool; so it needs [WithSpool], in which at most 200
// such envelopes wait for the network.
// By default, runs are not counted.
func WithReleaseHealth() Option {
	return optionFunc(func(c *config) { c.Reporter.ReleaseHealth = true })
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
