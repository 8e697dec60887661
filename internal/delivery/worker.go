package delivery

import (
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/spool"
)

const (
	// minWorkers send at a time: enough to hide the latency of a few panics. For a
	// storm there are more, one for each reportsPerWorker that wait, up to
	// maxWorkers: few enough for one Sentry project.
	minWorkers       = 4
	maxWorkers       = 32
	reportsPerWorker = 8
)

// brokenOff is how long an attempt must have taken for its breaking off by Close to
// count as a failure: a program that ends at once says nothing of the server.
const brokenOff = time.Second

// A worker delivers reports until none is due.
type worker struct{ *Sender }

// run leaves a timer for what is not due yet.
func (w worker) run() {
	defer contain.Panic()
	w.mu.Lock()
	defer w.mu.Unlock()
	//lint:ignore lintpanics contain.Panic only logs: who is woken before it misses no report
	defer w.left()
	for w.ctx.Err() == nil {
		r, next := w.queue.take(time.Now())
		if r == nil {
			w.wakeAt(next)
			return
		}
		var o outcome
		w.mu.Free(func() {
			o = w.server.attempt(w.ctx, r.envelope)
			if o.verdict == accepted {
				clerk(w).tellSafe(r)
			}
		})
		record, then := w.judge(r, o)
		w.mu.Free(record) // before anybody hears of it: the process may end then
		then()
		w.queue.back(r, time.Now())
		w.after++ // Flush waits for what follows, and a panic does not
		w.tell(r, o)
		w.start() // an outage that is over has work for others
		w.mu.Free(func() {
			if o.verdict == accepted {
				w.tellLost()
			}
		})
		w.after--
		w.bell.ringFor("")
	}
}

// left is called with the lock held.
func (w worker) left() {
	w.workers--
	w.bell.ringFor("")
}

// tell rings for those who wait for r, and if the attempt tells of the server, for all.
func (w worker) tell(r *report, o outcome) {
	if o.verdict == accepted && o.pause.IsZero() && o.noCounts.IsZero() {
		w.bell.ringFor(r.id)
	} else {
		w.bell.ring()
	}
}

// wakeAt starts a worker at a time.
func (w worker) wakeAt(next time.Time) {
	if next.IsZero() {
		return
	}
	if w.wake != nil {
		w.wake.Stop()
	}
	w.wake = time.AfterFunc(time.Until(next), func() {
		defer contain.Panic()
		w.mu.Lock()
		defer w.mu.Unlock()
		w.start()
	})
}

// tellLost tells the server how many reports it never got: it is there now. A
// kill between the count's leaving the Store and the server's answer loses the
// count. The other way round it would be told twice, and a client report has no
// id by which the server would know.
func (w worker) tellLost() {
	lost, err := w.account.takeAll()
	w.target.Logger.Spool(err)
	if len(lost) == 0 {
		return
	}
	if o := w.server.attempt(w.ctx, clientReport(lost, time.Now())); o.verdict != accepted {
		// To be tried again after the next delivery, or left to the next run.
		w.account.add(lost)
	}
}

// judge decides what becomes of a report after an attempt. It returns what is to be
// written down of that, without the lock, and what is to be done then.
func (w worker) judge(r *report, o outcome) (record, then func()) {
	now := time.Now()
	took := now.Sub(r.sending)
	w.queue.paused = later(w.queue.paused, o.pause)
	w.queue.noCounts = later(w.queue.noCounts, o.noCounts)
	r.tries++
	nothing := func() {}
	switch {
	case o.verdict == accepted:
		remove, recovered, pause := w.removing(r), w.recovering(), w.pausing(o)
		return func() { remove(); recovered(); pause() }, func() { clerk(w).settle(r, fate{safe: true}) }
	case o.verdict == withdrawn:
		remove, f := w.removing(r), fate{err: errWithdrawn, safe: true}
		return func() { remove(); w.clear() }, func() { clerk(w).settle(r, f); clerk(w).drop(f) }
	case o.verdict == refused:
		return w.refusing(r, o)
	case o.verdict == limited && w.queue.pausedFor(r.kind).Sub(now) >= firstBackoff:
		r.last = o.err
		return w.pausing(o), nothing
	case w.ctx.Err() != nil && took < brokenOff:
		r.last = r.reason()
		return nothing, nothing
	default:
		return w.failing(r, o, now, took), nothing
	}
}

// failing notes a failure, and a limit that asks for no pause, where the runs to come see it too. There was no server
// to be asked if the network is down: that costs the next run nothing.
func (w worker) failing(r *report, o outcome, now time.Time, took time.Duration) (record func()) {
	hung := w.ctx.Err() != nil || took >= slowAnswer
	if w.ctx.Err() != nil {
		o.err = errNoAnswer
	}
	w.queue.failed(r, now, hung, o.err)
	store := w.target.Store
	if store == nil || o.verdict == unreached && !hung {
		return func() {}
	}
	outage := spool.Outage{Failures: w.queue.failures, RetryAt: w.queue.retryAt, Hung: w.queue.hung}
	pauses := o.pause
	if r.kind == Count {
		pauses = o.noCounts
	}
	stored, notBefore, pause := r.stored, later(r.due, pauses), w.pausing(o)
	return func() {
		pause()
		w.note(func() error { return store.NoteOutage(outage) })
		if stored != nil {
			clerk(w).warn(r.id, stored.Attempted(notBefore))
		}
	}
}

// recovering ends an outage, if there was one.
func (w worker) recovering() (record func()) {
	if w.queue.failures == 0 {
		return func() {}
	}
	w.queue.succeeded()
	w.bell.ring()
	return func() { w.note(func() error { return w.target.Store.NoteOutage(spool.Outage{}) }) }
}

// refusing gives up what the server will never accept. The log has it before anybody
// hears of it: nothing else tells of a wrong DSN.
func (w worker) refusing(r *report, o outcome) (record, then func()) {
	f := fate{err: o.err, safe: true, told: true}
	drop := func() {}
	if stored := r.stored; stored != nil {
		r.stored, r.leaving = nil, true
		drop = func() { clerk(w).warn(r.id, stored.Drop(r.kind.lost(spool.SendError))) }
	} else {
		f.why = spool.SendError
	}
	return func() { drop(); clerk(w).complain(notAccepted, r, o.err) }, func() { clerk(w).settle(r, f) }
}

// removing takes a report from the disk.
func (w worker) removing(r *report) (record func()) {
	stored := r.stored
	r.stored, r.leaving = nil, stored != nil
	return func() {
		if stored != nil {
			clerk(w).warn(r.id, stored.Remove())
		}
	}
}

// pausing keeps the rate limit of the server over a restart: a program that crashes
// in a loop would ask again each time.
func (w worker) pausing(o outcome) (record func()) {
	if o.pause.IsZero() {
		return func() {}
	}
	return func() { w.note(func() error { return w.target.Store.Pause(o.pause) }) }
}

// note writes something down for the runs to come. Nothing is left of it if consent is
// withdrawn, before or meanwhile.
func (w worker) note(write func() error) {
	if w.target.Store == nil || !w.target.Allowed() {
		return
	}
	w.target.Logger.Spool(write())
	if !w.target.Allowed() {
		w.clear()
	}
}

func (w worker) clear() {
	if store := w.target.Store; store != nil {
		w.target.Logger.Spool(store.Clear())
	}
}
