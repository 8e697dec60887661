package sentry_test

import (
	"context"
	"net/http"
	"runtime"
	"testing"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// What the library costs while nothing goes wrong, in allocations: times are measured
// beside those of others, in bench. The tests do not run in parallel, as everything in
// the process counts.

// calls are how often a test repeats what it counts: enough for the few allocations of
// the runtime itself to be less than one in each.
const calls = 1000

// logOnPanic is the helper of a project, as in examples/helper.
func logOnPanic() {
	if value := recover(); value != nil {
		sentry.RecoverError(value)
		panic(value)
	}
}

func TestGuardsAllocateNothing(t *testing.T) {
	server := sentrytest.NewServer(t)
	ctx := context.Background()
	work := func() { runtime.Gosched() }
	guarded := map[string]func(){
		"Recover":            func() { defer sentry.Recover(); work() },
		"RecoverWithContext": func() { defer sentry.RecoverWithContext(ctx); work() },
		"a helper":           func() { defer logOnPanic(); work() },
		"in a loop": func() { // where the compiler can not keep the defer in the frame of the function
			for range 2 {
				defer sentry.Recover()
			}
			work()
		},
	}
	for _, reporting := range []bool{false, true} {
		if reporting {
			initialise(t, server)
		}
		for name, f := range guarded {
			require.Zero(t, testing.AllocsPerRun(calls, f), "%s, reporting: %t", name, reporting)
		}
	}
	require.Empty(t, server.Events())
}

// TestGoAllocates: Go needs one allocation beyond those of the go statement, for what
// has the function and the guard, and GoWithContext another few, for the copy of the hub.
func TestGoAllocates(t *testing.T) {
	initialise(t, sentrytest.NewServer(t))
	done := make(chan struct{})
	end, endWith := func() { done <- struct{}{} }, func(context.Context) { done <- struct{}{} }
	ctx := context.Background()
	plain := testing.AllocsPerRun(calls, func() { go end(); <-done })
	hub := testing.AllocsPerRun(calls, func() { _ = sentrygo.SetHubOnContext(ctx, sentrygo.CurrentHub().Clone()) })
	require.LessOrEqual(t, testing.AllocsPerRun(calls, func() { sentry.Go(end); <-done }), plain+1)
	require.LessOrEqual(t, testing.AllocsPerRun(calls, func() { sentry.GoWithContext(ctx, endWith); <-done }), plain+hub+1)
}

// TestCountRequestsAllocates nothing for a request; once a minute, there is an envelope.
func TestCountRequestsAllocates(t *testing.T) {
	h := sentry.CountRequests(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	serve := func() { h.ServeHTTP(nil, nil) }
	require.Zero(t, testing.AllocsPerRun(calls, serve), "not reporting")
	initialise(t, sentrytest.NewServer(t))
	require.Zero(t, testing.AllocsPerRun(calls, serve), "without sessions")
	initialise(t, sentrytest.NewServer(t), sentry.WithSpool(t.TempDir()), sentry.WithReleaseHealth())
	require.True(t, sentry.Flush(long))
	require.Zero(t, testing.AllocsPerRun(calls, serve), "with sessions")
}

// TestInitAllocates holds what Init and Close allocate together: what Init leaves to
// other goroutines is over by then. sentry-go's own NewClient has 77 of it, and a group
// of processes, of which a container may have four, 12.
func TestInitAllocates(t *testing.T) {
	dsn := sentrytest.NewServer(t).DSN()
	for name, c := range map[string]struct {
		most    float64
		options []sentry.Option
	}{
		"no spool": {200, nil},
		"spool":    {660, []sentry.Option{sentry.WithSpool(t.TempDir())}},
	} {
		options := append([]sentry.Option{sentry.WithDSN(dsn), sentry.WithFlushTimeout(long)}, c.options...)
		run := func() {
			require.NoError(t, sentry.Init(options...))
			require.NoError(t, sentry.Close())
		}
		allocations := testing.AllocsPerRun(20, run)
		t.Log(name, allocations)
		require.Less(t, allocations, c.most, name)
	}
}
