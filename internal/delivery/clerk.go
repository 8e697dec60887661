package delivery

import (
	"errors"
	"slices"

	"github.com/panicreport/sentry/internal/spool"
)

// A fate is how the life of a report ends in this process.
type fate struct {
	err  error        // nil for accepted
	why  spool.Reason // of a loss that the Store does not count
	safe bool         // nobody else has to report it
	told bool         // the log has it
}

// A clerk writes down what becomes of reports.
type clerk struct{ *Sender }

// drop settles everything that no worker has.
func (c clerk) drop(f fate) {
	for _, r := range slices.Clone(c.queue.line) {
		if r.sending.IsZero() {
			c.settle(r, f)
		}
	}
	c.bell.ring()
}

// dropRest settles what Close overtakes.
func (c clerk) dropRest() {
	for _, r := range slices.Clone(c.queue.line) {
		f := fate{err: errClosed, why: spool.NetworkError}
		if c.target.Store != nil && !r.spoiled {
			f.why = spool.CacheOverflow
		}
		c.settle(r, f)
	}
	c.bell.ring()
}

// giveUp drops a report for others.
func (c clerk) giveUp(r *report) {
	f := fate{err: errOverflow, why: spool.QueueOverflow}
	if stored := r.stored; stored != nil {
		r.stored, f.why = nil, ""
		c.mu.Later(func() { c.warn(r.id, stored.Drop(r.kind.lost(spool.CacheOverflow))) })
	}
	c.settle(r, f)
}

// settle ends the life of a report in this process.
func (c clerk) settle(r *report, f fate) {
	c.queue.leave(r)
	defer c.bell.ringFor(r.id)
	kept := r.stored != nil
	c.release(r)
	if !r.told {
		r.told = true
		c.mu.Later(func() { c.tell(r.id, f.safe || kept) })
	}
	if f.err == nil || errors.Is(f.err, errWithdrawn) {
		return
	}
	if errors.Is(f.err, errClosed) && r.last != nil {
		f.err = r.last
	}
	text := "sentry: report not accepted yet, it stays in the spool"
	if !kept {
		text = notAccepted
		if r.kind != Count { // it is no report
			c.lost.add(f.err)
		}
		c.account.lose(r.kind.lost(f.why))
	}
	if !f.told {
		c.mu.Later(func() { c.complain(text, r, f.err) })
	}
}

const notAccepted = "sentry: report not accepted"

func (c clerk) complain(text string, r *report, err error) {
	c.target.Logger.Warn(text, "event_id", r.id, "attempts", r.tries, "reason", err.Error())
}

// tellSafe tells that a report is safe, if nobody has been told of it.
func (c clerk) tellSafe(r *report) {
	c.mu.Lock()
	told := r.told
	r.told = true
	c.mu.Unlock()
	if !told {
		c.tell(r.id, true)
	}
}

func (c clerk) tell(id string, safe bool) {
	if c.target.Settled != nil {
		c.target.Settled(id, safe)
	}
}

// release gives a stored report back for a later run.
func (c clerk) release(r *report) {
	if stored := r.stored; stored != nil {
		r.stored = nil
		c.mu.Later(func() { c.warn(r.id, stored.Release()) })
	}
}

// warn logs an error about a report, if there is one, without the lock.
func (c clerk) warn(id string, err error) {
	if err != nil {
		c.target.Logger.Warn("sentry: trouble with the spool", "event_id", id, "reason", err.Error())
	}
}
