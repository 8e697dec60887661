package sentrytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// DefaultPatience is how long the methods of [Server] wait that fail a test. A report over loopback takes less than a
// millisecond; the bound is for a race-enabled child process that starts on a machine under load.
const DefaultPatience = 10 * time.Second

// WaitAtMost sets how long [Server.Wait], [Server.WaitAttempts] and [Server.WaitUntil] wait. By default, DefaultPatience.
func (s *Server) WaitAtMost(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = d
}

// Wait waits until at least n events are accepted and returns all that are. If they do not come in time, the test fails and
// tells what did arrive; a server without a test (see Start) returns what it has. It must be called in the goroutine of the test.
func (s *Server) Wait(n int) []*Event {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.waitOrFail(fmt.Sprintf("%d events", n), func() bool { return len(s.Events()) >= n })
	return s.Events()
}

// WaitAttempts is Wait for requests, whatever came of them. An attempt may still be [Pending].
func (s *Server) WaitAttempts(n int) []Attempt {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.waitOrFail(fmt.Sprintf("%d attempts", n), func() bool { return len(s.Attempts()) >= n })
	return s.Attempts()
}

// WaitUntil waits until holds returns true. It asks now and after each change: a request that arrives, one that is decided. If that
// does not come in time, the test fails; what says what was waited for. It must be called in the goroutine of the test.
//
//	server.WaitUntil("the session's end", func() bool { return len(server.Sessions()) == 2 })
func (s *Server) WaitUntil(what string, holds func() bool) {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.waitOrFail(what, holds)
}

// WaitContext waits until at least n events are accepted, and returns all that are, also with an error. The error is that of ctx,
// or says that the server was closed.
func (s *Server) WaitContext(ctx context.Context, n int) ([]*Event, error) {
	err := s.wait(ctx, func() bool { return len(s.Events()) >= n })
	events := s.Events()
	if err != nil {
		err = fmt.Errorf("wait for %d events, have %d: %w", n, len(events), err)
	}
	return events, err
}

func (s *Server) waitOrFail(what string, holds func() bool) {
	s.mu.Lock()
	patience := s.patience
	s.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, fmt.Errorf("not within %v", patience))
	defer cancel()
	if err := s.wait(ctx, holds); err != nil && s.tb != nil {
		s.tb.Helper()
		s.tb.Fatalf("sentrytest: wait for %s: %v\n%s", what, err, s.account())
	}
}

var errClosed = errors.New("the server was closed")

func (s *Server) wait(ctx context.Context, holds func() bool) error {
	for {
		// The channel comes first, so that no change between the question and the select is missed.
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if holds() {
			return nil
		}
		select {
		case <-changed:
		case <-s.closed:
			return errClosed
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// account tells what has arrived, for the reader of a failed test.
func (s *Server) account() string {
	const most = 20 // attempts: enough to see a pattern, few enough to find the failure's own line
	attempts := s.Attempts()
	if len(attempts) == 0 {
		return "nothing has arrived"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%d attempts have arrived:\n", len(attempts))
	for i, attempt := range attempts {
		if i == most {
			fmt.Fprintf(&text, "  and %d more\n", len(attempts)-most)
			break
		}
		fmt.Fprintf(&text, "  %v\n", attempt)
		if attempt.Envelope == nil {
			continue
		}
		for _, item := range attempt.Envelope.Items {
			fmt.Fprintf(&text, "    %s\n", summary(attempt.Envelope, item))
		}
	}
	return text.String()
}

// summary is an item in one line: an event by its title, anything else by its size.
func summary(envelope *Envelope, item Item) string {
	if item.Type == itemEvent {
		if event, err := envelope.Event(); err == nil {
			return "event " + show(event.EventID) + " " + show(event.Title())
		}
	}
	return fmt.Sprintf("%s, %d bytes", show(item.Type), len(item.Payload))
}
