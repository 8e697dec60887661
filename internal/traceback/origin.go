package traceback

import "strings"

// Origin returns the frames of the stack from the place of the crash outward. It
// leaves out the frames above that place, which belong to the panic or the fatal
// error itself. It keeps other frames of the runtime: a caller that does not want
// them has to remove them from the whole stack.
//
// If a deferred function repanicked a panic with the same value, the place is that
// of the first panic. For
//
//	panic: x [recovered, repanicked]
//
//	goroutine 1 [running]:
//	main.guard()
//	panic({0x4e0f00?, 0x5111d0?})
//	main.f()
//	main.main()
//
// Origin returns main.f and main.main.
//
// If a deferred function panicked with another value, the place is in the deferred
// function, because recover would have returned that value. With "panic: x" and
// "panic: y" above the same stack, Origin returns the whole stack.
//
// For a fatal error, the place is the function that called runtime.throw or
// runtime.fatal. For
//
//	goroutine 7 [running]:
//	internal/sync.fatal({0x50a93a?, 0x4f0ba0?})
//	internal/sync.(*Mutex).unlockSlow(0x1a8858586020, 0xffffffff)
//	sync.(*Mutex).Unlock(...)
//	main.f()
//
// Origin returns the frames from internal/sync.(*Mutex).unlockSlow on.
//
// If the runtime died on the stack of a thread, Origin returns the frames of the
// goroutine that the thread ran. If there was none, it returns the stack of the
// thread. For a deadlock, it returns the frames of the first goroutine that waits.
//
// Frames can be missing from the middle of the stack, see
// Goroutines[0].ElidedAt.
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

// countPanics returns how many calls of panic a stack has.
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

// hidesRuntime reports whether a stack is without the runtime's own frames, because
// GOTRACEBACK was lower than system. Such a stack does not show the call of the last
// panic, which would be on top. It shows the calls of older panics, and exported
// functions of the runtime.
func hidesRuntime(frames []Frame) bool {
	if len(frames) == 0 {
		return false
	}
	name, ok := strings.CutPrefix(frames[0].Function, "runtime.")
	name = strings.TrimPrefix(name, "(*")
	return !isThrow(frames[0].Function) && (!ok || name == "" || name[0] < 'a' || name[0] > 'z')
}

// originOfPanic returns the index of the frame that called panic for the last
// panic of the chain. If that was repanicked, it is the frame of its first call.
func originOfPanic(frames []Frame, chain []PanicValue) int {
	calls := countPanics(frames)
	if !chain[len(chain)-1].Repanicked {
		return pastPanics(frames, 1)
	}
	// All calls are of the last panic, except for those of the older panics. These
	// have one call each, or at least two if they were repanicked. If one was, the
	// exact number follows from the arguments of the calls.
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

// pastPanics returns the index of the frame below the nth call of panic from the
// top. A call that the stack does not show counts, too.
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

// sameValue returns how many calls of panic from the top have the same argument.
// They are one panic and its repetitions.
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

// throwAt returns how many frames on top are of functions that end the process for
// a fatal error, and the function that called them.
func throwAt(frames []Frame) (n int, caller string) {
	for n < len(frames) && isThrow(frames[n].Function) {
		n++
	}
	if n < len(frames) {
		caller = frames[n].Function
	}
	return n, caller
}

// isThrow reports whether a function does nothing but end the process. Other
// packages have such a function of the runtime under their own name, by a
// "//go:linkname fatal" or throw (runtime/panic.go).
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

// pastPrinting returns the index of the frame where a fatal error began, if n is
// the index of the caller of throw. That is usually n. But if the runtime called an
// Error or String method to print a panic, and the method panicked, it is the
// method:
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

// Raised returns the frames from the place of the panic that ended the process, and
// whether a deferred function recovered that panic and panicked again with the same
// value: if not, nobody in the process has seen it. It returns nothing for a death
// that was no panic.
//
// A process that dies because a method panics which the runtime calls to print a
// panic died of the panic that was to be printed:
//
//	runtime.throw({0x22df02784000?, 0x50b0b0?})
//	runtime.preprintpanics.func1()
//	panic({0x4e0f00?, 0x5111c0?})
//	main.explosive.Error(...)
//	runtime.preprintpanics(0x3876effcecf0?)
//	panic({0x4e9960?, 0x612c00?})
//	main.guard()
//	panic({0x4e9960?, 0x612c00?})
//	main.f()
func (d *Dump) Raised() (frames []Frame, again bool) {
	if d.Kind == Panic || d.Kind == RuntimeError {
		return d.Origin(), len(d.Panics) > 0 && d.Panics[len(d.Panics)-1].Repanicked
	}
	if d.Kind != Fatal || !d.crashed() {
		return nil, false
	}
	frames = d.Goroutines[0].Frames
	if n, _ := throwAt(frames); pastPrinting(frames, n) == n {
		return nil, false
	}
	for i, f := range frames {
		if f.Function == "runtime.preprintpanics" {
			rest := frames[i+1:]
			n := sameValue(rest)
			return rest[pastPanics(rest, n):], n > 1
		}
	}
	return nil, false
}

// inRuntime reports whether a function belongs to the runtime.
func inRuntime(function string) bool {
	return strings.HasPrefix(function, "runtime.") || strings.HasPrefix(function, "internal/runtime/")
}
