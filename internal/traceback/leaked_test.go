package traceback_test

import (
	"bytes"
	"io"
	"runtime"
	"runtime/pprof"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLeaked: once the program has taken the profile goroutineleak, of Go 1.27, the
// runtime marks the goroutines that it has found in each later dump.
func TestLeaked(t *testing.T) {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		t.Skip("this Go has no profile goroutineleak")
	}
	started := make(chan bool)
	func() {
		never := make(chan bool)
		go func() {
			started <- true
			<-never
		}()
	}()
	<-started
	leaked := func() bool {
		require.NoError(t, profile.WriteTo(io.Discard, 1))
		text := make([]byte, 1<<20)
		d := parse(t, append([]byte("panic: x\n\n"), bytes.TrimRight(text[:runtime.Stack(text, true)], "\x00")...))
		for _, g := range d.Goroutines {
			if g.Leaked && g.State == "chan receive" {
				return true
			}
		}
		return false
	}
	for !leaked() { // it may not have come to its channel yet
		runtime.Gosched()
	}
}
