// Package delivery brings reports to a Sentry server: it queues them, makes
// attempts, understands the server's answers, and tells what became of each
// report. With a [spool.Store], reports survive the end of the process until a
// server has accepted them.
//
// A report is opaque bytes under the event's id, and is delivered at least once:
// when an answer is lost, the server is sent the same bytes again and knows them
// by the id. Delivery does not look into a report, and it asks [Target].Allowed
// before each attempt.
//
//	s := delivery.NewSender(delivery.Target{URL: url, Auth: auth, Client: client, Allowed: allowed, Logger: log, Store: store})
//	defer s.Close()
//	s.Keep(id, envelope)
//	s.Wait(ctx, id) // until it is accepted, or given up
package delivery

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/spool"
)

const (
	// maxWorkers at a time: enough to hide the latency of a burst of panics,
	// few enough for one Sentry project.
	maxWorkers = 4

	// maxQueued reports of at most 200 kB each bound the memory of a program
	// that panics faster than its network sends.
	maxQueued = 256

	// closeWait bounds Close where a disk hangs. All else in Close ends at once.
	closeWait = time.Second
)

// The fates of reports that are no answers of the server.
var (
	errWithdrawn = errors.New("consent was withdrawn")
	errClosed    = errors.New("reporting was closed")
)

// Target is a Sentry project and the way to it.
type Target struct {
	URL       string          // of the envelope endpoint
	Auth      string          // the X-Sentry-Auth header
	UserAgent string          //
	Client    *http.Client    // must not follow redirects: see Portal in the tests
	Allowed   func() bool     // asked before every attempt
	Logger    contain.Logger  // never given the URL's key or a report's text
	Accepted  func(id string) // called for each report that the server has accepted, before Wait returns; may be nil
	Store     *spool.Store    // keeps reports over the end of the process; may be nil

	backoffs [spool.MaxAttempts - 1]time.Duration // other than usual, for tests
}

// A Sender delivers reports to its target in the background. It has no
// goroutine while it has nothing to do. It is safe for concurrent use.
type Sender struct {
	target Target
	server server
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced whenever the state below changes
	building int           // reports that are being made
	queue    queue
	workers  int
	wake     *time.Timer // for the queue
	resuming sync.WaitGroup

	later   []func() // to be done once the lock is free
	lost    int      // reports not accepted since the last Flush
	lastErr error    // why the last of them was not
	account account
}

// NewSender returns a Sender for target.
func NewSender(target Target) *Sender {
	if target.backoffs[0] == 0 {
		target.backoffs = backoffs
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Sender{
		target:  target,
		server:  server{target},
		ctx:     ctx,
		cancel:  cancel,
		changed: make(chan struct{}),
		queue:   queue{waiting: make(map[string]*report), backoffs: target.backoffs},
		account: account{store: target.Store},
	}
}

// Begin announces a report that is being made, so that Flush waits for it.
// The caller calls the returned function once, after Send or instead of it.
func (s *Sender) Begin() (end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.building++
	return s.built
}

func (s *Sender) built() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.building--
	s.notify()
}

// Keep stores an envelope, if there is a Store, and then queues it as Send does.
// When it returns true, the report survives the end of the process. What can not
// be stored is sent all the same.
func (s *Sender) Keep(id string, envelope []byte) (kept bool) {
	r := &report{id: id, envelope: envelope, keep: s.target.Store != nil}
	err := keeper{s}.store(r)
	kept = r.stored != nil || errors.Is(err, spool.ErrExists)
	s.enqueue(r)
	return kept
}

// Send queues an envelope for delivery and returns at once. If the queue is
// full, its oldest report is given up.
func (s *Sender) Send(id string, envelope []byte) {
	s.enqueue(&report{id: id, envelope: envelope})
}

func (s *Sender) enqueue(r *report) {
	s.mu.Lock()
	defer s.unlock()
	if s.ctx.Err() != nil || s.queue.waiting[r.id] != nil {
		s.release(r)
		return
	}
	if len(s.queue.line) >= maxQueued {
		s.giveUp(s.queue.line[0], spool.QueueOverflow, fmt.Errorf("more than %d reports are waiting", maxQueued))
	}
	s.queue.add(r)
	keeper{s}.makeRoom()
	s.start()
	s.notify()
}

// giveUp drops a report of the queue.
func (s *Sender) giveUp(r *report, why spool.Reason, err error) {
	s.queue.leave(r)
	if stored := r.stored; stored != nil {
		r.stored = nil
		s.later = append(s.later, func() { s.warn(r.id, stored.Drop(spool.CacheOverflow)) })
		why = ""
	}
	s.settle(r, why, err)
}

// Resume queues the stored reports that no other process has, those that are
// not due yet too: so Flush knows of them. It returns at once; Flush waits for
// it.
func (s *Sender) Resume() {
	if s.target.Store == nil {
		return
	}
	// Not later: a panic of the next moment has to know it.
	paused, err := s.target.Store.Paused()
	s.warn("", err)
	s.mu.Lock()
	defer s.mu.Unlock()
	if paused.After(s.queue.paused) {
		s.queue.paused = paused
	}
	if s.ctx.Err() == nil {
		s.building++
		s.resuming.Go(keeper{s}.resume)
	}
}

// Wait blocks until the report with this id is settled, ctx is done, or it is
// clear that it will not be tried again before the deadline of ctx.
func (s *Sender) Wait(ctx context.Context, id string) {
	s.until(ctx, func() bool {
		r := s.queue.waiting[id]
		return r == nil || s.tooLate(ctx, r)
	})
}

// WaitAll waits as Wait does, for all reports.
func (s *Sender) WaitAll(ctx context.Context) {
	s.until(ctx, func() bool {
		for _, r := range s.queue.waiting {
			if !s.tooLate(ctx, r) {
				return false
			}
		}
		return s.building == 0
	})
}

// Flush waits as Wait does, for all reports. It returns nil only if the server
// has accepted every report since the last Flush.
func (s *Sender) Flush(ctx context.Context) error {
	s.WaitAll(ctx)
	return s.balance()
}

// Finish is Flush for the end of a program. What an earlier run has left is
// tried once, and not waited for after that: a tool that is used offline must
// not take seconds longer each time, because it once crashed.
func (s *Sender) Finish(ctx context.Context) error {
	s.until(ctx, func() bool {
		for _, r := range s.queue.waiting {
			if !s.tooLate(ctx, r) && !(r.left && r.tried) {
				return false
			}
		}
		return s.building == 0
	})
	return s.balance()
}

// balance tells what was not accepted since the last time.
func (s *Sender) balance() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	lost, last := s.lost, s.lastErr
	s.lost, s.lastErr = 0, nil
	left := len(s.queue.waiting) + s.building
	var err error
	switch {
	case lost+left == 0:
		return nil
	case last == nil:
		err = fmt.Errorf("%d reports are still waiting for the server", left)
	default:
		err = fmt.Errorf("%d reports were not accepted by the server, the last because: %w", lost+left, last)
	}
	if stored := s.queue.stored(); stored > 0 {
		err = fmt.Errorf("%w (%d stay in the spool, for the next run)", err, stored)
	}
	return err
}

// Close gives up what is not delivered, and ends all goroutines. What is stored
// stays so.
func (s *Sender) Close() {
	s.cancel()
	done := make(chan struct{})
	go func() {
		defer contain.Panic()
		defer close(done)
		s.close()
	}()
	timer := time.NewTimer(closeWait)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

func (s *Sender) close() {
	s.resuming.Wait()
	s.mu.Lock()
	s.drop(errClosed)
	if s.wake != nil {
		s.wake.Stop()
	}
	for s.workers > 0 {
		changed := s.changed
		s.unlock()
		<-changed
		s.mu.Lock()
	}
	s.unlock()
	s.warn("", s.account.leave(s.target.Allowed))
	s.target.Client.CloseIdleConnections()
}

// until blocks until done, called with the lock held, or ctx's end.
func (s *Sender) until(ctx context.Context, done func() bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !done() && ctx.Err() == nil {
		changed := s.changed
		s.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		s.mu.Lock()
	}
}

// tooLate tells that r waits for a time after the deadline of ctx.
func (s *Sender) tooLate(ctx context.Context, r *report) bool {
	deadline, ok := ctx.Deadline()
	return ok && s.queue.due(r).After(deadline)
}

func (s *Sender) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// start makes sure that somebody works on the queue.
func (s *Sender) start() {
	if s.workers < maxWorkers && s.ctx.Err() == nil {
		s.workers++
		go worker{s}.run()
	}
}

// log keeps a line until the lock is free: a handler of the application's may
// panic, or report to Sentry and so come back here.
func (s *Sender) log(text string, args ...any) {
	s.later = append(s.later, func() { s.target.Logger.Warn(text, args...) })
}

// unlock frees the lock, and does what had to wait for that: to log, and to
// give back to a disk that may hang.
func (s *Sender) unlock() {
	todo := s.later
	s.later = nil
	s.mu.Unlock()
	for _, f := range todo {
		contain.Call(f)
	}
}

// release gives a stored report back for a later run.
func (s *Sender) release(r *report) {
	if stored := r.stored; stored != nil {
		r.stored = nil
		s.later = append(s.later, func() { s.warn(r.id, stored.Release()) })
	}
}

// warn logs an error, if there is one, without the lock.
func (s *Sender) warn(id string, err error) {
	if err != nil {
		s.target.Logger.Warn("sentry: trouble with the spool", "event_id", id, "reason", err.Error())
	}
}

// settle ends the life of a report in this process: nil for accepted. A loss
// that the Store does not count is counted under why.
func (s *Sender) settle(r *report, why spool.Reason, err error) {
	delete(s.queue.waiting, r.id)
	kept := r.stored != nil
	s.release(r)
	if err == nil || errors.Is(err, errWithdrawn) || errors.Is(err, errClosed) && kept {
		return
	}
	s.lost++
	s.lastErr = err
	if why != "" {
		s.account.lose(map[spool.Reason]int{why: 1})
	}
	s.log("sentry: report not accepted", "event_id", r.id, "attempts", r.attempts, "reason", err.Error())
}

// Forget gives up everything that waits: consent was withdrawn.
func (s *Sender) Forget() {
	s.mu.Lock()
	defer s.unlock()
	s.drop(errWithdrawn)
}

// drop settles everything that no worker has.
func (s *Sender) drop(err error) {
	for _, r := range s.queue.line {
		if errors.Is(err, errWithdrawn) {
			s.settle(r, "", err)
		} else {
			s.settle(r, spool.NetworkError, err)
		}
	}
	s.queue.line = nil
	s.notify()
}
