package traceback

import "strings"

const (
	nilDereference = "runtime error: invalid memory address or nil pointer dereference"
	nilPanic       = "panic called with nil argument"
)

// plainErrors are the runtime.Errors whose text does not begin with "runtime
// error: " (plainError and errNilAssign in the runtime's source).
var plainErrors = []string{
	"assignment to entry in nil map",
	"close of closed channel",
	"close of nil channel",
	"send on closed channel",
	"makechan: size out of range",
	"arg size to reflect.call more than 1GB",
	"runtime: allocation size out of range",
}

// isRuntimeError reports whether the last panic was with a runtime.Error. Its
// text tells, but a program can have the same, so where the stack shows the
// runtime's frames (GOTRACEBACK=system) the panic has to come from one; and at
// every level a nil dereference has a signal.
func (d *Dump) isRuntimeError() bool {
	value := d.Panics[len(d.Panics)-1].Value
	switch {
	case !hasErrorText(value):
		return false
	case value == nilDereference && d.Signal == nil:
		return false
	case !d.crashed() || value == nilPanic:
		return true
	}
	frames := d.Goroutines[0].Frames
	if hidesRuntime(frames) || d.origin >= len(frames) {
		return true
	}
	return inRuntime(frames[d.origin].Function)
}

// hasErrorText reports whether value is worded as a runtime.Error.
func hasErrorText(value string) bool {
	if strings.HasPrefix(value, "runtime error: ") || strings.HasPrefix(value, "interface conversion: ") || value == nilPanic {
		return true
	}
	for _, text := range plainErrors {
		if value == text {
			return true
		}
	}
	return strings.HasPrefix(value, "value method ") && strings.HasSuffix(value, " pointer") && strings.Contains(value, " called using nil *")
}
