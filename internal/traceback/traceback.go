// Package traceback reads what the Go runtime writes as a process dies: the
// copy that runtime/debug.SetCrashOutput gives, and the same text as standard
// error has it.
//
// It says what kind of death it was and why, in the runtime's own words where
// the text has them or the frames tell, and gives the goroutines with their
// frames in the form that runtime.Frame has, so that a crash seen from outside
// and the same one seen by a recover compare equal.
//
// It never fails on text that it does not know: what it could not read it
// counts, in Dump.Unread. It can not tell what the runtime did not write. The
// copy for SetCrashOutput lacks the line "fatal error: …" (golang/go issue
// 76859), so the reason of a fatal error is inferred; Dump.Inferred says so.
// With GOTRACEBACK=none there are no frames, and nothing at all for a fatal
// error.
//
// Memory is bounded whatever the size of the input: see limits.go.
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

// Kind is how the process died.
type Kind uint8

const (
	// Unknown is a text that does not say how the process died, an empty one
	// among them.
	Unknown Kind = iota
	// Panic is a panic with a value of the program's own.
	Panic
	// RuntimeError is a panic with a runtime.Error: an index out of range, a
	// nil dereference, a failed type assertion.
	RuntimeError
	// Fatal is an error that no recover sees: concurrent map access, a
	// deadlock, stack overflow, no memory.
	Fatal
	// Signal is a signal, or on Windows an exception, that did not become a
	// panic: a bad address, a fault in C, SIGQUIT, SIGABRT.
	Signal
)

// String returns the words for a title: "panic", "runtime error", "fatal
// error", "signal", "unknown".
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

// Dump is one crash output.
type Dump struct {
	Kind Kind

	// Reason is why, as the runtime words it: the value of the last panic with
	// what runtime.Error puts before it ("runtime error: index out of range
	// [5] with length 3"), the text of a fatal error without "fatal error: "
	// ("concurrent map writes"), the text of a signal without its name
	// ("segmentation violation"). It has several lines if the program's text
	// has, without the tabs that the runtime puts before them. The address of
	// a value that is shown by its type alone is left out: "(main.T)".
	// At most maxText bytes.
	Reason string

	// Inferred says that Reason is not in the text, but what the frames and
	// states tell. Standard error has the runtime's words, and they are better.
	Inferred bool

	// Panics are the panics under way, the oldest first, as they are printed:
	// one repanicked with the same value is there once. Only the last one
	// ended the process.
	Panics []PanicValue

	// Signal is the signal that arrived, or that became a panic; nil if none.
	Signal *SignalInfo

	// Goroutines has the one that crashed first; where none did, as in a
	// deadlock, or where it ran nothing but the scheduler, the one that tells
	// most. At most maxGoroutines.
	Goroutines []Goroutine

	// Dropped counts the goroutines that were read but not kept.
	Dropped int

	// RuntimeStack is the stack of the thread, where the runtime died on it.
	RuntimeStack []Frame

	// Further counts the crash outputs in the same text that this one is not:
	// of another goroutine that panicked at the same moment, or of another
	// process that wrote to the same file.
	Further int

	// Truncated says that the text ends in the middle of a line: the process
	// was killed while it wrote.
	Truncated bool

	// Unread is what was not understood.
	Unread Unread

	// origin is the index in Goroutines[0].Frames from which Origin begins.
	origin int
}

// Title returns the words above the reason: the name of the signal if one
// killed the process ("SIGSEGV"), otherwise those of the Kind.
func (d *Dump) Title() string {
	if d.Kind == Signal && d.Signal != nil && d.Signal.Name != "" {
		return d.Signal.Name
	}
	return d.Kind.String()
}

// PanicValue is one line "panic: …" with its continuations.
type PanicValue struct {
	// Value is the text as printed, un-indented, at most maxText bytes.
	Value string
	// Recovered says that a deferred function recovered it, and panicked again
	// before it returned.
	Recovered bool
	// Repanicked says that it was with the same value, once or more.
	Repanicked bool
}

// SignalInfo is a signal, or an exception on Windows.
type SignalInfo struct {
	// Name is "SIGSEGV", "EXCEPTION_ACCESS_VIOLATION", or the number where
	// there is no name: "signal 34", "exception 0xe06d7363".
	Name string
	// Text is "segmentation violation", "access violation".
	Text string
	// Code, Addr and PC are 0 where they are not printed.
	Code, Addr, PC uint64
	// Foreign says that it arrived while C, or other code that is not Go, ran.
	Foreign bool
}

// Goroutine is one goroutine.
type Goroutine struct {
	// ID is the number that the runtime gives it; 0 is a thread's own stack.
	ID int64
	// State is "running", "chan receive", "select (no cases)" and so on.
	State string
	// Wait is how long it has been in that state, in whole minutes; the
	// runtime does not print less than one.
	Wait time.Duration
	// LockedToThread says that it called runtime.LockOSThread.
	LockedToThread bool
	// Bubble is the number of its testing/synctest bubble, 0 if none.
	Bubble int64
	// Labels are its profiler labels, printed with GODEBUG=tracebacklabels=1.
	Labels map[string]string
	// Frames are its stack, innermost first. At most maxFrames.
	Frames []Frame
	// Elided counts the frames that the runtime left out of the middle, and
	// those over maxFrames.
	Elided int
	// ElidedAt is the index in Frames before which they are missing.
	ElidedAt int
	// CreatedBy is the go statement that started it, nil where it is not
	// printed: for the main goroutine, and where a level hides the runtime's.
	CreatedBy *Frame
	// Parent is the goroutine of that statement, 0 where it is not printed.
	Parent int64
	// Crashed says that it is the one that died.
	Crashed bool
	// Unavailable says that it ran on another thread, which kept its stack.
	Unavailable bool
}

// Frame is one call.
type Frame struct {
	// Function is in the form of runtime.Frame.Function: "main.(*T[...]).M",
	// "gopkg.in/yaml%2ev3.Unmarshal", "runtime.gopanic".
	Function string
	// File and Line are as printed; empty and 0 if the text ends before them.
	File string
	Line int

	// args is the argument list of the functions that tell something by it.
	args string
}

// Unread is text that was not understood.
type Unread struct {
	// Lines and Bytes are how much it was.
	Lines int
	Bytes int64
	// First are the first lines of it, at most maxUnread, cut to
	// maxUnreadLine bytes each. They can be anything, a secret too.
	First []string
}

// Parse reads a crash output to its end. An error is one of r; the Dump is then
// what was read before it.
//
// If the text has more than one, it reads the first and counts the others in
// Further. A stack that a program printed gives way to a death below it. Such
// are those of debug.Stack, those without the empty line that the runtime
// writes before one, and those that follow other text but no line that says how
// the process died.
func Parse(r io.Reader) (*Dump, error) {
	p := newParser()
	lines := newLineReader(r)
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
