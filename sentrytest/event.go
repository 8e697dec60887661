package sentrytest

import (
	"encoding/json"
	"strings"
	"time"
)

// Event is a report as it arrived, before anything that Sentry does to it. What it does not name stands in Raw.
// A field that the client left out is zero.
type Event struct {
	// EventID is the payload's, or that of the envelope's header if the payload has none: 32 hexadecimal digits.
	EventID string
	// Timestamp is when it happened, by the client's clock.
	Timestamp time.Time
	// Platform is "go" for what Go programs report.
	Platform string
	// Level is "fatal", "error", "warning", "info" or "debug".
	Level string
	// Logger is the part of the program that reported, if it said so.
	Logger string
	// Transaction is what the program was doing, such as the route of a request.
	Transaction string
	// Message is the text of an event without exceptions; if it came with parameters, they are filled in.
	Message string
	// Release is the version of the program, Dist a build of it, Environment where it runs.
	Release, Dist, Environment string
	// ServerName is the name of the machine.
	ServerName string
	// Fingerprint is how the client wants the event to be grouped; empty if it leaves that to Sentry.
	Fingerprint []string
	// Tags are what events can be searched by.
	Tags map[string]string
	// Contexts describe the surroundings: "os", "runtime", "trace" and what the program added.
	Contexts map[string]map[string]any
	// Extra is what older clients send instead of contexts.
	Extra map[string]any
	// Modules has the versions of the program's dependencies by import path.
	Modules map[string]string
	// User is whom it happened to.
	User User
	// Request is nil if the event belongs to none.
	Request *Request
	// Breadcrumbs are in the order in which they happened.
	Breadcrumbs []Breadcrumb
	// Exceptions has the innermost cause first and the one that was reported last.
	Exceptions []Exception
	// Threads are the goroutines.
	Threads []Thread
	// SDK is the library that made the event.
	SDK SDK

	// Invalid tells of each field that has another type than Sentry expects, in the form "tags: reason". Sentry drops the
	// values of such fields; a test usually wants it to be empty.
	Invalid []string
	// Raw is the payload as it arrived.
	Raw json.RawMessage
	// Envelope is what the event came in.
	Envelope *Envelope
}

// User is the person that an event tells of. The names of the fields are those of Sentry.
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
	// URL is without the query.
	URL    string `json:"url"`
	Method string `json:"method"`
	// Data is the body: a text, or what its JSON stands for.
	Data any `json:"data"`
	// QueryString and Cookies are texts, or the pairs that they consist of.
	QueryString any               `json:"query_string"`
	Cookies     any               `json:"cookies"`
	Headers     map[string]string `json:"headers"`
	// Env is what the server knows of the connection, such as REMOTE_ADDR.
	Env map[string]any `json:"env"`
}

// Breadcrumb is something that happened before the event.
type Breadcrumb struct {
	// Type is how Sentry shows it, such as "http"; Category is where it comes from, such as "auth".
	Type, Category string
	// Message is the text, Level its severity as in [Event.Level].
	Message, Level string
	// Timestamp is when it happened, by the client's clock.
	Timestamp time.Time
	// Data is what else is known of it.
	Data map[string]any
}

// Exception is one link of the chain of errors that an event reports.
type Exception struct {
	// Type is the first half of the title, Value the second.
	Type  string `json:"type"`
	Value string `json:"value"`
	// Module is the import path of the package that the type is declared in.
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
	// Type is what caught it, such as "generic" or "chained"; Description says so in words.
	Type        string `json:"type"`
	Description string `json:"description"`
	// Source is where in the parent it was found, such as "Unwrap" or "errors[0]".
	Source string `json:"source"`
	// Handled is nil if the client did not say.
	Handled *bool `json:"handled"`
	// ExceptionID numbers the exceptions of an event, ParentID names the one that this is a cause of, nil for the first.
	ExceptionID int  `json:"exception_id"`
	ParentID    *int `json:"parent_id"`
	// IsExceptionGroup marks one that has several causes side by side.
	IsExceptionGroup bool `json:"is_exception_group"`
	// Data is what else is known, such as the signal.
	Data map[string]any `json:"data"`
}

// Thread is one goroutine.
type Thread struct {
	ID   ThreadID `json:"id"`
	Name string   `json:"name"`
	// State is what it waits for, such as "chan receive".
	State string `json:"state"`
	// Crashed marks the one that brought the program down, Current the one that reported.
	Crashed bool `json:"crashed"`
	Current bool `json:"current"`
	// Stacktrace is nil if the thread has none, or if its exception has it.
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
	// Function is without the package, such as "(*Account).Sign" or "main.func1".
	Function string `json:"function"`
	// Module is the import path of the package.
	Module string `json:"module"`
	// Filename is the short name of the file, AbsPath the one on the machine that built it.
	Filename string `json:"filename"`
	AbsPath  string `json:"abs_path"`
	// Package is the library that native code comes from.
	Package string `json:"package"`
	// Lineno and Colno count from 1; 0 is unknown.
	Lineno int `json:"lineno"`
	Colno  int `json:"colno"`
	// InApp marks the program's own code. It is also false if the client did not say.
	InApp bool `json:"in_app"`
	// PreContext, ContextLine and PostContext are the source text around the line.
	PreContext  []string `json:"pre_context"`
	ContextLine string   `json:"context_line"`
	PostContext []string `json:"post_context"`
	// Vars are the variables of the call.
	Vars map[string]any `json:"vars"`
}

// SDK is the library that made an event.
type SDK struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Integrations are the parts of it that are switched on, Packages the modules that it consists of.
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
