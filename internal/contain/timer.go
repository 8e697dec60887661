package contain

import (
	"sync"
	"time"
)

var timers = sync.Pool{New: func() any { return time.NewTimer(time.Hour) }}

// Timer returns a timer that fires after wait. A report waits in several places,
// and nearly never so long: the timers are used again.
func Timer(wait time.Duration) *time.Timer {
	t := timers.Get().(*time.Timer)
	t.Reset(wait)
	return t
}

// Done takes back a timer of [Timer]: nobody waits for it any more.
func Done(t *time.Timer) {
	t.Stop() // and, since Go 1.23, nothing of it is left in the channel
	timers.Put(t)
}
