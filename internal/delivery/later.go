package delivery

import (
	"sync"

	"github.com/panicreport/sentry/internal/contain"
)

// A lock does some things only when it is free again: to log, because a handler of
// the application's may panic, or report to Sentry and so come back here; and to give
// something back to a disk that may hang.
type lock struct {
	mu    sync.Mutex
	later []func()
}

func (l *lock) Lock() { l.mu.Lock() }

// Later has f done when the lock is free, by whoever frees it. The lock is held.
func (l *lock) Later(f func()) { l.later = append(l.later, f) }

// Unlock frees the lock, and returns when everything is done that was kept for later.
func (l *lock) Unlock() {
	todo := l.later
	l.later = nil
	l.mu.Unlock()
	for _, f := range todo {
		contain.Call(f)
	}
}

// Free calls f while the lock is free. It is held again in the end, after a panic of f
// too: what is deferred then counts on it.
func (l *lock) Free(f func()) {
	l.Unlock()
	defer l.Lock()
	f()
}
