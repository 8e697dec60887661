package traceback

import "strings"

const (
	nilDereference = "runtime error: invalid memory address or nil pointer dereference"
	nilPanic       = "panic called with nil argument"
)

// plainErrors are the texts of runtime.Errors that do not begin with "runtime
// error: " (plainError and errNilAssign in the source of the runtime).
var plainErrors = []string{
	"assignment to entry in nil map",
	"close of closed channel",
	"close of nil channel",
	"send on closed channel",
	"makechan: size out of range",
	"arg size to reflect.call more than 1GB",
	"runtime: allocation size out of range",
}

// isNilPanic reports whether value is the text of panic(nil). From Go 1.27 on, it
// begins with "runtime error: ".
func isNilPanic(value string) bool {
	return strings.TrimPrefix(value, "runtime error: ") == nilPanic
}

// isRuntimeError reports whether the value of the last panic was a runtime.Error.
// The text alone does not tell, because a program can panic with the same text. So
// if the stack shows the runtime's frames (GOTRACEBACK=system), one of them must
// have called panic. A nil dereference must have a signal, at every level.
func (d *Dump) isRuntimeError() bool {
	value := d.Panics[len(d.Panics)-1].Value
	switch {
	case !hasErrorText(value):
		return false
	case value == nilDereference && d.Signal == nil:
		return false
	case !d.crashed() || isNilPanic(value):
		return true
	}
	frames := d.Goroutines[0].Frames
	if hidesRuntime(frames) || d.origin >= len(frames) {
		return true
	}
	return inRuntime(frames[d.origin].Function)
}

// hasErrorText reports whether value has the text of a runtime.Error.
func hasErrorText(value string) bool {
	if strings.HasPrefix(value, "runtime error: ") || strings.HasPrefix(value, "interface conversion: ") || isNilPanic(value) {
		return true
	}
	for _, text := range plainErrors {
		if value == text {
			return true
		}
	}
	return strings.HasPrefix(value, "value method ") && strings.HasSuffix(value, " pointer") && strings.Contains(value, " called using nil *")
}
