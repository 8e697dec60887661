// Package traceback parses the text that the Go runtime writes when a process
// dies. It reads the copy that runtime/debug.SetCrashOutput makes as well as the
// text on standard error.
//
// [Parse] returns a [Dump]. It has the kind of the crash, the reason in the words
// of the runtime, and the goroutines with their frames. A [Frame] has the form of
// a runtime.Frame, so that a crash has the same frames whether it was parsed here
// or recovered in the process.
//
// Parse does not fail on text that it does not know. It counts such lines in
// Dump.Unread. It also cannot know what the runtime did not write:
//
//   - The copy of SetCrashOutput lacks the line "fatal error: …" (golang/go issue
//     76859). Parse infers the reason of a fatal error from the frames and sets
//     Dump.Inferred.
//   - With GOTRACEBACK=none there are no frames, and there is no text at all for a
//     fatal error.
//
// The memory that Parse needs does not grow with the size of the input, see
// limits.go.
//
//	f, err := os.Open("crash")
//	if err != nil {
//		return err
//	}
//	defer f.Close()
//	d, err := traceback.Parse(f)
//	if err != nil {
//		return err
//	}
//	fmt.Println(d.Title(), d.Reason)
//	for _, frame := range d.Origin() {
//		fmt.Println(frame.Function, frame.File, frame.Line)
//	}
package traceback

import (
	"io"
	"time"
)

// Kind tells how the process died.
type Kind uint8

const (
	// Unknown means that the text, which may be empty, does not tell how the
	// process died.
	Unknown Kind = iota
	// Panic is a panic with a value that is not a runtime.Error.
	Panic
	// RuntimeError is a panic with a runtime.Error: an index out of range, a
	// nil dereference, a failed type assertion.
	RuntimeError
	// Fatal is an error that cannot be recovered: concurrent map access, a
	// deadlock, a stack overflow, no memory.
	Fatal
	// Signal is a signal, or an exception on Windows, that the runtime did not
	// turn into a panic: a bad address, a fault in C, SIGQUIT, SIGABRT.
	Signal
)

// String returns a title: "panic", "runtime error", "fatal error", "signal" or
// "unknown".
func (k Kind) String() string {
	switch k {
	case Panic:
		return "panic"
	case RuntimeError:
		return "runtime error"
	case Fatal:
		return "fatal error"
	case Signal:
		return "signal"
	}
	return "unknown"
}

// Dump is the content of one crash output.
type Dump struct {
	Kind Kind

	// Reason tells why the process died, in the words of the runtime:
	//
	//   - the value of the last panic, with the prefix that a runtime.Error has:
	//     "runtime error: index out of range [5] with length 3"
	//   - the text of a fatal error, without the prefix "fatal error: ":
	//     "concurrent map writes"
	//   - the text of a signal, without its name: "segmentation violation"
	//
	// If the text has several lines, Reason has them without the tabs that the
	// runtime adds. If the runtime prints only the type and the address of a
	// value, Reason leaves the address out: "(main.T)". Floating-point numbers are
	// as Go 1.26 prints them, see [legible]. It has at most maxText bytes.
	Reason string

	// Inferred means that the text does not have the Reason. Parse has concluded it
	// from the frames and the states of the goroutines. If standard error has the
	// words of the runtime, use those instead.
	Inferred bool

	// Panics are the panics in progress, the oldest first, as they are printed.
	// A panic that was repanicked with the same value is there once. Only the
	// last panic ended the process.
	Panics []PanicValue

	// Signal is the signal that arrived, or that became a panic. It is nil if
	// there was none.
	Signal *SignalInfo

	// Goroutines begins with the goroutine that crashed. If none did, as in a
	// deadlock, or if that one ran only the scheduler, it begins with the first
	// goroutine that ran code outside the runtime. Of other goroutines with equal
	// stacks, it has one. It has at most maxGoroutines.
	Goroutines []Goroutine

	// Dropped is the number of goroutines that were read but neither kept nor
	// counted in Goroutine.Like.
	Dropped int

	// RuntimeStack is the stack of the thread (the system stack), if the runtime
	// died on it.
	RuntimeStack []Frame

	// Further is the number of other crash outputs in the same text. They are of
	// another goroutine that panicked at the same moment, or of another process
	// that wrote to the same file.
	Further int

	// Truncated means that the text ends in the middle of a line, because the
	// process was killed while it wrote.
	Truncated bool

	// Unread is the text that was not understood.
	Unread Unread

	// origin is the index in Goroutines[0].Frames from which Origin begins.
	origin int
}

// Title returns a title for the reason: the name of the signal if a signal killed
// the process ("SIGSEGV"), otherwise the title of the Kind.
func (d *Dump) Title() string {
	if d.Kind == Signal && d.Signal != nil && d.Signal.Name != "" {
		return d.Signal.Name
	}
	return d.Kind.String()
}

// PanicValue is a line "panic: …" and the lines that continue it.
type PanicValue struct {
	// Value is the text as it is printed, without the tabs that the runtime
	// adds. It has at most maxText bytes.
	Value string
	// Recovered means that a deferred function recovered the panic, and panicked
	// again before it returned.
	Recovered bool
	// Repanicked means that it panicked again with the same value, once or more
	// often.
	Repanicked bool
}

// SignalInfo is a signal, or an exception on Windows.
type SignalInfo struct {
	// Name is the name, such as "SIGSEGV" or "EXCEPTION_ACCESS_VIOLATION". One
	// without a name has its number: "signal 34", "exception 0xe06d7363".
	Name string
	// Text is the description, such as "segmentation violation" or "access
	// violation".
	Text string
	// Code, Addr and PC are 0 if they are not printed.
	Code, Addr, PC uint64
	// Foreign means that the signal arrived while C, or other code that is not
	// Go, was running.
	Foreign bool
}

// Goroutine is one goroutine.
type Goroutine struct {
	// ID is the number that the runtime gives to the goroutine. It is 0 for the
	// stack of a thread, and if it was not understood.
	ID int64
	// State is the state, such as "running", "chan receive" or "select (no
	// cases)". It is empty if it was not understood.
	State string
	// Wait is how long the goroutine has been in that state, in whole minutes.
	// The runtime prints nothing below one minute.
	Wait time.Duration
	// LockedToThread means that the goroutine called runtime.LockOSThread.
	LockedToThread bool
	// Bubble is the number of its testing/synctest bubble, 0 if it is in none.
	Bubble int64
	// Labels are the profiler labels. Go prints them with the setting
	// tracebacklabels=1, which is the default of a go.mod with go 1.27 or later.
	Labels map[string]string
	// Frames are the calls on the stack, innermost first. There are at most
	// maxFrames.
	Frames []Frame
	// Elided is the number of frames that are missing: the runtime left them out
	// of the middle, or there were more than maxFrames.
	Elided int
	// ElidedAt is the index in Frames before which they are missing.
	ElidedAt int
	// CreatedBy is the go statement that started the goroutine. It is nil if it
	// is not printed: for the main goroutine, and for one that the runtime has
	// started, unless GOTRACEBACK shows the runtime's frames.
	CreatedBy *Frame
	// Parent is the goroutine that ran that statement, 0 if it is not printed.
	Parent int64
	// Crashed means that this is the goroutine that died.
	Crashed bool
	// Unavailable means that the goroutine was running on another thread, so that
	// the runtime could not print its stack.
	Unavailable bool
	// Like is the number of further goroutines with the same state and stack. Wait is
	// then the longest of all, and Labels are those that all have.
	Like int
	// Leaked means that the profile goroutineleak has found that nothing can wake
	// the goroutine up. Go 1.27 prints that once the program has taken the profile.
	Leaked bool
}

// Frame is one call.
type Frame struct {
	// Function is the name in the form of runtime.Frame.Function:
	// "main.(*T[...]).M", "gopkg.in/yaml%2ev3.Unmarshal", "runtime.gopanic".
	Function string
	// File and Line are as they are printed. They are empty and 0 if the text
	// ends before them.
	File string
	Line int

	// args is the argument list, kept only for functions whose arguments are
	// needed later.
	args string
}

// Unread is text that was not understood.
type Unread struct {
	// Lines and Bytes tell how much it is.
	Lines int
	Bytes int64
	// First are its first lines, at most maxUnread, cut to maxUnreadLine bytes
	// each. They can contain anything, secrets too.
	First []string
}

// Parse reads a crash output to its end. It returns an error only if r does. The
// Dump then has what was read before the error.
//
// If the text has more than one crash output, Parse reads the first and counts the
// others in Further. A stack that the program itself has printed is dropped if a
// crash output follows. Parse takes a stack for printed by the program
//
//   - if it begins with a call of debug.Stack,
//   - if there is no empty line before it, which the runtime always writes, or
//   - if it follows other text and no line that tells how the process died.
func Parse(r io.Reader) (*Dump, error) {
	p := newParser()
	lines := newLineReader(r)
	defer lines.close()
	for {
		line, whole, err := lines.next()
		if err == io.EOF {
			return p.finish(), nil
		}
		if err != nil {
			return p.finish(), err
		}
		if !whole {
			p.truncated(line)
			continue
		}
		p.line(line)
	}
}
