package sentry

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/reporter"
)

// Recover reports a panic of the goroutine that deferred it, waits until the
// server has accepted the report, but at most the flush timeout, and panics
// again with the same value. Without a panic it does nothing, and costs what
// an empty deferred call costs.
//
//	go func() {
//		defer sentry.Recover()
//		…
//	}()
//
// It must be deferred directly: like any function that calls recover, it sees
// nothing when another deferred function calls it. Defer it first, so that it runs
// last and sees the panics of the other deferred functions too. Only what tells
// others that the goroutine has ended, such as a WaitGroup's Done, is deferred
// before it: otherwise main may return before the report is sent.
//
//	defer wg.Done()
//	defer sentry.Recover()
//
// A panic that unwinds through several guards is reported by the first of them
// only, as long as they panic again with the same value. A guard that wraps the
// value (panic(fmt.Errorf("…: %w", err))) makes a new panic, which has a report of
// its own. A deferred function that panics by itself with the same value is taken
// for one that panics again.
// [http.ErrAbortHandler], runtime.Goexit and os.Exit are not reported.
func Recover() {
	value := recover()
	if value != nil {
		report(context.Background(), value)
		panic(value)
	}
	if noNilPanics.Load() { // nearly always, and first, as the machine then jumps nowhere
		return
	}
	panicAgainIfNil(context.Background())
}

// RecoverWithContext is [Recover] with the scope of the sentry-go hub on ctx:
// the tags, user, request and breadcrumbs that a middleware has put there.
// A ctx without a hub has the scope of the current hub. A *gin.Context has that of
// its request.
func RecoverWithContext(ctx context.Context) {
	value := recover()
	if value != nil {
		report(ctx, value)
		panic(value)
	}
	if noNilPanics.Load() { // nearly always, and first, as the machine then jumps nowhere
		return
	}
	panicAgainIfNil(ctx)
}

// noNilPanics is set once it is known that recover returns nil only where there
// is no panic. With the setting panicnil=1, in GODEBUG or in a //go:debug line of
// package main, it also returns nil for panic(nil), and a guard that takes this for
// no panic would end the panic. A setting that is changed later is not seen.
var noNilPanics atomic.Bool

// panicAgainIfNil does what its caller, a guard, does for other values, if that
// was run by a panic, and not because its function returns.
func panicAgainIfNil(ctx context.Context) {
	if !panics.NilAllowed(buildInfo()) {
		noNilPanics.Store(true)
		return
	}
	const guard = 1 // is the caller of this function
	if panics.Runs(guard) {
		report(ctx, nil)
		panic(nil)
	}
}

// RecoverError reports a panic for a helper that called recover itself, waits
// as [Recover] does, and returns. A nil value is no panic and not reported.
//
//	// LogOnPanic is deferred first in every goroutine.
//	func LogOnPanic() {
//		if value := recover(); value != nil {
//			slog.Error("panic", "value", value)
//			sentry.RecoverError(value)
//			panic(value)
//		}
//	}
func RecoverError(value any) {
	RecoverErrorWithContext(context.Background(), value)
}

// RecoverErrorWithContext is [RecoverError] with the scope of the sentry-go hub on
// ctx, see [RecoverWithContext]. It is for the places where a framework hands over
// what it has recovered, as the recovery interceptors of gRPC and the PanicHandlers
// of Kubernetes do. It must be called in the goroutine of the panic, and from the
// deferred function that has recovered it: the stack is gone when that returns.
func RecoverErrorWithContext(ctx context.Context, value any) {
	if value != nil {
		report(ctx, value)
	}
}

// Go runs f in a goroutine of its own, with [Recover] deferred. It panics for a nil f:
// the goroutine's own stack would not tell who has called Go.
func Go(f func()) {
	if f == nil {
		panic(errNoFunction)
	}
	go func() {
		defer Recover()
		f()
	}()
}

// GoWithContext runs f in a goroutine of its own, with [RecoverWithContext]
// deferred. A panic in f is reported with the tags, user and request that the
// sentry-go hub on ctx has at the time of this call. The context of f is ctx with a
// copy of that hub: a tag that f sets is not in the reports of others. It ends when
// ctx does; the context of an HTTP request ends with its handler, so that work that
// goes on needs context.WithoutCancel. It panics for a nil f, as Go does.
func GoWithContext(ctx context.Context, f func(ctx context.Context)) {
	if f == nil {
		panic(errNoFunction)
	}
	ctx = client.WithOwnHub(ctx)
	go func() {
		defer RecoverWithContext(ctx)
		f(ctx)
	}()
}

var errNoFunction = errors.New("sentry: a goroutine for a nil function")

// report sends value as the panic of this goroutine. Whatever happens here, it
// returns within the flush timeout, or that of the disk if it is longer: the
// user's panic must go on.
func report(ctx context.Context, value any) {
	r := reporter.Current()
	if r == nil || value == http.ErrAbortHandler {
		return
	}
	p, fresh := panics.Observe(value)
	if !fresh {
		return
	}
	// It is tempting to send from this goroutine. But an Error method, a
	// BeforeSend or a consent function that blocks (on a mutex that the
	// panicking function holds, say) or calls runtime.Goexit would then hold
	// the panic for good.
	report := reporter.Begin(r) // here: Flush knows of it as soon as this function returns
	if report == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer contain.Panic()
		report.Panic(ctx, p)
	}()
	bound := r.FlushTimeout()
	if r.Store() != nil {
		bound = max(bound, reporter.DiskWait)
	}
	timer := contain.Timer(bound)
	defer contain.Done(timer)
	select {
	case <-done:
	case <-timer.C:
	}
}
