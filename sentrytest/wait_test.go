package sentrytest_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

// These types of package testing implement TB.
var (
	_ sentrytest.TB = (*testing.T)(nil)
	_ sentrytest.TB = (*testing.B)(nil)
	_ sentrytest.TB = (*testing.F)(nil)
)

// recorder is a TB that records how it fails.
type recorder struct{ failure string }

func (r *recorder) Helper()        {}
func (r *recorder) Cleanup(func()) {}

// Fatalf ends its goroutine, as the Fatalf of a real test does.
func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failureOf runs f with a recorder, and returns the message of the failure.
func failureOf(f func(tb sentrytest.TB)) string {
	tb := &recorder{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(tb)
	}()
	<-done
	return tb.failure
}

func TestWaitTellsWhatDidArrive(t *testing.T) {
	t.Parallel()
	failure := failureOf(func(tb sentrytest.TB) {
		server := sentrytest.NewServer(tb)
		defer server.Close()
		mustPost(t, server, envelope(firstID,
			item("event", `{"exception":[{"type":"panic","value":"boom\u001b[2J"}]}`), item("attachment", "12345")))
		server.Answer(sentrytest.Status(503))
		mustPost(t, server, eventEnvelope(secondID))
		mustPost(t, server, "bad")

		server.WaitAtMost(time.Millisecond)
		server.Wait(3)
	})

	for _, expected := range []string{
		"sentrytest: wait for 3 events: not within 1ms",
		"3 attempts have arrived:",
		"POST /api/1/envelope/: accepted, answered 200",
		"event " + firstID + ` panic: boom\x1b[2J`,
		"attachment, 5 bytes",
		"POST /api/1/envelope/: refused, answered 503\n    event " + secondID + " hello",
		`refused, answered 503: parse envelope header: "bad" is not a JSON object`,
	} {
		require.Contains(t, failure, expected)
	}
}

func TestWaitThatIsInVain(t *testing.T) {
	t.Parallel()
	require.Contains(t, failureOf(func(tb sentrytest.TB) {
		server := sentrytest.NewServer(tb)
		server.Close()
		server.WaitAttempts(1)
	}), "wait for 1 attempts: the server was closed\nnothing has arrived")

	require.Contains(t, failureOf(func(tb sentrytest.TB) {
		server := sentrytest.NewServer(tb)
		defer server.Close()
		for range 21 {
			mustPost(t, server, eventEnvelope(firstID))
		}
		server.WaitAtMost(time.Millisecond)
		server.WaitUntil("a miracle", func() bool { return false })
	}), "and 1 more\n")
}

func TestWaitIsWokenByTheEvent(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	_, result := inBackground(t, server, eventEnvelope(firstID))
	require.Equal(t, firstID, server.Wait(1)[0].EventID)
	require.NoError(t, <-result)
}

func TestWaitContext(t *testing.T) {
	t.Parallel()
	server, err := sentrytest.Start()
	require.NoError(t, err)
	defer server.Close()
	mustPost(t, server, eventEnvelope(firstID))

	events, err := server.WaitContext(t.Context(), 1)
	require.NoError(t, err)
	require.Len(t, events, 1)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	events, err = server.WaitContext(ctx, 2)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "wait for 2 events, have 1")
	require.Len(t, events, 1)

	server.WaitAtMost(time.Millisecond)
	require.Len(t, server.Wait(2), 1, "there is no test to fail")
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	const clients = 50
	for i := range clients {
		inBackground(t, server, eventEnvelope(fmt.Sprintf("%032x", i)))
	}
	events := server.Wait(clients)
	seen := map[string]bool{}
	for _, event := range events {
		seen[event.EventID] = true
	}
	require.Len(t, seen, clients)
	require.False(t, strings.Contains(server.DSN(), " "))
}
