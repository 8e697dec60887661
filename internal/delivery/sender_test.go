package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/delivery"
	"github.com/panicreport/sentry/internal/envelope"
	"github.com/panicreport/sentry/sentrytest"
)

func target(server *sentrytest.Server) delivery.Target {
	key, rest, _ := strings.Cut(strings.TrimPrefix(server.DSN(), "http://"), "@")
	host, project, _ := strings.Cut(rest, "/")
	return delivery.Target{
		URL:       "http://" + host + "/api/" + project + "/envelope/",
		Auth:      "Sentry sentry_version=7, sentry_key=" + key,
		UserAgent: "test/1",
		Client: &http.Client{
			Transport:     &http.Transport{},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		Allowed: func() bool { return true },
		Logger:  contain.NewLogger(slog.New(slog.DiscardHandler)),
	}
}

func newSender(t *testing.T, target delivery.Target) *delivery.Sender {
	t.Helper()
	s := delivery.NewSender(target)
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func eventID(n int) string { return fmt.Sprintf("%032x", n+1) }

func eventEnvelope(id string) []byte {
	e := envelope.Envelope{Header: map[string]any{"event_id": id}}
	e.Add(map[string]any{"type": "event"}, []byte(`{"event_id":"`+id+`","message":"hello"}`))
	return e.Bytes()
}

// within is the time that a dying process has.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// limitedWith is a 429 that asks for no pause.
func limitedWith(name, value string) sentrytest.Answer {
	return sentrytest.Answer{Status: http.StatusTooManyRequests, Header: http.Header{name: {value}}}
}

// TestLimitWithoutAPause: a server that refuses for the moment, and does not say for
// how long, or by mistake for no time at all, is not asked without end.
func TestLimitWithoutAPause(t *testing.T) {
	t.Parallel()
	for _, answer := range []sentrytest.Answer{
		limitedWith("Retry-After", "0"),
		limitedWith("Retry-After", "Mon, 02 Jan 2006 15:04:05 GMT"),
		limitedWith("X-Sentry-Rate-Limits", "0:error:key"),
		limitedWith("X-Sentry-Rate-Limits", "60:session:key"), // says nothing of errors
	} {
		t.Run(fmt.Sprint(answer.Header), func(t *testing.T) {
			t.Parallel()
			server := sentrytest.NewServer(t)
			server.Answer(answer)
			s := newSender(t, target(server))
			s.Send(eventID(0), eventEnvelope(eventID(0)))
			s.Wait(within(t, 2*time.Second), eventID(0))
			require.LessOrEqual(t, len(server.Attempts()), 5, "each pause is twice the one before")
		})
	}
}

// TestFaults is the table of what a server or a network does, and what becomes
// of a report that meets it.
func TestFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		answer   sentrytest.Answer
		then     string // delivered at the next attempt, given up, or later
		attempts int
	}{
		{"accepted", sentrytest.Accept(), "delivered", 1},
		{"500", sentrytest.Status(500), "delivered", 2},
		{"502", sentrytest.Status(502), "delivered", 2},
		{"503", sentrytest.Status(503), "delivered", 2},
		{"408 of a gateway", sentrytest.Status(408), "delivered", 2},
		{"hang up", sentrytest.HangUp(), "delivered", 2},
		{"reset", sentrytest.Reset(), "delivered", 2},
		{"request cut", sentrytest.CutRequest(10), "delivered", 2},
		{"answer cut", sentrytest.CutAnswer(-1), "delivered", 2},
		{"answer lost", sentrytest.LoseAnswer(), "delivered", 2},
		{"captive portal", sentrytest.CaptivePortal(), "delivered", 2},
		{"portal without a type", sentrytest.Answer{Body: "\n<!DOCTYPE html>"}, "delivered", 2},
		{"portal with a type in capitals", sentrytest.Answer{Header: http.Header{"Content-Type": {"TEXT/HTML"}}, Body: "log in"}, "delivered", 2},
		{"portal with a byte order mark", sentrytest.Answer{Body: "\ufeff<html>"}, "delivered", 2},
		{"redirect to a login page", sentrytest.Answer{Status: 302, Header: http.Header{"Location": {"http://127.0.0.1:1/"}}}, "delivered", 2},
		{"400", sentrytest.Status(400), "given up", 1},
		{"401", sentrytest.Status(401), "given up", 1},
		{"403", sentrytest.Status(403), "given up", 1},
		{"404", sentrytest.Status(404), "given up", 1},
		{"413", sentrytest.Status(413), "given up", 1},
		{"429", sentrytest.RateLimited(time.Hour), "later", 1},
		{"429 for errors", sentrytest.RateLimited(time.Hour, "error"), "later", 1},
		{"429 without a time", sentrytest.Answer{Status: 429}, "later", 1},
		{"429 for no time", limitedWith("Retry-After", "0"), "delivered", 2},
		{"429 until a time that is over", limitedWith("Retry-After", "Mon, 02 Jan 2006 15:04:05 GMT"), "delivered", 2},
		{"429 for an instant", limitedWith("X-Sentry-Rate-Limits", "1e-9:error:key"), "delivered", 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := sentrytest.NewServer(t)
			server.Answer(tt.answer, sentrytest.Accept())
			s := newSender(t, target(server))
			ctx := within(t, 4*time.Second)
			s.Send(eventID(0), eventEnvelope(eventID(0)))
			s.Wait(ctx, eventID(0))
			err := s.Flush(ctx)
			switch tt.then {
			case "delivered":
				require.NoError(t, err)
				require.Len(t, server.Events(), 1)
			case "given up":
				require.ErrorContains(t, err, "1 report was not accepted")
			case "later":
				require.EqualError(t, err, "1 report was not accepted: the server answered 429 Too Many Requests")
			}
			require.NoError(t, ctx.Err(), "nobody waits for what will not come")
			attempts := server.Attempts()
			require.Len(t, attempts, tt.attempts)
			for _, a := range attempts[1:] {
				require.Equal(t, attempts[0].Header.Get("X-Sentry-Auth"), a.Header.Get("X-Sentry-Auth"))
				require.Equal(t, eventEnvelope(eventID(0)), a.Body, "the same bytes")
			}
		})
	}
}

// TestPauseIsKept: after a rate limit nothing is sent before its end.
func TestPauseIsKept(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.RateLimited(time.Second), sentrytest.Accept())
	s := newSender(t, target(server))
	s.Send(eventID(0), eventEnvelope(eventID(0)))
	s.Wait(within(t, 500*time.Millisecond), eventID(0)) // until it is clear that it has to wait for longer
	first := server.Attempts()[0]
	s.Send(eventID(1), eventEnvelope(eventID(1)))
	require.NoError(t, s.Flush(within(t, 10*time.Second)))
	for _, a := range server.Attempts()[1:] {
		require.GreaterOrEqual(t, a.Time.Sub(first.Time), 900*time.Millisecond)
	}
	require.Len(t, server.Events(), 2)
}

// TestIsNotGivenUp, however often the server fails.
func TestIsNotGivenUp(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	failure := sentrytest.Status(500)
	server.Answer(failure, failure, failure, sentrytest.Accept())
	s := newSender(t, delivery.WithoutJitter(target(server)))
	s.Send(eventID(0), eventEnvelope(eventID(0)))
	require.ErrorContains(t, s.Flush(within(t, time.Second)), "1 report was not accepted: the server answered 500 Internal Server Error")
	require.NoError(t, s.Flush(within(t, 10*time.Second)))
	require.Len(t, server.Attempts(), 4)
}

func TestQueueIsBounded(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	release := make(chan struct{})
	server.Answer(sentrytest.Answer{Until: release})
	s := newSender(t, target(server))
	const n, most = 1200, 1024
	for i := range n {
		s.Send(eventID(i), eventEnvelope(eventID(i)))
	}
	close(release)
	err := s.Flush(within(t, 20*time.Second))
	require.ErrorContains(t, err, fmt.Sprintf("%d reports were not accepted: too many reports are waiting (%[1]d)", n-most))
	require.Len(t, server.Events(), most)
}

// TestQueueIsBoundedInBytes, too.
func TestQueueIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	release := make(chan struct{})
	server.Answer(sentrytest.Answer{Until: release})
	s := newSender(t, target(server))
	large := func(n int) []byte {
		e := envelope.Envelope{Header: map[string]any{"event_id": eventID(n)}}
		e.Add(map[string]any{"type": "event"}, []byte(`{"event_id":"`+eventID(n)+`","message":"hello"}`))
		e.Add(map[string]any{"type": "attachment", "filename": "large"}, make([]byte, 900<<10))
		return e.Bytes()
	}
	const n = 40
	for i := range n {
		s.Send(eventID(i), large(i))
	}
	close(release)
	require.ErrorContains(t, s.Flush(within(t, 20*time.Second)), "too many reports are waiting")
	require.LessOrEqual(t, len(server.Attempts()), 20)
	var arrived []string
	for _, e := range server.Events() {
		arrived = append(arrived, e.EventID)
	}
	require.Contains(t, arrived, eventID(n-1), "the oldest give way")
}

// TestBurst: more is sent at a time, the more there is, up to a bound.
func TestBurst(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Answer{Delay: 50 * time.Millisecond})
	s := newSender(t, target(server))
	const n = 640
	begin := time.Now()
	for i := range n {
		s.Send(eventID(i), eventEnvelope(eventID(i)))
	}
	require.NoError(t, s.Flush(within(t, time.Minute)))
	require.Len(t, server.Attempts(), n)
	require.Less(t, time.Since(begin), n/4*50*time.Millisecond, "by four at a time, it takes at least that")
}

func TestSameReportIsQueuedOnce(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	release := make(chan struct{})
	server.Answer(sentrytest.Answer{Until: release})
	s := newSender(t, target(server))
	for range 3 {
		s.Send(eventID(0), eventEnvelope(eventID(0)))
	}
	close(release)
	require.NoError(t, s.Flush(within(t, 10*time.Second)))
	require.Len(t, server.Attempts(), 1)
}

func TestFlushWaitsForWhatIsBeingMade(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	s := newSender(t, target(server))
	end := s.Begin(eventID(0))
	require.ErrorContains(t, s.Flush(within(t, time.Millisecond)), "1 report is still waiting")
	flushed := make(chan error, 1)
	go func() { flushed <- s.Flush(within(t, 10*time.Second)) }()
	s.Send(eventID(0), eventEnvelope(eventID(0)))
	end()
	require.NoError(t, <-flushed)
	require.Len(t, server.Events(), 1)
}

func TestWithdrawnConsentIsNoLoss(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	to := target(server)
	var allowed atomic.Bool
	to.Allowed = allowed.Load
	s := newSender(t, to)
	s.Send(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, s.Flush(within(t, 10*time.Second)))
	require.Empty(t, server.Attempts())
}

func TestLogNamesNoAddress(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(nil)
	s.Close()
	var log bytes.Buffer
	to := delivery.WithoutJitter(delivery.Target{
		URL: s.URL + "/api/1/envelope/?sentry_key=hunter2", Auth: "hunter2", Client: &http.Client{},
		Allowed: func() bool { return true }, Logger: contain.NewLogger(slog.New(slog.NewTextHandler(&log, nil))),
	})
	sender := newSender(t, to)
	sender.Send(eventID(0), eventEnvelope(eventID(0)))
	err := sender.Flush(within(t, 100*time.Millisecond))
	require.EqualError(t, err, "1 report was not accepted: connect: connection refused")
	sender.Close() // and ends the writers of log
	require.Contains(t, log.String(), `msg="sentry: report not accepted" event_id=`+eventID(0)+` attempts=1 reason="connect: connection refused"`)
	require.NotContains(t, log.String(), "hunter2")
	require.NotContains(t, log.String(), "/api/")
}

// TestServerThatRepeatsTheKey in its reason for a refusal.
func TestServerThatRepeatsTheKey(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ reason, want string }{
		{"no such project", `400 Bad Request: "no such project"`},
		{"no project for hunter2", "400 Bad Request"},
		{"not for sesame", "400 Bad Request"},
		{"no route to 127.0.0.1", "400 Bad Request"},
	} {
		server := sentrytest.NewServer(t)
		server.Answer(sentrytest.Answer{Status: 400, Header: http.Header{"X-Sentry-Error": {tt.reason}}})
		to := target(server)
		to.Auth = "Sentry sentry_version=7, sentry_key=hunter2, sentry_secret=sesame"
		s := newSender(t, to)
		s.Send(eventID(0), eventEnvelope(eventID(0)))
		require.EqualError(t, s.Flush(within(t, 10*time.Second)), "1 report was not accepted: the server answered "+tt.want)
	}
}

// TestRefusalIsToldFirst: a program that dies of the panic whose report was refused has
// told so before.
func TestRefusalIsToldFirst(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Status(403))
	to := target(server)
	telling, told := make(chan struct{}), make(chan struct{})
	to.Logger = contain.NewLogger(slog.New(handlerFunc(func() { close(telling); <-told })))
	s := newSender(t, to)
	s.Send(eventID(0), eventEnvelope(eventID(0)))
	waited := make(chan struct{})
	ctx := within(t, 10*time.Second)
	go func() { defer close(waited); s.Wait(ctx, eventID(0)) }()
	<-telling
	select {
	case <-waited:
		t.Error("the panic goes on while the log is written")
	case <-time.After(100 * time.Millisecond): // nothing happens
	}
	close(told)
	<-waited
}

// TestClientAndLoggerOfTheApplication may panic, and a handler may report to
// Sentry: neither ends the program, nor does it hang.
func TestClientAndLoggerOfTheApplication(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	to := delivery.WithoutJitter(target(server))
	to.Client = &http.Client{Transport: panickingTransport{}}
	var s *delivery.Sender
	to.Logger = contain.NewLogger(slog.New(handlerFunc(func() {
		_ = s.Flush(within(t, time.Millisecond))
		panic("in the handler")
	})))
	s = newSender(t, to)
	s.Send(eventID(0), eventEnvelope(eventID(0)))
	s.Wait(within(t, 100*time.Millisecond), eventID(0))
	s.Close()
}

type panickingTransport struct{}

func (panickingTransport) RoundTrip(*http.Request) (*http.Response, error) { panic("in the transport") }

// A handlerFunc is called for each line.
type handlerFunc func()

func (handlerFunc) Enabled(context.Context, slog.Level) bool { return true }

func (f handlerFunc) Handle(context.Context, slog.Record) error { f(); return nil }

func (f handlerFunc) WithAttrs([]slog.Attr) slog.Handler { return f }

func (f handlerFunc) WithGroup(string) slog.Handler { return f }

func TestClosedSenderSendsNothing(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Never())
	s := delivery.NewSender(target(server))
	s.Send(eventID(0), eventEnvelope(eventID(0)))
	server.WaitAttempts(1)
	s.Close()
	s.Close()
	s.Send(eventID(1), eventEnvelope(eventID(1)))
	s.Wait(within(t, 10*time.Second), eventID(1))
	require.Len(t, server.Attempts(), 1)
}

func TestPauseOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		limits, retryAfter string
		status             int
		want               time.Duration // 0: no pause
	}{
		{"", "", 200, 0},
		{"", "", 500, 0},
		{"", "", 429, time.Minute},
		{"", "30", 429, 30 * time.Second},
		{"", "30", 503, 30 * time.Second},
		{"", "0.5", 429, 500 * time.Millisecond},
		{"", "Sat, 21 Nov 2026 12:00:45 GMT", 429, 45 * time.Second},
		{"", "Sat, 21 Nov 2099 12:00:45 GMT", 429, 24 * time.Hour},
		{"", "soon", 429, time.Minute},
		{"", "-5", 429, time.Minute},
		{"", "1e300", 429, 24 * time.Hour},
		{"", "NaN", 429, time.Minute},
		{"60::organization", "", 200, time.Minute},
		{"60:error:key", "", 200, time.Minute},
		{"60:transaction:key", "", 200, 0},
		{"60:transaction:key", "", 429, time.Minute},
		{"60:transaction:key, 2700:default;error;security:organization:reason", "10", 429, 45 * time.Minute},
		{"10:error:key,20::key", "", 200, 20 * time.Second},
		{"nonsense", "", 200, 0},
		{":::,,", "", 429, time.Minute},
	} {
		h := http.Header{}
		if tt.limits != "" {
			h.Set("X-Sentry-Rate-Limits", tt.limits)
		}
		if tt.retryAfter != "" {
			h.Set("Retry-After", tt.retryAfter)
		}
		got := delivery.PauseOf(h, tt.status, now)
		if tt.want == 0 {
			require.Zero(t, got, tt)
			continue
		}
		require.Equal(t, tt.want, got.Sub(now), tt)
	}
}
