package event

import (
	"fmt"
	"strconv"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/traceback"
)

const (
	// maxThreads goroutines are more than anybody reads.
	maxThreads = 100

	// maxThreadsSize keeps an event within the 200 kB of a report, together
	// with frameSize, which is what a frame takes beside its names.
	maxThreadsSize = 100_000
	frameSize      = 100
)

// threads are the goroutines of a dump, the one that crashed first: its stack
// is that of the exception. It returns how many are left out for their size.
func (b *Builder) threads(d *traceback.Dump) (threads []sentry.Thread, left int) {
	size := 0
	for i, g := range d.Goroutines {
		t := sentry.Thread{ID: strconv.FormatInt(g.ID, 10), Name: nameOf(g), Crashed: g.Crashed, Current: i == 0}
		if i > 0 {
			t.Stacktrace = b.Frames.Printed(g.Frames, g.Elided, g.ElidedAt)
			size += sizeOf(t.Stacktrace)
		}
		if i >= maxThreads || size > maxThreadsSize {
			return threads, len(d.Goroutines) - i
		}
		threads = append(threads, t)
	}
	return threads, 0
}

// nameOf names a goroutine as the runtime does: sentry-go has no field for the
// state.
func nameOf(g traceback.Goroutine) string {
	state := g.State
	if g.Wait > 0 {
		state += fmt.Sprintf(", %d minutes", int(g.Wait.Minutes()))
	}
	if g.LockedToThread {
		state += ", locked to thread"
	}
	return fmt.Sprintf("goroutine %d [%s]", g.ID, state)
}

func sizeOf(st *sentry.Stacktrace) (size int) {
	if st == nil {
		return frameSize
	}
	for _, f := range st.Frames {
		size += frameSize + len(f.Function) + len(f.Module) + len(f.Filename)
	}
	return size
}
