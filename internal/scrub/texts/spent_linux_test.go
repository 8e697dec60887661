package texts_test

import (
	"time"

	"golang.org/x/sys/unix"
)

// spent returns the processor time of this thread, which others that use the same
// machine do not change.
func spent() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t) != nil {
		return time.Duration(time.Now().UnixNano())
	}
	return time.Duration(t.Nano())
}
