package contain

import (
	"sync"
	"time"
)

// A Lane lets a few functions run at a time, each in a goroutine of its own, for
// calls into something that may hang: a disk of a file server that is gone. A call
// that hangs keeps its place in the lane, so that however many callers there are,
// only so many threads are lost. While one hangs for which a caller has waited as long,
// [In] does not wait at all.
type Lane struct {
	places chan struct{}

	mu   sync.Mutex
	hang map[*call]time.Duration // calls that run, and how long was waited for each
}

type call struct{ ended bool }

// NewLane returns a Lane with so many places.
func NewLane(places int) *Lane {
	return &Lane{places: make(chan struct{}, places), hang: make(map[*call]time.Duration)}
}

// In runs f in the lane, and waits for a place and for its end, together for at
// most wait. It is not ok if f has not returned by then. If f returns after all,
// late is called with its result.
func In[T any](l *Lane, wait time.Duration, f func() T, late func(T)) (result T, ok bool) {
	if l.isStuck(wait) {
		return result, false
	}
	p := newPatience(wait)
	defer p.done()
	for entered := false; !entered; {
		select {
		case l.places <- struct{}{}:
			entered = true
		case <-p.C:
			if p.isOver() {
				return result, false
			}
		}
	}
	var c call
	results := make(chan T)
	gone := make(chan struct{})
	go func() {
		defer close(results) // if f panics
		defer func() { <-l.places }()
		defer Panic()
		defer l.leave(&c)
		r := f()
		select {
		case results <- r:
		case <-gone:
			late(r)
		}
	}()
	for {
		select {
		case result, ok = <-results:
			return result, ok
		case <-p.C:
			if p.isOver() {
				l.giveUp(&c, wait)
				close(gone)
				return result, false
			}
		}
	}
}

func (l *Lane) isStuck(wait time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, waited := range l.hang {
		if waited >= wait {
			return true
		}
	}
	return false
}

func (l *Lane) giveUp(c *call, waited time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.ended {
		l.hang[c] = waited
	}
}

func (l *Lane) leave(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c.ended = true
	delete(l.hang, c)
}

// steps of a patience: a process that was stopped loses one.
const steps = 8

// patience waits for a time in steps. A process that does not run for a while, because
// its container, its machine or a telephone's system has stopped it, finds a timer of
// one step fired then, and not that of the whole time: what it waits for has not run
// either.
type patience struct {
	*time.Timer
	step time.Duration
	left int
}

func newPatience(wait time.Duration) *patience {
	return &patience{Timer(wait / steps), wait / steps, steps}
}

// isOver is for each time that the timer has fired.
func (p *patience) isOver() bool {
	if p.left--; p.left == 0 {
		return true
	}
	p.Reset(p.step)
	return false
}

func (p *patience) done() { Done(p.Timer) }
