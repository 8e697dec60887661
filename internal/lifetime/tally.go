package lifetime

import (
	"time"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/session"
)

// A tally is how a run counts in the health of its release.
type tally struct {
	wanted  bool
	session *session.Session // nil before begin, or if it is not wanted
	before  int              // errors of the process before the session
	closed  *session.End     // nil while it goes on
}

// begin tells that the run has begun. After a further Init, it goes on.
func (t *tally) begin(r *reporter.Reporter, former *run) {
	switch {
	case !t.wanted:
	case former != nil && former.tally.session != nil:
		t.session, t.before = former.tally.session, former.tally.before
	default:
		s := r.Health().Begin()
		t.session, t.before = &s, reporter.Errors()
	}
}

// close returns how the run has ended, well; nil if it does not count.
func (t *tally) close() *session.End {
	if t.session == nil {
		return nil
	}
	now := time.Now()
	t.closed = &session.End{
		Status: ending.Exited, At: now, Errors: reporter.Errors() - t.before, Ran: now.Sub(t.session.Started),
	}
	return t.closed
}
