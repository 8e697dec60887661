package event

import (
	"cmp"
	"fmt"
	"slices"
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

// threads are the goroutines of a dump. The first one is the one that crashed: its
// stack is that of the exception. The others follow in the order in which somebody
// who looks for a deadlock or a leak would read them. It returns how many are left
// out for their size.
func (b *Builder) threads(d *traceback.Dump) (threads []sentry.Thread, left int) {
	if len(d.Goroutines) == 0 {
		return nil, 0
	}
	type candidate struct {
		g  *traceback.Goroutine
		st *sentry.Stacktrace
	}
	others := make([]candidate, 0, len(d.Goroutines)-1)
	for i := range d.Goroutines[1:] {
		g := &d.Goroutines[i+1]
		others = append(others, candidate{g, b.Frames.Printed(g.Frames, g.Elided, g.ElidedAt)})
	}
	// What many do is what the program does all day; what one does may be why they
	// all wait. The runtime's own goroutines come last.
	slices.SortStableFunc(others, func(x, y candidate) int {
		return cmp.Or(
			cmp.Compare(rank(x.st), rank(y.st)),
			cmp.Compare(x.g.Like, y.g.Like),
			cmp.Compare(y.g.Wait, x.g.Wait),
		)
	})
	threads = append(threads, b.thread(&d.Goroutines[0], nil))
	threads[0].Current = true
	size := 0
	for _, other := range others {
		t := b.thread(other.g, other.st)
		size += sizeOf(t)
		if len(threads) == maxThreads || size > maxThreadsSize {
			left += 1 + other.g.Like
			continue
		}
		threads = append(threads, t)
	}
	return threads, left
}

func rank(st *sentry.Stacktrace) int {
	if st == nil {
		return 1
	}
	return 0
}

func (b *Builder) thread(g *traceback.Goroutine, st *sentry.Stacktrace) sentry.Thread {
	return sentry.Thread{ID: strconv.FormatInt(g.ID, 10), Name: b.nameOf(g), Crashed: g.Crashed, Stacktrace: st}
}

// nameOf names a goroutine as the runtime does, because sentry-go has no field for
// the state:
//
//	goroutine 18 [select, 12 minutes] and 9,799 like it
//	goroutine 19 [select] {tenant: "acme"}
func (b *Builder) nameOf(g *traceback.Goroutine) string {
	state := g.State
	if g.Leaked {
		state += " (leaked)"
	}
	if g.Wait > 0 {
		state += fmt.Sprintf(", %d minutes", int(g.Wait.Minutes()))
	}
	if g.LockedToThread {
		state += ", locked to thread"
	}
	name := fmt.Sprintf("goroutine %d [%s]", g.ID, state)
	if g.Like > 0 {
		name += " and " + grouped(g.Like) + " like it"
	}
	if labels := b.labels(g.Labels); len(labels) > 0 {
		name += " " + printed(labels)
	}
	return name
}

// grouped is a number with a comma before every three digits.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func sizeOf(t sentry.Thread) (size int) {
	size = frameSize + len(t.Name)
	if t.Stacktrace == nil {
		return size
	}
	for _, f := range t.Stacktrace.Frames {
		size += frameSize + len(f.Function) + len(f.Module) + len(f.Filename)
	}
	return size
}
