package sentrytest

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// TB has the methods of a test that this package needs. *testing.T, *testing.B and *testing.F implement it.
type TB interface {
	Helper()
	Cleanup(f func())
	Fatalf(format string, args ...any)
}

// Server is a Sentry server with one project. Its methods may be called by several goroutines at the same time.
type Server struct {
	tb   TB // nil if Start made the server
	key  string
	addr string

	// life is held while the server starts or stops.
	life    sync.Mutex
	stop    context.CancelFunc // nil while the server is down
	http    *http.Server
	place   *place         // its port while it is down; nil if nobody keeps it
	running sync.WaitGroup // the listener's goroutine, every connection and every handler
	closed  chan struct{}  // closed by Close

	mu        sync.Mutex // guards the fields below
	answers   []Answer   // never empty; the last one is used again and again
	attempts  []*Attempt
	envelopes []*Envelope
	events    []*Event
	seen      map[string]bool // ids of the events
	changed   chan struct{}   // closed and replaced when an attempt arrives or is decided
	patience  time.Duration
}

// NewServer starts a server for a test and closes it when the test ends.
func NewServer(tb TB) *Server {
	tb.Helper()
	s, err := Start()
	if err != nil {
		tb.Fatalf("sentrytest: %v", err)
		return nil // only for a TB whose Fatalf returns
	}
	s.tb = tb
	tb.Cleanup(s.Close)
	return s
}

// Start starts a server for a program. The caller must close it.
func Start() (*Server, error) {
	s := &Server{
		key:      newKey(),
		closed:   make(chan struct{}),
		answers:  []Answer{Accept()},
		seen:     map[string]bool{},
		changed:  make(chan struct{}),
		patience: DefaultPatience,
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen on a loopback port: %w", err)
	}
	s.addr = listener.Addr().String()
	s.serve(listener)
	return s, nil
}

// newKey returns a random key. With a key of its own, a server refuses requests for another server, which may have had the same
// port a moment ago.
func newKey() string {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails, see crypto/rand
	return hex.EncodeToString(key)
}

// DSN returns the DSN for the client: http://<key>@127.0.0.1:<port>/1. It does not change.
func (s *Server) DSN() string {
	return "http://" + s.key + "@" + s.addr + "/" + projectID
}

// Close stops the server and ends every request that has no response yet. It returns when no goroutine of the server runs any
// more. The methods that return what has arrived still work. Closing a closed server does nothing.
func (s *Server) Close() {
	s.Down()
	s.life.Lock()
	defer s.life.Unlock()
	select {
	case <-s.closed:
	default:
		close(s.closed)
		s.place.leave()
	}
}

// Down makes the server unreachable, as if its machine were off. It closes all connections, and new ones are refused.
func (s *Server) Down() {
	s.life.Lock()
	defer s.life.Unlock()
	if s.stop == nil {
		return
	}
	s.stop() // before Close: see watch
	_ = s.http.Close()
	s.running.Wait()
	s.stop, s.http = nil, nil
	s.place = keepPlace(s.addr)
}

// Up makes the server reachable after [Server.Down], at the same address. It returns an error if the server was closed, or if
// another process has taken the port in the meantime, which Unix systems prevent.
func (s *Server) Up() error {
	s.life.Lock()
	defer s.life.Unlock()
	select {
	case <-s.closed:
		return fmt.Errorf("listen on %s: the server is closed", s.addr)
	default:
	}
	if s.stop != nil {
		return nil
	}
	kept := s.place
	s.place = nil
	listener, err := kept.listen(s.addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.addr, err)
	}
	s.serve(listener)
	return nil
}

// serve serves requests on the listener until stop is called and http is closed.
func (s *Server) serve(listener net.Listener) {
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{
		Handler:     http.HandlerFunc(s.handle),
		BaseContext: func(net.Listener) context.Context { return ctx },
		ConnState:   func(conn net.Conn, state http.ConnState) { s.watch(ctx, conn, state) },
		ErrorLog:    log.New(io.Discard, "", 0), // the server must not write into the output of a test
	}
	s.stop, s.http = cancel, server
	//lint:ignore lintpanics a test should see that its server is broken
	s.running.Go(func() { _ = server.Serve(listener) })
}

// watch counts the connections. It is tempting to rely on http.Server.Close, but that does not wait for handlers, and it misses a
// connection that is accepted while it runs.
func (s *Server) watch(ctx context.Context, conn net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
		if ctx.Err() != nil {
			_ = conn.Close()
		}
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	}
}

// handle handles one request.
func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	s.running.Add(1) // watch no longer counts a connection that was hijacked
	defer s.running.Done()

	answer := s.nextAnswer()
	attempt := &Attempt{
		Time: time.Now(), RemoteAddr: r.RemoteAddr,
		Method: r.Method, URL: r.URL.String(), Header: r.Header.Clone(), Outcome: Pending,
	}
	body, err := answer.read(r.Body)
	attempt.Body = body
	if answer.fault == faultCutRequest || err != nil {
		s.hangUp(w, r, attempt, answer, err)
		return
	}
	arrived, refused := s.inspect(r, body)
	attempt.Envelope = arrived.envelope
	if refused != nil {
		attempt.Err = refused
	}
	s.record(attempt)
	if !answer.wait(r.Context()) {
		answer = HangUp()
	}
	if refused != nil && answer.accepts() {
		answer = Answer{Status: refused.status, Body: refusalBody(refused.reason)}
	}
	s.decide(attempt, answer, arrived)
	answer.send(w, r, answer.body(arrived.eventID()))
}

// hangUp ends an attempt whose body did not arrive completely.
func (s *Server) hangUp(w http.ResponseWriter, r *http.Request, attempt *Attempt, answer Answer, err error) {
	attempt.Outcome = HungUp
	if err != nil {
		attempt.Err = fmt.Errorf("read body: %w", err)
	}
	s.record(attempt)
	answer.fault = faultHangUp
	answer.send(w, r, "")
}

func (s *Server) nextAnswer() Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	return next
}

// record makes an attempt visible to the test. It is called before the response is sent, so that a client that has a response finds
// its attempt.
func (s *Server) record(attempt *Attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attempts = append(s.attempts, attempt)
	s.announce()
}

// decide sets the outcome of an attempt, before the response is sent.
func (s *Server) decide(attempt *Attempt, answer Answer, arrived delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case answer.accepts():
		attempt.Outcome = s.accept(arrived)
	case answer.speaks():
		attempt.Outcome = Refused
	default:
		attempt.Outcome = HungUp
	}
	if answer.speaks() {
		attempt.Status = answer.status()
	}
	s.announce()
}

func (s *Server) accept(arrived delivery) Outcome {
	s.envelopes = append(s.envelopes, arrived.envelope)
	event := arrived.event
	if event == nil {
		return Accepted
	}
	if s.seen[event.EventID] {
		return Duplicate
	}
	s.seen[event.EventID] = true
	s.events = append(s.events, event)
	return Accepted
}

// announce wakes all goroutines that wait for a change. The caller holds mu.
func (s *Server) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (d delivery) eventID() string {
	switch {
	case d.event != nil:
		return d.event.EventID
	case d.envelope != nil:
		return d.envelope.Header.EventID
	default:
		return ""
	}
}

// Answer sets the answers to the requests that follow. The next request gets the first answer, the one after it the second, and so
// on. When there are no more, each request gets the last answer. Without arguments, all requests are accepted, as by a new server.
//
//	server.Answer(sentrytest.Status(503), sentrytest.HangUp(), sentrytest.Accept())
func (s *Server) Answer(answers ...Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = slices.Clone(answers)
	if len(answers) == 0 {
		s.answers = []Answer{Accept()}
	}
}

// Events returns the events accepted so far in the order of arrival, without duplicates. They must not be changed.
func (s *Server) Events() []*Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.events)
}

// Envelopes returns the envelopes accepted so far, in the order of arrival. They must not be changed. They include envelopes whose
// event was dropped as a duplicate, because Sentry counts the sessions and client reports in such an envelope again.
func (s *Server) Envelopes() []*Envelope {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.envelopes)
}

// Attempts returns all requests that have arrived completely or were ended by closing the connection, in the order of arrival. They
// include refused requests and duplicates.
func (s *Server) Attempts() []Attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	attempts := make([]Attempt, len(s.attempts))
	for i, attempt := range s.attempts {
		attempts[i] = *attempt
	}
	return attempts
}

// ItemsOfType returns the items with the type itemType in the envelopes accepted so far, in the order of arrival.
func (s *Server) ItemsOfType(itemType string) []Item {
	var items []Item
	for _, envelope := range s.Envelopes() {
		items = append(items, envelope.ItemsOfType(itemType)...)
	}
	return items
}

// ClientReports returns the client reports accepted so far, in the order of arrival.
func (s *Server) ClientReports() []ClientReport { return collect(s, (*Envelope).ClientReports) }

// Sessions returns the session updates accepted so far, in the order of arrival.
func (s *Server) Sessions() []Session { return collect(s, (*Envelope).Sessions) }

func collect[T any](s *Server, decode func(*Envelope) ([]T, error)) []T {
	var all []T
	for _, envelope := range s.Envelopes() {
		some, _ := decode(envelope) // no error: the server accepts only envelopes that can be decoded
		all = append(all, some...)
	}
	return all
}
