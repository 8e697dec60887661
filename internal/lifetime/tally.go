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
	untold  bool             // nobody was told that it has begun
	closed  *session.End     // nil while it goes on
}

// begin makes the session of the run. After a further Init, the former goes on.
func (t *tally) begin(r *reporter.Reporter, former *run) {
	switch {
	case !t.wanted:
	case former != nil && former.tally.session != nil:
		t.session, t.before, t.untold = former.tally.session, former.tally.before, former.tally.untold
	default:
		s := r.Health().New()
		t.session, t.before, t.untold = &s, reporter.Errors(), true
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
