// Package panics looks at a panic as its goroutine shows it while a deferred
// function runs: where it began, whether it was recovered and panicked again
// with the same value, whether a guard has seen it before, what its value says,
// and which errors that wraps. It knows nothing of Sentry.
//
// A guard calls [Observe] once, in the goroutine of the panic and before the
// function that recovered returns:
//
//	if value := recover(); value != nil {
//		if p, fresh := panics.Observe(value); fresh {
//			report(p)
//		}
//		panic(value)
//	}
//
// What no API of Go tells, it reads from the text of [runtime.Stack]. It does
// not recover by itself, and it can not see a panic that is over.
package panics

import (
	"bytes"
	"runtime"
	"strconv"

	"github.com/panicreport/sentry/internal/traceback"
)

// A Panic is one panic.
type Panic struct {
	Value     any
	Stack     Stack // from the place of the panic outward
	Goroutine uint64
	Labels    map[string]string // of the profiler, if this Go prints them

	id     uint64   // the same for all guards that it passes
	others []uint64 // ids of the other panics of its goroutine that are on their way
}

// Observe looks at the panic of this goroutine, of which value was recovered. It
// is not fresh if Observe has been called for the same panic before, by an inner
// guard.
func Observe(value any) (p Panic, fresh bool) {
	stack := Callers()
	goroutine, labels := ofGoroutine()
	p = Panic{Value: value, Stack: stack, Goroutine: goroutine, Labels: labels}
	panics := stack.panics()
	if len(panics) == 0 {
		p.id = fingerprint(p.Goroutine, p.Stack)
		return p, true // the helper recovered, and reports later
	}
	origin := originOf(stack, panics, value)
	p.Stack = stack[panics[origin]+1:]
	p.id = fingerprint(p.Goroutine, p.Stack)
	for _, outer := range panics[origin+1:] {
		p.others = append(p.others, fingerprint(p.Goroutine, stack[outer+1:]))
	}
	// The function deferred next to each panic, beginning with the origin's.
	deferred := make([]uintptr, origin+1)
	for i := range deferred {
		deferred[i] = entryOf(stack[panics[origin-i]-1])
	}
	return p, isFresh(p, deferred)
}

// Unwinding tells whether this goroutine panics, and is about to end with it.
func Unwinding() bool { return len(Callers().panics()) > 0 }

// maxHeader holds the first line of a stack with labels, in bytes.
const maxHeader = 4 << 10

// ofGoroutine reads the number and the profiler labels of this goroutine from the
// first line of its stack:
//
//	goroutine 18 [running] {tenant: acme}:
//
// The number tells two goroutines with equal stacks apart, and the crash monitor
// which one died. A line that is longer than maxHeader ends in the middle of a label.
func ofGoroutine() (id uint64, labels map[string]string) {
	var buf [maxHeader]byte
	line, _, _ := bytes.Cut(buf[:runtime.Stack(buf[:], false)], []byte("\n"))
	digits, _, _ := bytes.Cut(bytes.TrimPrefix(line, []byte("goroutine ")), []byte(" "))
	id, _ = strconv.ParseUint(string(digits), 10, 64)
	return id, traceback.Labels(line)
}
