package delivery

import (
	"errors"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/spool"
)

// A worker delivers reports until none is due.
type worker struct{ *Sender }

// run leaves a timer for what is not due yet.
func (w worker) run() {
	defer contain.Panic()
	w.mu.Lock()
	defer w.unlock()
	for w.ctx.Err() == nil {
		r, next := w.queue.take(time.Now())
		if r == nil {
			w.wakeAt(next)
			break
		}
		w.unlock()
		outcome := w.server.attempt(w.ctx, r.envelope)
		w.record(r, &outcome)
		w.mu.Lock()
		w.judge(r, outcome)
		w.building++ // Flush waits for what follows, and a panic does not
		w.unlock()
		if outcome.verdict == accepted {
			w.tellLost()
		}
		w.mu.Lock()
		w.building--
		w.notify()
	}
	w.workers--
	w.notify()
}

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
	w.warn("", err)
	if len(lost) == 0 {
		return
	}
	if o := w.server.attempt(w.ctx, clientReport(lost, time.Now())); o.verdict != accepted {
		// To be tried again after the next delivery, or left to the next run.
		w.account.lose(lost)
	}
}

// judge decides what becomes of a report after an attempt.
func (w worker) judge(r *report, o outcome) {
	r.tried = true
	if o.pause.After(w.queue.paused) {
		w.queue.paused = o.pause
	}
	switch {
	case o.verdict == accepted:
		w.settle(r, "", nil)
		w.queue.networkIsBack()
	case o.verdict == withdrawn:
		w.settle(r, "", errWithdrawn)
		w.drop(errWithdrawn)
	case o.verdict == refused:
		w.settle(r, o.why, o.err)
	case w.ctx.Err() != nil:
		w.settle(r, spool.NetworkError, errClosed)
	case o.verdict == limited:
		w.queue.line = append(w.queue.line, r)
	case r.attempts >= spool.MaxAttempts:
		w.settle(r, o.why, o.err)
	default:
		r.due = time.Now().Add(w.queue.backoff(r))
		w.queue.line = append(w.queue.line, r)
	}
	w.notify()
}

// record writes the outcome of an attempt down, without the lock: it is slow.
func (w worker) record(r *report, o *outcome) {
	if w.ctx.Err() != nil && (o.verdict == failed || o.verdict == unreached) {
		return // it was broken off by Close
	}
	if o.verdict != accepted && o.verdict != refused && o.verdict != withdrawn {
		_ = keeper(w).store(r) // the disk may have room by now
	}
	if o.verdict == unreached && r.stored == nil {
		o.verdict = failed // memory is not for ninety days
	}
	switch o.verdict {
	case unreached:
		r.unreached++
	case failed:
		r.attempts++
		o.why = spool.NetworkError
	case refused:
		o.why = spool.SendError
	}
	if o.verdict == accepted && w.target.Accepted != nil {
		w.target.Accepted(r.id)
	}
	w.warn(r.id, w.recordReport(r, o))
	w.warn("", w.recordPause(o))
}

func (w worker) recordReport(r *report, o *outcome) (err error) {
	stored := r.stored
	if stored == nil {
		if o.verdict == withdrawn && w.target.Store != nil {
			return w.target.Store.Clear()
		}
		return nil
	}
	switch o.verdict {
	case accepted:
		err = stored.Remove()
	case refused:
		o.why, err = "", stored.Drop(spool.SendError)
	case withdrawn:
		err = errors.Join(stored.Remove(), w.target.Store.Clear())
	case failed:
		// On disk, where the runs to come see it.
		var kept bool
		if kept, err = stored.Attempted(latest(time.Now().Add(w.queue.backoff(r)), o.pause)); kept {
			return err
		}
		o.why, r.attempts = "", spool.MaxAttempts
	default:
		return nil
	}
	keeper(w).holds(r, nil)
	return err
}

// recordPause keeps the rate limit of the server over a restart: a program that
// crashes in a loop would ask again each time.
func (w worker) recordPause(o *outcome) error {
	if w.target.Store == nil || o.pause.IsZero() {
		return nil
	}
	return w.target.Store.Pause(o.pause)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
