package delivery

import (
	"time"

	"github.com/panicreport/sentry/internal/spool"
)

const (
	// slowAnswer is how long an attempt may take until the server is suspected not
	// to answer at all.
	slowAnswer = 5 * time.Second

	// slowDisk is how long a report may be on its way to the disk until it is sent
	// without.
	slowDisk = 2 * time.Second
)

// A Kind says what a report is worth.
type Kind int

const (
	Crash Kind = iota
	Event      // of the application's: it gives way to crashes, and has bounds of its own
	Count      // how a run goes: it gives way to both, and nobody waits long for it
)

// kinds are all, the least worth first.
var kinds = []Kind{Count, Event, Crash}

// lost is the reason for a loss of this kind.
func (k Kind) lost(why spool.Reason) spool.Reason {
	if k == Count && why != "" {
		return why.OfSessions()
	}
	return why
}

// A report is one on its way.
type report struct {
	id       string
	envelope []byte
	kind     Kind
	keep     bool // to be stored
	left     bool // by an earlier run

	tries    int       // attempts, whatever came of them
	attempts int       // that failed
	alone    int       // of those: while others were accepted
	tried    bool      // by this run
	due      time.Time // not before, after a failure
	hold     time.Time // not before, because another process may send it
	last     error     // why the last attempt failed

	sending time.Time // since when; zero if not
	storing time.Time // the same for the disk
	spoiled bool      // the disk would not take it
	stored  stored    // nil in memory only
	leaving bool      // its file is there until the report has left the queue
	told    bool      // Target.Settled was called
}

// reason is why the report was not accepted yet; nil if it was not tried.
func (r *report) reason() error {
	if r.last == nil && !r.sending.IsZero() {
		return errNoAnswer
	}
	return r.last
}

// isSlow tells whether an attempt takes long.
func (r *report) isSlow(now time.Time) bool {
	return !r.sending.IsZero() && now.Sub(r.sending) >= slowAnswer
}

func (r *report) isBeingStored(now time.Time) bool {
	return !r.storing.IsZero() && now.Sub(r.storing) < slowDisk
}

func (r *report) isStorable() bool {
	return r.keep && r.stored == nil && !r.spoiled && r.storing.IsZero() && r.sending.IsZero()
}
