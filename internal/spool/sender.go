package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
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
)

// errWithdrawn is the fate of a report whose consent was taken back.
var errWithdrawn = errors.New("consent was withdrawn")

// errClosed is the fate of a report that Close overtook.
var errClosed = errors.New("reporting was closed")

// Target is a Sentry project and the way to it.
type Target struct {
	URL       string       // of the envelope endpoint
	Auth      string       // the X-Sentry-Auth header
	UserAgent string       //
	Client    *http.Client // must not follow redirects: see Portal in the tests
	Allowed   func() bool  // asked before every attempt
	Logger    *slog.Logger // never given the URL's key or a report's text
	Store     *Store       // keeps reports over the end of the process; may be nil

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
	later    *time.Timer // for the Store
	resuming sync.WaitGroup

	lines   []func() // to be logged once the lock is free
	lost    int      // reports not accepted since the last Flush
	lastErr error    // why the last of them was not
}

type report struct {
	id       string
	envelope []byte
	attempts int
	due      time.Time
	stored   *Report // nil in memory only; of the worker that has the report
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
// When it returns, the report survives the end of the process. What can not be
// stored is sent all the same.
func (s *Sender) Keep(id string, envelope []byte) {
	r := &report{id: id, envelope: envelope}
	if s.target.Store != nil {
		stored, err := s.target.Store.Put(id, envelope)
		if err != nil {
			safely(func() { s.target.Logger.Warn("sentry: report not stored", "event_id", id, "reason", err.Error()) })
		}
		r.stored = stored
	}
	s.enqueue(r)
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
		oldest := s.queue[0]
		s.queue = s.queue[1:]
		s.settle(oldest, fmt.Errorf("more than %d reports are waiting", maxQueued))
	}
	s.waiting[r.id] = r
	s.queue = append(s.queue, r)
	s.start()
	s.notify()
}

// Resume queues the stored reports that are due and that no other process has,
// and does so again when the next one is due. It returns at once; Flush waits
// for them.
func (s *Sender) Resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.target.Store == nil || s.ctx.Err() != nil {
		return
	}
	s.building++
	s.resuming.Go(s.resume)
}

func (s *Sender) resume() {
	defer contain()
	defer s.built()
	if err := s.target.Store.Sweep(); err != nil {
		s.warn("", err)
	}
	for s.ctx.Err() == nil {
		stored, err := s.target.Store.Take()
		if err != nil {
			s.warn("", err)
		}
		if stored == nil {
			s.resumeLater()
			return
		}
		s.enqueue(&report{id: stored.ID(), envelope: stored.Data(), attempts: stored.Attempts(), stored: stored})
	}
}

// resumeLater sets a timer for the stored report that is due next.
func (s *Sender) resumeLater() {
	infos, err := s.target.Store.List()
	if err != nil {
		return // and told by Take
	}
	next := time.Duration(0)
	for _, info := range infos {
		if info.Wait > 0 && (next == 0 || info.Wait < next) {
			next = info.Wait
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if next > 0 && s.ctx.Err() == nil {
		s.later = time.AfterFunc(next, func() {
			defer contain()
			s.Resume()
		})
	}
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
	s.mu.Lock()
	defer s.mu.Unlock()
	lost, last := s.lost, s.lastErr
	s.lost, s.lastErr = 0, nil
	switch left := len(s.waiting) + s.building; {
	case left > 0 && last == nil:
		return fmt.Errorf("%d reports are still waiting for the server", left)
	case lost+left > 0:
		return fmt.Errorf("%d reports were not accepted by the server, the last because: %w", lost+left, last)
	}
	return nil
}

// Close gives up what is not delivered, and ends all goroutines.
func (s *Sender) Close() {
	s.cancel()
	s.resuming.Wait()
	s.mu.Lock()
	defer s.unlock()
	s.drop(errClosed)
	for _, timer := range []*time.Timer{s.wake, s.later} {
		if timer != nil {
			timer.Stop()
		}
	}
	for s.workers > 0 {
		changed := s.changed
		s.mu.Unlock()
		<-changed
		s.mu.Lock()
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
		outcome := s.attempt(r)
		s.record(r, outcome)
		s.mu.Lock()
		s.judge(r, outcome)
	}
	s.unlock() // Close waits for this goroutine, and so for its log
	s.mu.Lock()
	s.workers--
	s.notify()
}

// contain is the guard of our own goroutines: a fault of ours must not end the
// program that it was to watch over.
func contain() { _ = recover() }

// attempt is try for a transport of the application's that panics.
func (s *Sender) attempt(r *report) (o outcome) {
	defer func() {
		if recover() != nil {
			o = outcome{err: errors.New("the HTTP client panicked")}
		}
	}()
	return s.try(r)
}

// log keeps a line until the lock is free: a handler of the application's may
// panic, or report to Sentry and so come back here.
func (s *Sender) log(text string, args ...any) {
	s.lines = append(s.lines, func() { s.target.Logger.Warn(text, args...) })
}

// unlock frees the lock, and writes what is to be logged.
func (s *Sender) unlock() {
	lines := s.lines
	s.lines = nil
	s.mu.Unlock()
	for _, line := range lines {
		safely(line)
	}
}

func safely(f func()) {
	defer contain()
	f()
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
	if o.pause.After(s.paused) {
		s.paused = o.pause
	}
	switch {
	case o.verdict == accepted:
		s.settle(r, nil)
	case s.ctx.Err() != nil:
		s.settle(r, errClosed)
	case o.verdict == withdrawn:
		s.settle(r, errWithdrawn)
		s.drop(errWithdrawn)
	case o.verdict == refused:
		s.settle(r, o.err)
	case o.verdict == limited:
		s.queue = append(s.queue, r)
	case r.attempts >= MaxAttempts:
		s.settle(r, o.err)
	default:
		r.due = time.Now().Add(s.target.backoffs[r.attempts-1])
		s.queue = append(s.queue, r)
	}
	s.notify()
}

// record writes the outcome of an attempt down, without the lock: it is slow.
func (s *Sender) record(r *report, o outcome) {
	if o.verdict == failed && s.ctx.Err() == nil {
		r.attempts++
	}
	if r.stored == nil {
		return
	}
	var err error
	switch {
	case o.verdict == accepted:
		err = r.stored.Remove()
	case o.verdict == refused:
		err = r.stored.Drop(SendError)
	case o.verdict == withdrawn:
		err = errors.Join(r.stored.Remove(), s.target.Store.Clear())
	case o.verdict == failed && s.ctx.Err() == nil:
		err = s.recordAttempt(r)
	}
	if err != nil {
		s.warn(r.id, err)
	}
}

// recordAttempt counts a failed attempt on disk, where the runs to come see it.
func (s *Sender) recordAttempt(r *report) error {
	pause := MaxWait
	if r.attempts < MaxAttempts {
		pause = s.target.backoffs[r.attempts-1]
	}
	kept, err := r.stored.Attempted(time.Now().Add(pause))
	if !kept {
		r.stored = nil
	}
	return err
}

// release gives a stored report back for a later run.
func (s *Sender) release(r *report) {
	if r.stored == nil {
		return
	}
	var err error
	if s.paused.After(time.Now()) {
		err = r.stored.Postpone(s.paused)
	} else {
		err = r.stored.Release()
	}
	if err != nil {
		s.log(spoolTrouble, "event_id", r.id, "reason", err.Error())
	}
}

const spoolTrouble = "sentry: trouble with the spool"

// warn logs without the lock.
func (s *Sender) warn(id string, err error) {
	safely(func() { s.target.Logger.Warn(spoolTrouble, "event_id", id, "reason", err.Error()) })
}

// settle ends the life of a report in this process: nil for accepted.
func (s *Sender) settle(r *report, err error) {
	delete(s.waiting, r.id)
	if errors.Is(err, errClosed) && r.stored != nil {
		s.release(r)
		return
	}
	if err == nil || errors.Is(err, errWithdrawn) {
		return
	}
	s.lost++
	s.lastErr = err
	s.log("sentry: report not accepted", "event_id", r.id, "attempts", r.attempts, "reason", err.Error())
}

// drop settles everything that no worker has.
func (s *Sender) drop(err error) {
	for _, r := range s.queue {
		s.settle(r, err)
	}
	s.queue = nil
	s.notify()
}

type verdict int

const (
	failed    verdict = iota // no answer, or one that is not about the report
	accepted                 // 2xx of a Sentry server
	refused                  // 4xx: it will never be accepted
	limited                  // 429: later
	withdrawn                // not sent at all
)

type outcome struct {
	verdict verdict
	err     error     // why not accepted
	pause   time.Time // nothing before this
}

// try makes one attempt.
func (s *Sender) try(r *report) outcome {
	if !s.target.Allowed() {
		return outcome{verdict: withdrawn}
	}
	ctx, cancel := context.WithTimeout(s.ctx, requestTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.target.URL, bytes.NewReader(r.envelope))
	if err != nil {
		return outcome{verdict: refused, err: errors.New("the DSN makes no valid address")}
	}
	req.Header.Set("Content-Type", "application/x-sentry-envelope")
	req.Header.Set("User-Agent", s.target.UserAgent)
	req.Header.Set("X-Sentry-Auth", s.target.Auth)
	resp, err := s.target.Client.Do(req)
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
