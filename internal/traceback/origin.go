package traceback

import "strings"

// Origin returns the frames from the place of the crash outward, without the
// machinery of the panic or the fatal error above it. Other frames of the
// runtime stay: a caller that wants none leaves them out everywhere.
//
// Of a panic that a deferred function repanicked it is the place of the first:
// for
//
//	panic: x [recovered, repanicked]
//
//	goroutine 1 [running]:
//	main.guard()
//	panic({0x4e0f00?, 0x5111d0?})
//	main.f()
//	main.main()
//
// main.f and main.main. Of a panic in a deferred function it is the place of
// that one, as recover would have had its value: with "panic: x", "panic: y"
// above the same stack, all of it. Of a fatal error it is what called
// runtime.throw or runtime.fatal:
//
//	goroutine 7 [running]:
//	internal/sync.fatal({0x50a93a?, 0x4f0ba0?})
//	internal/sync.(*Mutex).unlockSlow(0x1a8858586020, 0xffffffff)
//	sync.(*Mutex).Unlock(...)
//	main.f()
//
// from internal/sync.(*Mutex).unlockSlow on. If the runtime died on a thread's
// own stack it is the goroutine that the thread ran, and if there was none,
// that stack. Of a deadlock it is the first goroutine that waits.
//
// Where frames were elided, Goroutines[0].ElidedAt tells where.
func (d *Dump) Origin() []Frame {
	switch {
	case len(d.Goroutines) > 0 && (d.crashed() || len(d.RuntimeStack) == 0 || d.Reason == asleep):
		frames := d.Goroutines[0].Frames
		return frames[min(d.origin, len(frames)):]
	case len(d.RuntimeStack) > 0:
		at, _ := throwAt(d.RuntimeStack)
		return d.RuntimeStack[at:]
	}
	return nil
}

// countPanics returns how many panics are under way on a stack.
func countPanics(frames []Frame) int {
	n := 0
	for _, f := range frames {
		if f.Function == gopanic {
			n++
		}
	}
	if hidesRuntime(frames) {
		n++
	}
	return n
}

// hidesRuntime reports whether a stack is without the runtime's own frames, as
// below GOTRACEBACK=system. Then the call of the last panic, which would be on
// top, is not shown; those of older ones are. What is exported is shown always.
func hidesRuntime(frames []Frame) bool {
	if len(frames) == 0 {
		return false
	}
	name, ok := strings.CutPrefix(frames[0].Function, "runtime.")
	name = strings.TrimPrefix(name, "(*")
	return !isThrow(frames[0].Function) && (!ok || name == "" || name[0] < 'a' || name[0] > 'z')
}

// originOfPanic returns the index of the frame that called the last panic of
// the chain, for the first time.
func originOfPanic(frames []Frame, chain []PanicValue) int {
	calls := countPanics(frames)
	if !chain[len(chain)-1].Repanicked {
		return pastPanics(frames, 1)
	}
	// The older panics have what is left of the calls: one each, but at least
	// two where one was repanicked. How many exactly, the arguments tell.
	exact := true
	for _, older := range chain[:len(chain)-1] {
		calls--
		if older.Repanicked {
			calls, exact = calls-1, false
		}
	}
	if !exact {
		calls = min(calls, sameValue(frames))
	}
	return pastPanics(frames, max(calls, 1))
}

// pastPanics returns the index below the nth call of panic from the top,
// counting one that is not shown.
func pastPanics(frames []Frame, n int) int {
	if hidesRuntime(frames) {
		if n--; n == 0 {
			return 0
		}
	}
	for i, f := range frames {
		if f.Function == gopanic {
			if n--; n == 0 {
				return i + 1
			}
		}
	}
	return 0
}

// sameValue returns how many of the calls of panic on top have the same
// argument: they are one panic and its repetitions.
func sameValue(frames []Frame) int {
	n, args := 0, ""
	if hidesRuntime(frames) {
		n = 1
	}
	for _, f := range frames {
		if f.Function != gopanic {
			continue
		}
		a := strings.ReplaceAll(f.args, "?", "")
		if args == "" {
			args = a
		}
		if a != args {
			break
		}
		n++
	}
	return n
}

// throwAt returns how many frames on top are the machinery of a fatal error,
// and the function that called it.
func throwAt(frames []Frame) (n int, caller string) {
	for n < len(frames) && isThrow(frames[n].Function) {
		n++
	}
	if n < len(frames) {
		caller = frames[n].Function
	}
	return n, caller
}

// isThrow reports whether a function only ends the process. The packages that
// the runtime gives one under their own name are those with a "//go:linkname
// fatal" or throw (runtime/panic.go).
func isThrow(function string) bool {
	switch function {
	case "runtime.throw", "runtime.fatal", "runtime.fatalthrow",
		"sync.throw", "sync.fatal",
		"internal/sync.throw", "internal/sync.fatal",
		"internal/runtime/maps.fatal", "internal/runtime/cgroup.throw",
		"crypto/rand.fatal", "crypto/internal/sysrand.fatal", "crypto/internal/fips140.fatal":
		return true
	}
	return false
}

// pastPrinting returns the index of the method that panicked as the runtime
// called it to print a panic, if that is what stands below the throw at n:
//
//	runtime.throw({0x22df02784000?, 0x50b0b0?})
//	runtime.preprintpanics.func1()
//	panic({0x4e0f00?, 0x5111c0?})
//	main.explosive.Error(...)
func pastPrinting(frames []Frame, n int) int {
	if n+1 < len(frames) && frames[n].Function == printing && frames[n+1].Function == gopanic {
		return n + 2
	}
	return n
}

const printing = "runtime.preprintpanics.func1"

// inRuntime reports whether a function is the runtime's own.
func inRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
}
