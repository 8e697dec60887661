package panics

import (
	"bytes"
	"runtime"
	"strings"
)

// originOf tells which of the panics of a stack is the one that made value: the
// innermost, unless a deferred function recovered a panic and panicked again
// with the very same value. The stack of the origin is then still there, under
// that function.
func originOf(stack Stack, panics []int, value any) int {
	if len(panics) == 1 {
		return 0
	}
	values := arguments()
	origin := 0
	for next := 1; next < len(panics); next++ {
		raiser := stack[panics[origin]+1]
		if isRuntimes(raiser) {
			break // all nil dereferences have one value, and none is panicked again
		}
		// Beyond what the text shows, a deferred function that panics itself is
		// taken for a helper that panics again.
		again := entryOf(raiser) == entryOf(stack[panics[next]-1])
		if next < len(values) {
			again = values[next] == values[origin] || values[next] == nilArguments && isPanicNil(value)
		}
		if !again {
			break
		}
		origin = next
	}
	return origin
}

// nilArguments is what panic(nil) shows; recover returns a PanicNilError.
const nilArguments = "{0x0, 0x0}"

func isPanicNil(value any) bool {
	_, ok := value.(*runtime.PanicNilError)
	return ok
}

// maxTrace holds the 100 frames that the runtime prints of a stack.
const maxTrace = 64 << 10

// arguments returns what identifies the values of this goroutine's panics,
// innermost first: the two words of the interface, which the runtime compares
// as well to print "[recovered, repanicked]" (preprintpanics in
// runtime/panic.go). No API tells them, but the text of the stack does:
//
//	panic({0x4b0540?, 0xd39269980c0?})
//
// A trailing question mark says that the word may be out of date; that of
// gopanic's only argument is not, as the tests hold.
func arguments() (values []string) {
	buf := make([]byte, maxTrace)
	buf = buf[:runtime.Stack(buf, false)]
	for line := range bytes.Lines(buf) {
		if bytes.Contains(line, []byte(" frames elided...")) {
			break // what follows can not be counted
		}
		args, ok := bytes.CutPrefix(line, []byte("panic("))
		if !ok {
			continue
		}
		args, _, _ = bytes.Cut(args, []byte(")"))
		values = append(values, strings.ReplaceAll(string(args), "?", ""))
	}
	return values
}
