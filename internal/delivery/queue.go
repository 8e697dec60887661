package delivery

import (
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/spool"
)

// backoffs are the pauses after each failed attempt but the last. The first two
// let a server that restarts be met again within the five seconds that a dying
// process waits; the others leave one in trouble alone.
var backoffs = [spool.MaxAttempts - 1]time.Duration{500 * time.Millisecond, 2 * time.Second, time.Minute, 30 * time.Minute}

// A report is one on its way.
type report struct {
	id        string
	envelope  []byte
	attempts  int // that count
	unreached int // attempts since, that met no server
	due       time.Time
	keep      bool          // to be stored
	left      bool          // by an earlier run
	tried     bool          // by this one
	stored    *spool.Report // nil in memory only
}

// A queue is what waits, in memory, and when it is due. It has no lock: that of
// the Sender is held for all of its methods.
type queue struct {
	waiting  map[string]*report // by event id, until settled
	line     []*report          // those of them that no worker has, oldest first
	paused   time.Time          // the server's own rate limit
	backoffs [spool.MaxAttempts - 1]time.Duration
}

// add puts a report at the end of the line.
func (q *queue) add(r *report) {
	q.waiting[r.id] = r
	q.line = append(q.line, r)
}

// take removes the first report that is due from the line. If there is none,
// next is the time when there will be one, or zero.
func (q *queue) take(now time.Time) (r *report, next time.Time) {
	for i, r := range q.line {
		due := q.due(r)
		if !due.After(now) {
			q.line = append(q.line[:i:i], q.line[i+1:]...)
			return r, time.Time{}
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return nil, next
}

// due is when a report may be tried.
func (q *queue) due(r *report) time.Time {
	if q.paused.After(r.due) {
		return q.paused
	}
	return r.due
}

// leave takes a report out of the line.
func (q *queue) leave(r *report) {
	q.line = slices.DeleteFunc(q.line, func(other *report) bool { return other == r })
}

// backoff is the pause before the next attempt.
func (q *queue) backoff(r *report) time.Duration {
	n := r.attempts + r.unreached
	return q.backoffs[min(max(n, 1), len(q.backoffs))-1]
}

// networkIsBack lets the reports that met no server be tried again at once.
func (q *queue) networkIsBack() {
	for _, r := range q.line {
		if r.unreached > 0 {
			r.unreached, r.due = 0, time.Time{}
		}
	}
}

// stored counts the reports that survive the process.
func (q *queue) stored() (n int) {
	for _, r := range q.waiting {
		if r.stored != nil {
			n++
		}
	}
	return n
}

// oldestStored is the oldest of those in the line that survive the process, or
// nil.
func (q *queue) oldestStored() (oldest *report) {
	for _, r := range q.line {
		if r.stored != nil && (oldest == nil || r.stored.Created().Before(oldest.stored.Created())) {
			oldest = r
		}
	}
	return oldest
}
