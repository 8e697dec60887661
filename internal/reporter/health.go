package reporter

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/session"
)

// Health tells the server how runs go. It works as its Reporter does: with consent
// only, by the spool, and with bounds of its own.
type Health struct{ reporter *Reporter }

// reported are the errors that this process has reported, whatever reporter did.
var reported atomic.Int64

// requests are those that this process has handled, and not told.
var requests session.Requests

// Errors is how many errors this process has reported.
func Errors() int { return int(reported.Load()) }

// New returns the session of a run, of which nobody is told yet.
func (h Health) New() session.Session {
	p := h.reporter.program
	return session.New(p.Release, p.Environment, time.Now())
}

// Begin tells of a run. It returns when that is on disk, or no disk takes it: nobody is
// to hear of the end of a run without its start.
func (h Health) Begin(s session.Session) {
	id, data := s.Start()
	h.tell(id, data, startPause)
}

// startPause lets what else there is to do at a start go first. A run that ends before
// that is told of at once.
const startPause = time.Second

// End tells how a run has ended.
func (h Health) End(s session.Session, e session.End) {
	id, data := s.End(e)
	h.tell(id, data, 0)
}

// EndUntold tells of a run that has died before it could, or when it was about to: what
// is told of twice is one envelope.
func (h Health) EndUntold(s session.Session, e session.End) {
	id, data := s.Start()
	h.tell(id, data, 0)
	h.End(s, e)
}

// Request counts a request that has been handled. Now and then it tells of those that
// were.
func (h Health) Request(began time.Time, crashed bool) {
	if h.reporter.config.ReleaseHealth && requests.Add(began, crashed) {
		h.reporter.While(h.TellRequests)
	}
}

// LookAfter tells of requests when nobody comes any more who would.
func (h Health) LookAfter() {
	if requests.IsDue(time.Now()) {
		h.TellRequests()
	}
}

// TellRequests tells of the requests that were counted.
func (h Health) TellRequests() {
	p := h.reporter.program
	if data := requests.Take(p.Release, p.Environment); data != nil {
		h.tell(string(event.NewID()), data, 0)
	}
}

func (h Health) tell(id string, data []byte, pause time.Duration) {
	r := h.reporter
	if !r.gate.Allows() {
		return
	}
	r.sender.Tally(id, data, pause)
	ctx, cancel := context.WithTimeout(r.ctx, DiskWait)
	defer cancel()
	r.sender.WaitStored(ctx, id)
}
