package delivery

import (
	"errors"
	"math"
	"slices"
	"time"
)

const (
	// maxQueued reports wait in memory, with maxQueuedBytes at most: a storm of
	// panics is many times the same report.
	maxQueued      = 1024
	maxQueuedBytes = 16 << 20

	// firstBackoff lets a server that restarts be met again within the seconds that
	// a dying process waits; maxBackoff leaves one alone that is in trouble for
	// days. Each pause is twice the one before, so that a report waits for no longer
	// after an outage than the outage has lasted.
	firstBackoff = 500 * time.Millisecond
	maxBackoff   = 6 * time.Hour

	// freshGap is between the attempts at new reports during an outage: the server
	// may be back, and a new report is as good to find that out as any.
	freshGap = time.Second
)

// Why a queue gives reports up.
var (
	errOverflow = errors.New("too many reports are waiting")
	errSurplus  = errors.New("there is no more room in the spool") // later reports have its place
)

// A queue decides which report is sent, stored or given up next, and when. It has
// neither goroutines nor a lock, and asks no clock: its caller does.
type queue struct {
	most    map[Kind]int // reports that are kept on disk, of each kind; none without a disk
	waiting map[string]*report
	line    []*report // those that wait, the oldest first
	bytes   int       // of their envelopes

	paused   time.Time // by the server, for reports
	noCounts time.Time // the same for how runs go
	failures int       // of attempts in a row: an outage
	retryAt  time.Time // during an outage, nothing before this
	lastTry  time.Time // the end of the last attempt
	lastFail time.Time // the same of one that failed
	hung     bool      // the last failure was no answer at all
	trying   int       // attempts under way

	random func() float64 // in [0, 1)
}

func newQueue(most map[Kind]int, random func() float64) *queue {
	return &queue{most: most, waiting: make(map[string]*report), random: random}
}

// add puts a report at the end of the line, and returns those that have to go for
// it.
func (q *queue) add(r *report) (surplus []*report) {
	q.waiting[r.id] = r
	q.line = append(q.line, r)
	q.bytes += len(r.envelope)
	for len(q.line) > maxQueued || q.bytes > maxQueuedBytes {
		victim := q.victim()
		if victim == nil {
			break
		}
		q.leave(victim)
		surplus = append(surplus, victim)
	}
	return surplus
}

// hasRoom tells whether nobody has to go for a report more, nor for those that others
// are making meanwhile.
func (q *queue) hasRoom() bool {
	return len(q.line) < maxQueued*7/8 && q.bytes < maxQueuedBytes*7/8
}

// victim is the oldest report that is not worth as much as others.
func (q *queue) victim() *report {
	for _, kind := range kinds {
		for _, r := range q.line[:len(q.line)-1] {
			if r.kind == kind && r.sending.IsZero() && r.storing.IsZero() {
				return r
			}
		}
	}
	return nil
}

// leave takes a report out.
func (q *queue) leave(r *report) {
	if q.waiting[r.id] != r {
		return
	}
	delete(q.waiting, r.id)
	q.line = slices.DeleteFunc(q.line, func(other *report) bool { return other == r })
	q.bytes -= len(r.envelope)
}

// take returns the report that is to be sent now, and takes it to be under way. If
// there is none, next is the time when there may be one, or zero.
func (q *queue) take(now time.Time) (r *report, next time.Time) {
	if q.failures > 0 {
		r, next = q.probe(now)
	} else {
		r, next = q.first(now)
	}
	if r != nil {
		r.sending = now
		q.trying++
		return r, time.Time{}
	}
	return nil, next
}

// first is the oldest report that is due.
func (q *queue) first(now time.Time) (r *report, next time.Time) {
	for _, r := range q.line {
		switch at := q.readyAt(r, now); {
		case at.IsZero():
		case !at.After(now):
			return r, time.Time{}
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	return nil, next
}

// probe is one report at a time, to find out whether the outage is over: the one
// that was tried least. A new report need not wait for the end of the pause.
func (q *queue) probe(now time.Time) (probe *report, next time.Time) {
	if q.trying > 0 {
		return nil, time.Time{}
	}
	for _, r := range q.line {
		at := q.readyAt(r, now)
		if at.IsZero() {
			continue
		}
		pause := q.retryAt
		if r.attempts == 0 && !r.left {
			pause = earlier(pause, q.lastTry.Add(freshGap))
		}
		at = later(at, pause)
		switch {
		case at.After(now) && (next.IsZero() || at.Before(next)):
			next = at
		case !at.After(now) && (probe == nil || r.attempts < probe.attempts):
			probe = r
		}
	}
	return probe, next
}

// readyAt is when a report can be tried, outages apart. It is zero for one that is
// under way, or on its way to the disk.
func (q *queue) readyAt(r *report, now time.Time) time.Time {
	switch {
	case !r.sending.IsZero():
		return time.Time{}
	case !r.storing.IsZero():
		return r.storing.Add(slowDisk)
	default:
		return later(later(later(r.due, r.hold), q.pausedFor(r.kind)), now.Add(-1))
	}
}

// pausedFor is until when the server wants none of a kind.
func (q *queue) pausedFor(kind Kind) time.Time {
	if kind == Count {
		return q.noCounts
	}
	return q.paused
}

// dueAt is when a report will be tried, as far as it is known.
func (q *queue) dueAt(r *report) time.Time {
	at := later(later(r.due, r.hold), q.pausedFor(r.kind))
	if q.failures > 0 && (r.left || r.attempts > 0) {
		at = later(at, q.retryAt)
	}
	return at
}

// failed notes that an attempt has failed. A report that fails while others are
// accepted is no sign of an outage. Attempts that were under way at the same time
// are one failure, and an attempt before the end of the pause is none.
func (q *queue) failed(r *report, now time.Time, hung bool, why error) {
	again := r.attempts > 0 && q.failures == 0
	r.attempts++
	r.last = why
	r.spoiled = false // the disk may have room by now
	if again || r.alone > 0 {
		r.alone++
		r.due = now.Add(q.backoff(r.alone))
		return
	}
	if r.sending.Before(q.lastFail) || now.Before(q.retryAt) { // or a new report, that did not wait
		return
	}
	q.failures++
	q.hung = hung
	q.lastFail = now
	q.retryAt = now.Add(q.backoff(q.failures))
}

// back ends an attempt; the report goes on waiting.
func (q *queue) back(r *report, now time.Time) {
	r.sending = time.Time{}
	r.tried = true
	q.trying--
	q.lastTry = now
}

// succeeded notes that the server has accepted a report: what waits only because of
// earlier failures is tried at once.
func (q *queue) succeeded() {
	q.failures, q.retryAt, q.hung = 0, time.Time{}, false
}

// backoff is the pause after so many failures.
func (q *queue) backoff(failures int) time.Duration {
	pause := math.Ldexp(float64(firstBackoff), failures-1)
	pause = min(pause, float64(maxBackoff))
	return time.Duration(pause * (1 + q.random()) / 2)
}

// isFailing tells whether there is an outage, or one attempt takes so long that it
// may be one.
func (q *queue) isFailing(now time.Time) bool {
	return q.failures > 0 || slices.ContainsFunc(q.line, func(r *report) bool { return r.isSlow(now) })
}

// isStoring tells whether a report is on its way to a disk that works.
func (q *queue) isStoring(now time.Time) bool {
	return slices.ContainsFunc(q.line, func(r *report) bool { return r.isBeingStored(now) })
}

// isDiskHanging tells whether the disk has not taken a report for long: the next will
// fare no better.
func (q *queue) isDiskHanging(now time.Time) bool {
	return slices.ContainsFunc(q.line, func(r *report) bool { return !r.storing.IsZero() && !r.isBeingStored(now) })
}

// untilSlow is when isFailing or isStoring may change without anything happening.
func (q *queue) untilSlow(now time.Time) time.Duration {
	wait := time.Second // or whoever waits has waited long enough
	for _, r := range q.line {
		if !r.sending.IsZero() && !r.isSlow(now) {
			wait = min(wait, r.sending.Add(slowAnswer).Sub(now))
		}
		if r.isBeingStored(now) {
			wait = min(wait, r.storing.Add(slowDisk).Sub(now))
		}
	}
	return wait
}

// hurry ends the waiting for another process.
func (q *queue) hurry() {
	for _, r := range q.line {
		r.hold = time.Time{}
	}
}

// toStore returns the report that is to be stored next. While the server answers,
// that is the oldest for which there is room: the others are sent from memory.
// During an outage, the newest are on disk.
func (q *queue) toStore(now time.Time) *report {
	for kind, most := range q.most {
		newest := q.newest(kind, most)
		if q.isFailing(now) || q.pausedFor(kind).After(now) {
			for _, r := range newest {
				if r.isStorable() {
					return r
				}
			}
			continue
		}
		if q.onDisk(kind) >= most {
			continue
		}
		for _, r := range q.line {
			if r.kind == kind && r.isStorable() {
				return r
			}
		}
	}
	return nil
}

// crowdedOut returns the oldest stored report that has to give way: there are more
// than may be.
func (q *queue) crowdedOut() *report {
	for kind, most := range q.most {
		if q.onDisk(kind) <= most {
			continue
		}
		for _, r := range q.line {
			if r.kind == kind && r.stored != nil && r.sending.IsZero() {
				return r
			}
		}
	}
	return nil
}

// newest are the newest reports of a kind that are to be kept, the newest first.
func (q *queue) newest(kind Kind, most int) (reports []*report) {
	for _, r := range slices.Backward(q.line) {
		if r.kind == kind && r.keep && !r.spoiled && len(reports) < most {
			reports = append(reports, r)
		}
	}
	return reports
}

// onDisk counts the reports of a kind that are stored, still or soon.
func (q *queue) onDisk(kind Kind) (n int) {
	for _, r := range q.line {
		if r.kind == kind && (r.stored != nil || r.leaving || !r.storing.IsZero()) {
			n++
		}
	}
	return n
}

// stored counts the reports that survive the process.
func (q *queue) stored() (n int) {
	for _, r := range q.line {
		if r.stored != nil {
			n++
		}
	}
	return n
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
