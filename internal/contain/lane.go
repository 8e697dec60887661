package contain

import (
	"sync"
	"time"
)

// A Lane lets a few functions run at a time, each in a goroutine of its own, for
// calls into something that may hang: a disk of a file server that is gone. A call
// that hangs keeps its place in the lane, so that however many callers there are,
// only so many threads are lost. While one has hung for longer than a caller would
// wait, [In] does not wait at all.
type Lane struct {
	places chan struct{}

	mu      sync.Mutex
	running map[*call]struct{}
}

type call struct{ began time.Time }

// NewLane returns a Lane with so many places.
func NewLane(places int) *Lane {
	return &Lane{places: make(chan struct{}, places), running: make(map[*call]struct{})}
}

// In runs f in the lane, and waits for a place and for its end, together for at
// most wait. It is not ok if f has not returned by then. If f returns after all,
// late is called with its result.
func In[T any](l *Lane, wait time.Duration, f func() T, late func(T)) (result T, ok bool) {
	if l.isStuck(wait) {
		return result, false
	}
	timer := Timer(wait)
	defer Done(timer)
	select {
	case l.places <- struct{}{}:
	case <-timer.C:
		return result, false
	}
	results := make(chan T)
	gone := make(chan struct{})
	defer close(gone)
	go func() {
		defer close(results) // if f panics
		defer func() { <-l.places }()
		defer Panic()
		c := l.enter()
		defer l.leave(c)
		r := f()
		select {
		case results <- r:
		case <-gone:
			late(r)
		}
	}()
	select {
	case result, ok = <-results:
		return result, ok
	case <-timer.C:
		return result, false
	}
}

// isStuck tells whether a place has been taken for longer than wait.
func (l *Lane) isStuck(wait time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.running {
		if time.Since(c.began) >= wait {
			return true
		}
	}
	return false
}

func (l *Lane) enter() *call {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := &call{time.Now()}
	l.running[c] = struct{}{}
	return c
}

func (l *Lane) leave(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, c)
}
