// Package delivery brings reports to a Sentry server: it queues them, keeps them on
// disk, makes attempts, understands the server's answers, and tells what became of
// each report.
//
// A report is opaque bytes under the event's id, and is delivered at least once:
// when an answer is lost, the server is sent the same bytes again and knows them
// by the id. It is tried until the server accepts or refuses it, or until it is too
// old or others need its place. While the server answers, everything is delivered,
// from memory where the disk has no room. During an outage, one report at a time is
// tried, with growing pauses; the first that is accepted lets the others go at once.
// With a [spool.Store], what is not delivered stays for the next run: the newest
// reports, as many as the store keeps.
//
// Delivery does not look into a report, and it asks [Target].Allowed before each
// attempt. A few goroutines send and two store, however many reports there are;
// there is none while there is nothing to do.
//
//	s := delivery.NewSender(delivery.Target{URL: url, Auth: auth, Client: client, Allowed: allowed, Logger: log, Store: store})
//	defer s.Close()
//	s.Keep(id, envelope, delivery.Crash)
//	s.Wait(ctx, id) // until it is safe, or given up
package delivery

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/spool"
)

const (
	// maxStorers write to the disk at a time, which does not get faster by more.
	maxStorers = 2

	// closeWait bounds Close where a disk hangs, or takes long for what is to stay
	// behind. All else in Close ends at once.
	closeWait = slowDisk

	// resumeWait is how long Flush waits for the disk.
	resumeWait = 5 * time.Second
)

// A Sender delivers reports to its target in the background. It is safe for
// concurrent use.
type Sender struct {
	target Target
	server server
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu       lock
	bell     bell                // rung when the state below changes
	building map[string]struct{} // reports that are being made
	queue    *queue
	closing  bool
	leaveFor time.Duration
	workers  int
	after    int // workers that do what follows an attempt
	storers  int
	wake     *time.Timer // for the queue
	resumes  int         // calls of Resume
	busy     sync.WaitGroup

	lost    balance // since the last Flush
	account account
}

// NewSender returns a Sender for target.
func NewSender(target Target) *Sender {
	if target.random == nil {
		target.random = rand.Float64
	}
	var most map[Kind]int
	if target.Store != nil {
		most = map[Kind]int{Crash: target.Store.shelf(Crash).Most(), Event: target.Store.shelf(Event).Most(), Count: target.Store.shelf(Count).Most()}
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Sender{
		target:   target,
		server:   server{target},
		ctx:      ctx,
		cancel:   cancel,
		building: make(map[string]struct{}),
		queue:    newQueue(most, target.random),
		lost:     make(balance),
		account:  account{store: target.Store},
	}
}

// LeaveFor is [Target].LeaveFor from now on.
func (s *Sender) LeaveFor(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leaveFor = d
}

// Begin announces a report that is being made, so that Flush waits for it, until
// end is called. Keep or Send of the same id may come before.
func (s *Sender) Begin(id string) (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.building[id] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if !s.closing { // or it comes to nothing, and Close counts it
			delete(s.building, id)
		}
		s.bell.ringFor("")
	}
}

// Keep queues an envelope to be stored, if there is a Store, and to be delivered.
// What can not be stored is sent all the same.
func (s *Sender) Keep(id string, envelope []byte, kind Kind) {
	s.enqueue(&report{id: id, envelope: envelope, kind: kind, keep: s.target.Store != nil})
}

// Tally is Keep, after a pause, for how a run goes. It waits as what a run before left.
func (s *Sender) Tally(id string, envelope []byte, pause time.Duration) {
	s.enqueue(&report{id: id, envelope: envelope, kind: Count, keep: s.target.Store != nil, left: true, hold: time.Now().Add(pause)})
}

// Send queues an envelope to be delivered. It is not stored.
func (s *Sender) Send(id string, envelope []byte) {
	s.enqueue(&report{id: id, envelope: envelope, kind: Event})
}

func (s *Sender) enqueue(r *report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil || s.queue.waiting[r.id] != nil {
		clerk{s}.release(r)
		return
	}
	delete(s.building, r.id)
	for _, surplus := range s.queue.add(r) {
		clerk{s}.giveUp(surplus)
	}
	s.start()
	s.bell.ringFor("")
}

// Lose counts a report that could not even be made.
func (s *Sender) Lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost.add(errOverflow)
	s.account.lose(spool.QueueOverflow)
}

// Resume queues the stored reports that no other process has, those that are
// not due yet too: so Flush knows of them. It returns at once; Flush waits for
// it.
func (s *Sender) Resume() {
	if s.target.Store == nil {
		return
	}
	paused, outage, err := s.target.Store.Waits() // not later: a panic of the next moment has to know it
	s.target.Logger.Spool(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.paused = later(s.queue.paused, paused)
	if s.queue.failures == 0 && outage.Failures > 0 {
		s.queue.failures, s.queue.retryAt, s.queue.hung = outage.Failures, outage.RetryAt, outage.Hung
	}
	if s.ctx.Err() == nil {
		s.resumes++
		resuming := fmt.Sprint("resume ", s.resumes)
		s.building[resuming] = struct{}{}
		time.AfterFunc(resumeWait, func() { // of a disk that hangs
			defer contain.Panic()
			keeper{s}.resumed(resuming)
		})
		s.busy.Go(func() { defer contain.Panic(); keeper{s}.resume(resuming) })
	}
}

// WaitRoom blocks until there is room for a report more, at most until end. It does not
// wait for a server that fails, or a rate limit.
func (s *Sender) WaitRoom(end time.Time) {
	s.until(s.ctx, "", func(now time.Time) bool {
		return now.After(end) || s.queue.hasRoom() || s.queue.isFailing(now) || s.queue.paused.After(now)
	})
}

// Wait blocks until the report with this id is settled, ctx is done, or it is clear
// that it will not be tried again before the deadline of ctx. It does not wait
// either for a report that is stored, if another process sends it, or the server
// does not answer.
func (s *Sender) Wait(ctx context.Context, id string) {
	s.until(ctx, id, func(now time.Time) bool {
		r := s.queue.waiting[id]
		if r != nil && r.stored != nil && (s.leaveFor > 0 || s.queue.isFailing(now)) {
			return true
		}
		return r == nil || s.isTooLate(ctx, r)
	})
}

// WaitStored blocks until the report with this id is stored or settled, or the disk
// is known to hang, or ctx is done.
func (s *Sender) WaitStored(ctx context.Context, id string) {
	s.until(ctx, id, func(now time.Time) bool {
		r := s.queue.waiting[id]
		return r == nil || r.stored != nil || !r.keep || r.spoiled || s.queue.isDiskHanging(now)
	})
}

// WaitAll waits until all reports are settled, ctx is done, or it is clear that
// none will be tried again before the deadline of ctx.
func (s *Sender) WaitAll(ctx context.Context) {
	s.hurry(ctx)
	s.until(ctx, "", func(time.Time) bool { return s.isIdle(func(r *report) bool { return s.isTooLate(ctx, r) }) })
}

// WaitUnlessFailing is WaitAll, but not for a server that fails. It tells whether there
// are reports that would end with this process.
func (s *Sender) WaitUnlessFailing(ctx context.Context) (unsafe bool) {
	s.hurry(ctx)
	s.until(ctx, "", func(now time.Time) bool {
		return s.isIdle(func(*report) bool { return s.queue.isFailing(now) })
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queue.stored() < len(s.queue.line)
}

// Flush waits as WaitAll does. It returns nil only if the server has accepted every
// report since the last Flush.
func (s *Sender) Flush(ctx context.Context) error {
	s.WaitAll(ctx)
	return s.balance()
}

// Finish waits as Flush does, for the end of a program; Close tells the rest. What an earlier
// run has left is tried once, and not at all if the server has not answered before: a tool
// that is used offline must not take seconds longer each time, because it once crashed. Nor
// does it wait for an attempt for which somebody has waited already.
func (s *Sender) Finish(ctx context.Context) {
	s.hurry(ctx)
	s.until(ctx, "", func(now time.Time) bool {
		return s.isIdle(func(r *report) bool {
			return s.isTooLate(ctx, r) || r.left && (r.tried || s.queue.hung) || r.isSlow(now)
		})
	})
}

// isIdle tells whether nothing is being made, and everything that waits is passed
// over.
func (s *Sender) isIdle(passed func(*report) bool) bool {
	if s.after > 0 || s.queue.isStoring(time.Now()) {
		return false
	}
	for _, r := range s.queue.line {
		if !passed(r) {
			return false
		}
	}
	for id := range s.building {
		if s.queue.waiting[id] == nil {
			return false
		}
	}
	return true
}

// hurry sends at once what was left to another process, if there is time to.
func (s *Sender) hurry(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.hurry()
	s.start()
}

// balance tells what was not accepted since the last time, and how much of it stays.
func (s *Sender) balance() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.lost
	s.lost = make(balance)
	for _, r := range s.queue.line {
		if r.kind != Count {
			b.add(r.reason())
		}
	}
	for id := range s.building {
		if s.queue.waiting[id] == nil {
			b.add(nil)
		}
	}
	return b.err(s.queue.stored())
}

// Close gives up what is not delivered, and ends all goroutines. What is stored
// stays so, and what is not is stored as far as there is room; the server may accept
// reports meanwhile. An error says, as that of Flush, what it has not accepted in the end.
func (s *Sender) Close() (err error) {
	ended := make(chan error, 1)
	go func() {
		var err error
		defer func() { ended <- err }()
		defer contain.Panic()
		err = s.close()
	}()
	timer := time.NewTimer(closeWait)
	defer timer.Stop()
	select {
	case err = <-ended:
	case <-timer.C:
		err = s.balance()
	}
	s.cancel() // where a disk hangs
	return err
}

func (s *Sender) close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	keeper{s}.storeRest()
	s.mu.Lock()
	s.cancel() // nothing is started after this
	s.mu.Unlock()
	s.busy.Wait()
	err := s.balance()
	s.mu.Lock()
	clerk{s}.dropRest()
	if s.wake != nil {
		s.wake.Stop()
	}
	s.mu.Unlock()
	s.target.Logger.Spool(s.account.leave(s.target.Allowed))
	s.target.Client.CloseIdleConnections()
	return err
}

// Forget gives up everything that waits: consent was withdrawn.
func (s *Sender) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clerk{s}.drop(fate{err: errWithdrawn, safe: true})
}

// until blocks until done, called with the lock held, or ctx's end. With an id, done is
// about this report.
func (s *Sender) until(ctx context.Context, id string, done func(now time.Time) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ctx.Err() == nil {
		now := time.Now()
		if done(now) {
			return
		}
		changed := s.bell.changes(id)
		slow := contain.Timer(s.queue.untilSlow(now))
		s.mu.Unlock()
		select {
		case <-changed:
		case <-slow.C:
		case <-ctx.Done():
		}
		contain.Done(slow)
		s.mu.Lock()
	}
}

// isTooLate tells whether r waits for a time after the deadline of ctx.
func (s *Sender) isTooLate(ctx context.Context, r *report) bool {
	deadline, ok := ctx.Deadline()
	return ok && r.sending.IsZero() && !r.isBeingStored(time.Now()) && s.queue.dueAt(r).After(deadline)
}

// start makes sure that somebody works on the queue.
func (s *Sender) start() {
	if s.ctx.Err() != nil {
		return
	}
	for s.storers < maxStorers {
		r := s.queue.toStore(time.Now())
		if r == nil {
			break
		}
		s.storers++
		r.storing = time.Now()
		s.busy.Go(func() { keeper{s}.run(r) })
	}
	waiting := len(s.queue.line) - s.queue.trying
	if waiting > 0 && (s.workers < minWorkers || s.workers < maxWorkers && waiting > reportsPerWorker*s.workers) {
		s.workers++
		s.busy.Go(worker{s}.run)
	}
}
