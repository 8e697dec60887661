package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// backoffs are the pauses after each failed attempt but the last, MaxAttempts.
// The first two let a server that restarts be met again within the five seconds
// that a dying process waits; the others leave one in trouble alone.
var backoffs = [MaxAttempts - 1]time.Duration{500 * time.Millisecond, 2 * time.Second, time.Minute, 30 * time.Minute}

const (
	// requestTimeout is sentry-go's own. It bounds a goroutine, not a panic.
	requestTimeout = 30 * time.Second

	// maxWorkers at a time: enough to hide the latency of a burst of panics,
	// few enough for one Sentry project.
	maxWorkers = 4

	// maxQueued reports of at most 200 kB each bound the memory of a program
	// that panics faster than its network sends.
	maxQueued = 256

	// maxAnswer of the server's answer is read; Sentry's own has 50 bytes.
	maxAnswer = 4 << 10

	// closeWait bounds Close where a disk hangs. All else in Close ends at once.
	closeWait = time.Second
)

// errWithdrawn is the fate of a report whose consent was taken back.
var errWithdrawn = errors.New("consent was withdrawn")

// errSurplus is the fate of a report that made room for later ones.
var errSurplus = errors.New("there is no more room in the spool")

// errClosed is the fate of a report that Close overtook.
var errClosed = errors.New("reporting was closed")

// Target is a Sentry project and the way to it.
type Target struct {
	URL       string          // of the envelope endpoint
	Auth      string          // the X-Sentry-Auth header
	UserAgent string          //
	Client    *http.Client    // must not follow redirects: see Portal in the tests
	Allowed   func() bool     // asked before every attempt
	Logger    *slog.Logger    // never given the URL's key or a report's text
	Accepted  func(id string) // called for each report that the server has accepted, before Wait returns; may be nil
	Store     *Store          // keeps reports over the end of the process; may be nil

	backoffs [MaxAttempts - 1]time.Duration // as above, but for tests
}

// A Sender delivers reports to its target in the background. It has no
// goroutine while it has nothing to do. It is safe for concurrent use.
type Sender struct {
	target Target
	ctx    context.Context // ends with Close
	cancel context.CancelFunc

	mu       sync.Mutex
	changed  chan struct{}      // closed and replaced whenever the state below changes
	building int                // reports that are being made
	waiting  map[string]*report // by event id, until settled
	queue    []*report          // those of them that no worker has, oldest first
	workers  int
	paused   time.Time   // the server's own rate limit
	wake     *time.Timer // for the queue
	resuming sync.WaitGroup

	later     []func()       // to be done once the lock is free
	lost      int            // reports not accepted since the last Flush
	lastErr   error          // why the last of them was not
	discarded map[Reason]int // reports given up that the Store does not count
}

type report struct {
	id        string
	envelope  []byte
	attempts  int // that count
	unreached int // attempts since, that met no server
	due       time.Time
	keep      bool    // to be stored
	left      bool    // by an earlier run
	tried     bool    // by this one
	stored    *Report // nil in memory only
}

// NewSender returns a Sender for target.
func NewSender(target Target) *Sender {
	if target.backoffs[0] == 0 {
		target.backoffs = backoffs
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &Sender{
		target:  target,
		ctx:     ctx,
		cancel:  cancel,
		changed: make(chan struct{}),
		waiting: make(map[string]*report),

		discarded: make(map[Reason]int),
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
	err := s.store(r)
	kept = r.stored != nil || errors.Is(err, ErrExists)
	s.enqueue(r)
	return kept
}

// store stores a report that should be and is not.
func (s *Sender) store(r *report) (err error) {
	if !r.keep || r.stored != nil {
		return nil
	}
	stored, err := s.target.Store.Put(r.id, r.envelope)
	if errors.Is(err, ErrExists) { // by an earlier run, or in this moment by another process
		stored, err = s.target.Store.Claim(r.id)
	}
	s.holds(r, stored)
	if err != nil {
		apart(func() { s.target.Logger.Warn("sentry: report not stored", "event_id", r.id, "reason", err.Error()) })
	}
	return err
}

// holds notes what a worker has of the Store. Others count it meanwhile.
func (s *Sender) holds(r *report, stored *Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.stored = stored
}

// Send queues an envelope for delivery and returns at once. If the queue is
// full, its oldest report is given up.
func (s *Sender) Send(id string, envelope []byte) {
	s.enqueue(&report{id: id, envelope: envelope})
}

func (s *Sender) enqueue(r *report) {
	s.mu.Lock()
	defer s.unlock()
	if s.ctx.Err() != nil || s.waiting[r.id] != nil {
		s.release(r)
		return
	}
	if len(s.queue) >= maxQueued {
		s.giveUp(s.queue[0], QueueOverflow, fmt.Errorf("more than %d reports are waiting", maxQueued))
	}
	s.waiting[r.id] = r
	s.queue = append(s.queue, r)
	s.makeRoom()
	s.start()
	s.notify()
}

// makeRoom holds the bound of the Store for what this process holds: the Store
// itself drops nothing that somebody is about to send.
func (s *Sender) makeRoom() {
	if s.target.Store == nil {
		return
	}
	var oldest *report
	for _, r := range s.queue {
		if r.stored != nil && (oldest == nil || r.stored.Created().Before(oldest.stored.Created())) {
			oldest = r
		}
	}
	if oldest != nil && s.stored() > s.target.Store.maxReports {
		s.giveUp(oldest, CacheOverflow, errSurplus)
	}
}

// giveUp drops a report of the queue.
func (s *Sender) giveUp(r *report, why Reason, err error) {
	s.queue = slices.DeleteFunc(s.queue, func(other *report) bool { return other == r })
	if stored := r.stored; stored != nil {
		r.stored = nil
		s.later = append(s.later, func() { s.warn(r.id, stored.Drop(CacheOverflow)) })
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
	if paused.After(s.paused) {
		s.paused = paused
	}
	if s.ctx.Err() == nil {
		s.building++
		s.resuming.Go(s.resume)
	}
}

func (s *Sender) resume() {
	defer contain()
	defer s.built()
	if !s.target.Allowed() {
		return // and no directory is made
	}
	s.warn("", s.target.Store.Sweep())
	for s.ctx.Err() == nil {
		stored, err := s.target.Store.Take()
		s.warn("", err)
		if stored == nil {
			break
		}
		s.requeue(stored, 0)
	}
	infos, err := s.target.Store.List()
	if err != nil {
		return // and told by Take
	}
	for _, info := range infos {
		if info.Wait == 0 || s.ctx.Err() != nil {
			continue // somebody else has it
		}
		if stored, err := s.target.Store.Claim(info.ID); err == nil && stored != nil {
			s.requeue(stored, info.Wait)
		}
	}
}

func (s *Sender) requeue(stored *Report, wait time.Duration) {
	s.enqueue(&report{
		id:       stored.ID(),
		envelope: stored.Data(),
		attempts: stored.Attempts(),
		due:      time.Now().Add(wait),
		keep:     true,
		left:     true,
		stored:   stored,
	})
}

// Wait blocks until the report with this id is settled, ctx is done, or it is
// clear that it will not be tried again before the deadline of ctx.
func (s *Sender) Wait(ctx context.Context, id string) {
	s.until(ctx, func() bool {
		r := s.waiting[id]
		return r == nil || s.tooLate(ctx, r)
	})
}

// WaitAll waits as Wait does, for all reports.
func (s *Sender) WaitAll(ctx context.Context) {
	s.until(ctx, func() bool {
		for _, r := range s.waiting {
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
		for _, r := range s.waiting {
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
	left := len(s.waiting) + s.building
	var err error
	switch {
	case lost+left == 0:
		return nil
	case last == nil:
		err = fmt.Errorf("%d reports are still waiting for the server", left)
	default:
		err = fmt.Errorf("%d reports were not accepted by the server, the last because: %w", lost+left, last)
	}
	if stored := s.stored(); stored > 0 {
		err = fmt.Errorf("%w (%d stay in the spool, for the next run)", err, stored)
	}
	return err
}

// stored counts the reports that survive the process.
func (s *Sender) stored() (n int) {
	for _, r := range s.waiting {
		if r.stored != nil {
			n++
		}
	}
	return n
}

// Close gives up what is not delivered, and ends all goroutines. What is stored
// stays so.
func (s *Sender) Close() {
	s.cancel()
	done := make(chan struct{})
	go func() {
		defer contain()
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
	lost := s.takeDiscarded()
	s.unlock()
	if s.target.Store != nil && len(lost) > 0 && s.target.Allowed() {
		s.warn("", s.target.Store.AddLost(lost))
	}
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
	return ok && s.dueTime(r).After(deadline)
}

func (s *Sender) dueTime(r *report) time.Time {
	if s.paused.After(r.due) {
		return s.paused
	}
	return r.due
}

func (s *Sender) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// start makes sure that somebody works on the queue.
func (s *Sender) start() {
	if s.workers < maxWorkers && s.ctx.Err() == nil {
		s.workers++
		go s.work()
	}
}

// work delivers reports until none is due, and leaves a timer for the rest.
func (s *Sender) work() {
	defer contain()
	s.mu.Lock()
	defer s.unlock()
	for s.ctx.Err() == nil {
		r, next := s.take(time.Now())
		if r == nil {
			s.wakeAt(next)
			break
		}
		s.unlock()
		outcome := s.attempt(r.envelope)
		s.record(r, &outcome)
		s.mu.Lock()
		s.judge(r, outcome)
		s.building++ // Flush waits for what follows, and a panic does not
		s.unlock()
		if outcome.verdict == accepted {
			s.tellLost()
		}
		s.mu.Lock()
		s.building--
		s.notify()
	}
	s.workers--
	s.notify()
}

// contain is the guard of our own goroutines: a fault of ours must not end the
// program that it was to watch over.
func contain() { _ = recover() }

// attempt is try for a client and a consent function of the application's.
func (s *Sender) attempt(envelope []byte) outcome {
	o := outcome{err: errors.New("the HTTP client or the consent function panicked")}
	apart(func() { o = s.try(envelope) })
	return o
}

// apart runs code of the application's where it can not end our goroutine:
// neither by a panic nor by runtime.Goexit, as a test's FailNow in it does.
func apart(f func()) {
	done := make(chan struct{})
	go func() {
		defer contain()
		defer close(done)
		f()
	}()
	<-done
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
		apart(f)
	}
}

// take removes the first report that is due from the queue. If there is none,
// next is the time when there will be one, or zero.
func (s *Sender) take(now time.Time) (r *report, next time.Time) {
	for i, r := range s.queue {
		due := s.dueTime(r)
		if !due.After(now) {
			s.queue = append(s.queue[:i:i], s.queue[i+1:]...)
			return r, time.Time{}
		}
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	return nil, next
}

func (s *Sender) wakeAt(next time.Time) {
	if next.IsZero() {
		return
	}
	if s.wake != nil {
		s.wake.Stop()
	}
	s.wake = time.AfterFunc(time.Until(next), func() {
		defer contain()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.start()
	})
}

// judge decides what becomes of a report after an attempt.
func (s *Sender) judge(r *report, o outcome) {
	r.tried = true
	if o.pause.After(s.paused) {
		s.paused = o.pause
	}
	switch {
	case o.verdict == accepted:
		s.settle(r, "", nil)
		s.networkIsBack()
	case o.verdict == withdrawn:
		s.settle(r, "", errWithdrawn)
		s.drop(errWithdrawn)
	case o.verdict == refused:
		s.settle(r, o.why, o.err)
	case s.ctx.Err() != nil:
		s.settle(r, NetworkError, errClosed)
	case o.verdict == limited:
		s.queue = append(s.queue, r)
	case r.attempts >= MaxAttempts:
		s.settle(r, o.why, o.err)
	default:
		r.due = time.Now().Add(s.backoff(r))
		s.queue = append(s.queue, r)
	}
	s.notify()
}

// backoff is the pause before the next attempt.
func (s *Sender) backoff(r *report) time.Duration {
	n := r.attempts + r.unreached
	return s.target.backoffs[min(max(n, 1), len(s.target.backoffs))-1]
}

// networkIsBack lets the reports that met no server be tried again at once.
func (s *Sender) networkIsBack() {
	for _, r := range s.queue {
		if r.unreached > 0 {
			r.unreached, r.due = 0, time.Time{}
		}
	}
}

// record writes the outcome of an attempt down, without the lock: it is slow.
func (s *Sender) record(r *report, o *outcome) {
	if s.ctx.Err() != nil && (o.verdict == failed || o.verdict == unreached) {
		return // it was broken off by Close
	}
	if o.verdict != accepted && o.verdict != refused && o.verdict != withdrawn {
		_ = s.store(r) // the disk may have room by now
	}
	if o.verdict == unreached && r.stored == nil {
		o.verdict = failed // memory is not for ninety days
	}
	switch o.verdict {
	case unreached:
		r.unreached++
	case failed:
		r.attempts++
		o.why = NetworkError
	case refused:
		o.why = SendError
	}
	if o.verdict == accepted && s.target.Accepted != nil {
		s.target.Accepted(r.id)
	}
	s.warn(r.id, s.recordReport(r, o))
	s.warn("", s.recordPause(o))
}

func (s *Sender) recordReport(r *report, o *outcome) (err error) {
	stored := r.stored
	if stored == nil {
		if o.verdict == withdrawn && s.target.Store != nil {
			return s.target.Store.Clear()
		}
		return nil
	}
	switch o.verdict {
	case accepted:
		err = stored.Remove()
	case refused:
		o.why, err = "", stored.Drop(SendError)
	case withdrawn:
		err = errors.Join(stored.Remove(), s.target.Store.Clear())
	case failed:
		// On disk, where the runs to come see it.
		var kept bool
		if kept, err = stored.Attempted(latest(time.Now().Add(s.backoff(r)), o.pause)); kept {
			return err
		}
		o.why, r.attempts = "", MaxAttempts
	default:
		return nil
	}
	s.holds(r, nil)
	return err
}

// recordPause keeps the rate limit of the server over a restart: a program that
// crashes in a loop would ask again each time.
func (s *Sender) recordPause(o *outcome) error {
	if s.target.Store == nil || o.pause.IsZero() {
		return nil
	}
	return s.target.Store.Pause(o.pause)
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// release gives a stored report back for a later run.
func (s *Sender) release(r *report) {
	if stored := r.stored; stored != nil {
		r.stored = nil
		s.later = append(s.later, func() { s.warn(r.id, stored.Release()) })
	}
}

const spoolTrouble = "sentry: trouble with the spool"

// warn logs an error, if there is one, without the lock.
func (s *Sender) warn(id string, err error) {
	if err == nil {
		return
	}
	apart(func() { s.target.Logger.Warn(spoolTrouble, "event_id", id, "reason", err.Error()) })
}

// settle ends the life of a report in this process: nil for accepted. A loss
// that the Store does not count is counted under why.
func (s *Sender) settle(r *report, why Reason, err error) {
	delete(s.waiting, r.id)
	kept := r.stored != nil
	s.release(r)
	if err == nil || errors.Is(err, errWithdrawn) || errors.Is(err, errClosed) && kept {
		return
	}
	s.lost++
	s.lastErr = err
	if why != "" {
		s.discarded[why]++
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
	for _, r := range s.queue {
		if errors.Is(err, errWithdrawn) {
			s.settle(r, "", err)
		} else {
			s.settle(r, NetworkError, err)
		}
	}
	s.queue = nil
	s.notify()
}

type verdict int

const (
	failed    verdict = iota // no answer, or one that is not about the report
	unreached                // there was no server to be tried
	accepted                 // 2xx of a Sentry server
	refused                  // 4xx: it will never be accepted
	limited                  // 429: later
	withdrawn                // not sent at all
)

type outcome struct {
	verdict verdict
	err     error     // why not accepted
	why     Reason    // of a loss that the Store does not count
	pause   time.Time // nothing before this
}

// try makes one attempt.
func (s *Sender) try(envelope []byte) outcome {
	if !s.target.Allowed() {
		return outcome{verdict: withdrawn}
	}
	ctx, cancel := context.WithTimeout(s.ctx, requestTimeout)
	defer cancel()
	// Without a connection nothing can be said about the report: a notebook that
	// is offline for a day must not use up the attempts of what it has stored.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.target.URL, bytes.NewReader(envelope))
	if err != nil {
		return outcome{verdict: refused, err: errors.New("the DSN makes no valid address")}
	}
	req.Header.Set("Content-Type", "application/x-sentry-envelope")
	req.Header.Set("User-Agent", s.target.UserAgent)
	req.Header.Set("X-Sentry-Auth", s.target.Auth)
	resp, err := s.target.Client.Do(req)
	if err != nil && !connected.Load() {
		return outcome{verdict: unreached, err: withoutURL(err)}
	}
	if err != nil {
		return outcome{err: withoutURL(err)}
	}
	defer resp.Body.Close()
	// Read in full, or the connection is not used again. Half an answer is none.
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return outcome{err: fmt.Errorf("read answer: %w", withoutURL(err))}
	}
	return judgeAnswer(resp, body, time.Now())
}

// judgeAnswer tells what an answer means.
func judgeAnswer(resp *http.Response, body []byte, now time.Time) outcome {
	o := outcome{pause: pauseOf(resp.Header, resp.StatusCode, now)}
	o.err = fmt.Errorf("the server answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	if reason := resp.Header.Get("X-Sentry-Error"); reason != "" {
		o.err = fmt.Errorf("%w: %.200q", o.err, reason)
	}
	switch code := resp.StatusCode; {
	case code >= 200 && code < 300 && isPortal(resp.Header, body):
		o.verdict = unreached
		o.err = errors.New("a web page answered in place of the server: a captive portal or a wrong DSN")
	case code >= 200 && code < 300:
		o.verdict, o.err = accepted, nil
	case code == http.StatusTooManyRequests:
		o.verdict = limited
	case code == http.StatusRequestTimeout || code == http.StatusProxyAuthRequired:
		// Not about the report: of a gateway on the way.
	case code >= 400 && code < 500:
		o.verdict = refused
	}
	return o
}

// isPortal tells a web page from the answer of a Sentry server, which is JSON
// or empty. Hotel networks answer every request with 200 and their login page.
func isPortal(h http.Header, body []byte) bool {
	return strings.HasPrefix(h.Get("Content-Type"), "text/html") ||
		bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
}

// withoutURL strips the address from a network error: it names the project.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
