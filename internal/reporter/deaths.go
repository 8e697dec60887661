package reporter

import (
	"errors"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/ledger"
)

// deaths are how a Reporter takes the deaths of other processes.
type deaths struct{ *Reporter }

// errNoDeath says that a crash text tells of no death.
var errNoDeath = errors.New("the crash output tells of no death")

func (r deaths) crash(d event.Death, notes ledger.Notes) (done bool) {
	if !r.gate.Allows() {
		r.Forget()
		return true
	}
	if !d.Tells() {
		r.log.Spool(errNoDeath)
		return true
	}
	e := r.builder.Death(d)
	if id, fate, ok := notes.Find(r.builder.KeysOf(d.Dump)); ok {
		if fate == ledger.Settled {
			return true
		}
		e.EventID = sentry.EventID(id) // the answer may have been lost, and not the report
	}
	reason, ok := r.builder.RuntimesReason(d)
	if !ok {
		reason = "" // it is the program's text
	}
	r.own.vouchDeath(e, d.Of, reason)
	return r.take(e)
}

func (r deaths) ending(end event.Ending) (done bool) {
	if !r.gate.Allows() {
		r.Forget()
		return true
	}
	e := r.builder.Ending(end)
	said := end.Text
	if end.Kill != nil {
		said = end.Kill.String()
	}
	r.own.vouchDeath(e, end.Of, said)
	return r.take(e)
}

// take brings the event of a death through the hooks to the sender.
func (r deaths) take(e *sentry.Event) (done bool) {
	id := string(e.EventID)
	r.ledger.BeginDeath(id)
	if r.isWithinLimit(e) {
		r.capture(e, r.plain(e), &sentry.EventHint{Data: anotherProcess}, sentry.NewScope())
	}
	r.ledger.SettleUnsent(id)
	if r.store != nil && r.ledger.IsOpen(id) {
		r.await(id)
	}
	return r.ledger.EndDeath(id)
}
