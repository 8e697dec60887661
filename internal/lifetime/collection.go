package lifetime

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// collectionGap is the least time between two calls: a busy program collects its
// garbage many times a second.
const collectionGap = 10 * time.Second

// A sentinel is an object that nothing refers to. It has a pointer: the runtime puts
// small objects without one together.
type sentinel struct{ _ *int }

// onCollection calls f, in a goroutine of its own, after a garbage collection, but
// not more often than every 10 seconds. The runtime collects every two minutes, even
// if the program does nothing. So something can be looked after without a timer,
// which would wake an idle program and hide from the runtime that all goroutines
// are asleep.
func onCollection(f func()) (stop func()) {
	var stopped, running atomic.Bool
	last := time.Now()
	var arm func()
	arm = func() {
		// The object is garbage at once. Its finalizer runs in a goroutine of the
		// runtime's, which f must not block.
		runtime.SetFinalizer(new(sentinel), func(*sentinel) {
			defer contain.Panic()
			if stopped.Load() {
				return
			}
			arm()
			if time.Since(last) < collectionGap || !running.CompareAndSwap(false, true) {
				return
			}
			last = time.Now()
			go func() {
				defer contain.Panic()
				defer running.Store(false)
				f()
			}()
		})
	}
	arm()
	return func() { stopped.Store(true) }
}
