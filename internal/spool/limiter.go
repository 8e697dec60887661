package spool

import (
	"sync"
	"time"
)

// A Limiter is [Store.Allow] without a directory: it counts in memory, for this process alone. Its zero value is ready.
type Limiter struct {
	mu sync.Mutex
	st state
}

// Allow is [Store.Allow], and never fails.
func (l *Limiter) Allow(key string, n int, per time.Duration) (leftOut int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.st.init()
	return l.st.allow(key, millis(time.Now()), n, per)
}

func (st *state) allow(key string, now int64, n int, per time.Duration) (leftOut int, ok bool) {
	st.forget(key, now, per)
	w := st.Limits[key]
	leftOut, ok = w.count(now, n, per)
	st.Limits[key] = w
	return leftOut, ok
}
