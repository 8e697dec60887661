// Package gate is the one place that says no: to all reporting, for the person
// who runs the program or for its environment; to a report, for consent that is
// not given or for one crash that comes too often. What was refused is neither
// built nor stored nor sent; to see to that is the caller's part.
package gate

import (
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/panicreport/sentry/internal/limit"
)

// DoNotTrack is the switch of the person who runs the program. The convention
// knows only 1; any other yes is taken as such. https://consoledonottrack.com
func DoNotTrack() bool {
	switch strings.ToLower(strings.TrimSpace(os.Getenv("DO_NOT_TRACK"))) {
	case "", "0", "false", "no":
		return false
	default:
		return true
	}
}

// IsWanted tells whether an environment is one of names. An empty list is all.
func IsWanted(environment string, names []string) bool {
	return len(names) == 0 || slices.Contains(names, environment)
}

// A Counts counts over processes and runs, as the notes of a spool do.
type Counts interface {
	Allow(key string, rate limit.Rate) (leftOut int, ok bool, err error)
}

// A Gate asks for consent, and counts reports. It may be used from several
// goroutines.
type Gate struct {
	consent func() bool
	rate    limit.Rate
	counts  Counts        // nil in memory only
	failed  func(error)   // of counts
	counter limit.Counter // without counts, or a disk
}

// New returns a Gate. consent may be nil, for given. counts may be nil; failed is
// told when they can not be had.
func New(consent func() bool, rate limit.Rate, counts Counts, failed func(error)) *Gate {
	return &Gate{consent: consent, rate: rate, counts: counts, failed: failed}
}

// Allows asks for consent. The application's function may panic, which is no
// yes.
func (g *Gate) Allows() (given bool) {
	if g.consent == nil {
		return true
	}
	defer func() {
		if recover() != nil {
			given = false
		}
	}()
	return ask(g.consent)
}

// ask is by itself so that IsAsking finds it.
//
//go:noinline
func ask(consent func() bool) bool { return consent() }

// IsAsking tells whether it is the application's consent function that has called,
// directly or not.
func IsAsking() bool {
	var pcs [256]uintptr // a consent function is not called from the deep
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs[:])])
	for {
		frame, more := frames.Next()
		if strings.HasSuffix(frame.Function, "/internal/gate.ask") {
			return true
		}
		if !more {
			return false
		}
	}
}

// Count counts a crash with this key and tells whether it may be reported. If it
// may, leftOut is how many were not since the last that was.
func (g *Gate) Count(key string) (leftOut int, ok bool) {
	if g.rate.Per == 0 {
		return 0, true
	}
	if g.counts == nil {
		return g.counter.Allow(key, g.rate)
	}
	leftOut, ok, err := g.counts.Allow(key, g.rate)
	if err != nil {
		g.failed(err)
		return g.counter.Allow(key, g.rate)
	}
	return leftOut, ok
}
