// Package contain runs code that must not harm the program: the application's
// own functions (an Error method, a hook, a consent function, a log handler),
// which may panic, wait for a lock that the panicking function holds, or call
// [runtime.Goexit]; and our own goroutines, whose faults must not end the
// program that they watch over.
//
// It does not stop code that does not return: [Within] leaves it behind in its
// goroutine.
package contain

import "time"

// Panic is deferred in each of our own goroutines, first or right after what tells
// others that the goroutine has ended. We can not report our panics to ourselves, so
// it drops them.
func Panic() { _ = recover() }

// Call runs f in a goroutine of its own, so that neither a panic nor
// runtime.Goexit in f ends the caller's, and returns when f has ended. A test's
// FailNow calls Goexit, for example.
func Call(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer Panic()
		f()
	}()
	<-done
}

// Within runs f in a goroutine of its own, for at most wait. It is not ok if f
// has not returned by then, or ended by a panic or runtime.Goexit.
func Within[T any](wait time.Duration, f func() T) (result T, ok bool) {
	type outcome struct {
		result T
		ok     bool
	}
	ended := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() { ended <- o }()
		defer Panic()
		o.result = f()
		o.ok = true
	}()
	timer := Timer(wait)
	defer Done(timer)
	select {
	case o := <-ended:
		return o.result, o.ok
	case <-timer.C:
		return result, false
	}
}
