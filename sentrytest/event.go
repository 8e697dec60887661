package sentrytest

import (
	"encoding/json"
	"strings"
	"time"
)

// Event is a report as it arrived, before anything that Sentry does to it. What it does not name stands in Raw.
// A field that the client left out is zero.
type Event struct {
	// EventID is the payload's, or that of the envelope's header if the payload has none.
	EventID     string
	Timestamp   time.Time
	Platform    string
	Level       string
	Logger      string
	Transaction string
	Message     string
	Release     string
	Dist        string
	Environment string
	ServerName  string
	Fingerprint []string
	Tags        map[string]string
	Contexts    map[string]map[string]any
	Extra       map[string]any
	Modules     map[string]string
	User        User
	// Request is nil if the event belongs to none.
	Request *Request
	// Breadcrumbs are in the order in which they happened.
	Breadcrumbs []Breadcrumb
	// Exceptions has the innermost cause first and the one that was reported last.
	Exceptions []Exception
	Threads    []Thread
	SDK        SDK

	// Invalid tells of each field that has another type than Sentry expects, in the form "tags: reason". Sentry drops the
	// values of such fields; a test usually wants it to be empty.
	Invalid []string
	// Raw is the payload as it arrived.
	Raw json.RawMessage
	// Envelope is what the event came in.
	Envelope *Envelope
}

// User is the person that an event tells of.
type User struct {
	ID        string         `json:"id"`
	Email     string         `json:"email"`
	IPAddress string         `json:"ip_address"`
	Username  string         `json:"username"`
	Name      string         `json:"name"`
	Data      map[string]any `json:"data"`
}

// Request is the HTTP request that a program was serving when it reported.
type Request struct {
	URL         string            `json:"url"`
	Method      string            `json:"method"`
	Data        any               `json:"data"`
	QueryString any               `json:"query_string"`
	Cookies     any               `json:"cookies"`
	Headers     map[string]string `json:"headers"`
	Env         map[string]any    `json:"env"`
}

// Breadcrumb is something that happened before the event.
type Breadcrumb struct {
	Type      string
	Category  string
	Message   string
	Level     string
	Timestamp time.Time
	Data      map[string]any
}

// Exception is one link of the chain of errors that an event reports.
type Exception struct {
	Type   string `json:"type"`
	Value  string `json:"value"`
	Module string `json:"module"`
	// ThreadID names the thread of [Event.Threads] that it happened in.
	ThreadID ThreadID `json:"thread_id"`
	// Stacktrace is nil if the link has none.
	Stacktrace *Stacktrace `json:"stacktrace"`
	// Mechanism is nil if the client did not say how the exception was caught.
	Mechanism *Mechanism `json:"mechanism"`
}

// Mechanism is how an exception was caught and how it hangs together with the others.
type Mechanism struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Source      string `json:"source"`
	// Handled is nil if the client did not say.
	Handled *bool `json:"handled"`
	// ExceptionID numbers the exceptions of an event, ParentID names the one that this is a cause of, nil for the first.
	ExceptionID      int            `json:"exception_id"`
	ParentID         *int           `json:"parent_id"`
	IsExceptionGroup bool           `json:"is_exception_group"`
	Data             map[string]any `json:"data"`
}

// Thread is one goroutine.
type Thread struct {
	ID         ThreadID    `json:"id"`
	Name       string      `json:"name"`
	State      string      `json:"state"`
	Crashed    bool        `json:"crashed"`
	Current    bool        `json:"current"`
	Stacktrace *Stacktrace `json:"stacktrace"`
}

// ThreadID is the identity of a thread within its event, a number or a text on the wire.
type ThreadID string

// Stacktrace is a stack with the outermost call first.
type Stacktrace struct {
	Frames []Frame `json:"frames"`
	// FramesOmitted is empty, or has the first index of the frames that were left out and the one after their last.
	FramesOmitted []int `json:"frames_omitted"`
}

// Frame is one call of a stack.
type Frame struct {
	Function string `json:"function"`
	// Module is the import path of the package.
	Module   string `json:"module"`
	Filename string `json:"filename"`
	AbsPath  string `json:"abs_path"`
	Package  string `json:"package"`
	Lineno   int    `json:"lineno"`
	Colno    int    `json:"colno"`
	// InApp is also false if the client did not say.
	InApp       bool           `json:"in_app"`
	PreContext  []string       `json:"pre_context"`
	ContextLine string         `json:"context_line"`
	PostContext []string       `json:"post_context"`
	Vars        map[string]any `json:"vars"`
}

// SDK is the library that made an event.
type SDK struct {
	Name         string       `json:"name"`
	Version      string       `json:"version"`
	Integrations []string     `json:"integrations"`
	Packages     []SDKPackage `json:"packages"`
}

// SDKPackage is a module that the SDK consists of.
type SDKPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Exception returns the exception that was reported, which is the last one, or a zero one if there is none.
func (e *Event) Exception() Exception {
	if len(e.Exceptions) == 0 {
		return Exception{}
	}
	return e.Exceptions[len(e.Exceptions)-1]
}

// Title returns what Sentry writes over the issue: type and first line of the value of the exception, or the first line of the
// message. Unlike Sentry it does not shorten the line to 100 characters.
func (e *Event) Title() string {
	if len(e.Exceptions) == 0 {
		if e.Message == "" {
			return "<unlabeled event>"
		}
		return firstLine(e.Message)
	}
	return e.Exception().Title()
}

// Title returns the type and the first line of the value.
func (x Exception) Title() string {
	title := x.Type
	if title == "" {
		title = "<unknown>"
	}
	if value := firstLine(x.Value); value != "" {
		title += ": " + value
	}
	return title
}

// Frames returns the frames of the exception that was reported, the outermost call first. It is empty if that has no stack.
func (e *Event) Frames() []Frame {
	if stack := e.Exception().Stacktrace; stack != nil {
		return stack.Frames
	}
	return nil
}

// Top returns the place of the panic: the innermost frame, or a zero one if there is no stack.
func (e *Event) Top() Frame {
	frames := e.Frames()
	if len(frames) == 0 {
		return Frame{}
	}
	return frames[len(frames)-1]
}

// Culprit returns the innermost frame of the program's own code, or a zero one if there is none.
func (e *Event) Culprit() Frame {
	frames := e.Frames()
	for i := len(frames) - 1; i >= 0; i-- {
		if frames[i].InApp {
			return frames[i]
		}
	}
	return Frame{}
}

// Unhandled reports whether any of the exceptions says that nobody handled it, which is how Sentry marks an issue.
func (e *Event) Unhandled() bool {
	for _, exception := range e.Exceptions {
		if m := exception.Mechanism; m != nil && m.Handled != nil && !*m.Handled {
			return true
		}
	}
	return false
}

// Name returns the function with its package, such as "example.org/app/wallet.(*Account).Sign".
func (f Frame) Name() string {
	if f.Module == "" {
		return f.Function
	}
	return f.Module + "." + f.Function
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n")
	return strings.TrimRight(line, "\r")
}
