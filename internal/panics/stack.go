package panics

import (
	"runtime"

	"github.com/panicreport/sentry/internal/symbol"
)

const (
	// firstPCs covers nearly every stack in one walk; maxPCs bounds the memory
	// that a runaway recursion takes (512 kB).
	firstPCs = 256
	maxPCs   = 1 << 16
)

// A Stack is the stack of a goroutine as return addresses, innermost first, for
// [runtime.CallersFrames].
type Stack []uintptr

// Callers takes the stack of the calling goroutine, beginning with the caller of
// Callers. It is complete up to 65,536 frames.
func Callers() Stack {
	for size := firstPCs; ; size *= 4 {
		pcs := make([]uintptr, size)
		n := runtime.Callers(2, pcs)
		if n < size || size >= maxPCs {
			return pcs[:n]
		}
	}
}

// gopanic is the runtime's function behind the predeclared panic.
const gopanic = "runtime.gopanic"

// panics returns where in the stack the runtime's panic function stands,
// innermost first.
func (s Stack) panics() (at []int) {
	for i, pc := range s {
		if f := runtime.FuncForPC(pc - 1); f != nil && f.Name() == gopanic {
			at = append(at, i)
		}
	}
	return at
}

// entryOf returns the entry of the function that a return address is in.
func entryOf(pc uintptr) uintptr {
	if f := runtime.FuncForPC(pc - 1); f != nil {
		return f.Entry()
	}
	return 0
}

// isRuntimes tells whether a return address is in the runtime: it has panicked
// itself there, for a nil dereference or an index out of range.
func isRuntimes(pc uintptr) bool {
	f := runtime.FuncForPC(pc - 1)
	if f == nil {
		return false
	}
	pkg, _ := symbol.Split(f.Name())
	return symbol.IsRuntime(pkg)
}
