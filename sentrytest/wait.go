package sentrytest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// DefaultPatience is how long the methods of [Server] wait before they make a test fail. A report over loopback takes less than a
// millisecond. The limit is for a child process with the race detector that starts on a machine under load.
const DefaultPatience = 10 * time.Second

// WaitAtMost sets how long [Server.Wait], [Server.WaitAttempts] and [Server.WaitUntil] wait. By default, DefaultPatience.
func (s *Server) WaitAtMost(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.patience = d
}

// Wait waits until the server has accepted at least n events, and returns all events. If they do not arrive in time, the test fails,
// and its output tells what did arrive. A server without a test (see [Start]) returns the events that it has. Wait must be called in
// the goroutine of the test.
func (s *Server) Wait(n int) []*Event {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.waitOrFail(fmt.Sprintf("%d events", n), func() bool { return len(s.Events()) >= n })
	return s.Events()
}

// WaitAttempts is like [Server.Wait], but for requests, accepted or not. The last ones may still be [Pending].
func (s *Server) WaitAttempts(n int) []Attempt {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.waitOrFail(fmt.Sprintf("%d attempts", n), func() bool { return len(s.Attempts()) >= n })
	return s.Attempts()
}

// WaitUntil waits until holds returns true. It calls holds at once and after each change, which is a request that arrives or is
// decided. If holds does not return true in time, the test fails. what names the condition in the message of the failure. WaitUntil
// must be called in the goroutine of the test.
//
//	server.WaitUntil("the session's end", func() bool { return len(server.Sessions()) == 2 })
func (s *Server) WaitUntil(what string, holds func() bool) {
	if s.tb != nil {
		s.tb.Helper()
	}
	s.waitOrFail(what, holds)
}

// WaitContext waits until the server has accepted at least n events, and returns all events, also with an error. It returns an error
// if ctx ends or the server is closed before.
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
		// Get the channel before the call of holds. Otherwise, a change between the call and the select would be missed.
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

// account returns a list of what has arrived, for the message of a failure.
func (s *Server) account() string {
	const most = 20 // attempts: more would hide the rest of the message
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

// summary returns an item as one line: an event with its title, anything else with its size.
func summary(envelope *Envelope, item Item) string {
	if item.Type == itemEvent {
		if event, err := envelope.Event(); err == nil {
			return "event " + show(event.EventID) + " " + show(event.Title())
		}
	}
	return fmt.Sprintf("%s, %d bytes", show(item.Type), len(item.Payload))
}
