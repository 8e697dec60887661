package sentrytest

import (
	"encoding/json"
	"strings"
	"time"
)

// Event is a report as it arrived. The server has not changed it. Fields that Event does not name are in Raw. A field that the
// client did not send is zero.
type Event struct {
	// EventID is the id in the payload, or that in the header of the envelope if the payload has none. It has 32 hexadecimal
	// digits.
	EventID string
	// Timestamp is when the event happened, by the client's clock.
	Timestamp time.Time
	// Platform is "go" for the reports of Go programs.
	Platform string
	// Level is "fatal", "error", "warning", "info" or "debug".
	Level string
	// Logger is the part of the program that reported, if the client tells.
	Logger string
	// Transaction is what the program was doing, such as the route of a request.
	Transaction string
	// Message is the text of an event without exceptions. If it has parameters, they are filled in.
	Message string
	// Release is the version of the program. Dist is a build of that version. Environment is where the program runs.
	Release, Dist, Environment string
	// ServerName is the name of the machine.
	ServerName string
	// Fingerprint tells Sentry how to group the event. It is empty if the client leaves that to Sentry.
	Fingerprint []string
	// Tags are what users of Sentry can search for.
	Tags map[string]string
	// Contexts describe the environment: "os", "runtime", "trace" and what the program added.
	Contexts map[string]map[string]any
	// Extra is what older clients send instead of contexts.
	Extra map[string]any
	// Modules has the versions of the program's dependencies by import path.
	Modules map[string]string
	// User is the person who was using the program.
	User User
	// Request is the HTTP request that the program was serving. It is nil if there was none.
	Request *Request
	// Breadcrumbs are in the order in which they happened.
	Breadcrumbs []Breadcrumb
	// Exceptions is the chain of errors. The innermost cause is first, and the error that was reported is last.
	Exceptions []Exception
	// Threads are the goroutines.
	Threads []Thread
	// SDK is the library that made the event.
	SDK SDK

	// Invalid has an entry of the form "tags: reason" for each field with a type that Sentry does not expect. Sentry drops the
	// values of such fields. A test usually wants Invalid to be empty.
	Invalid []string
	// Raw is the payload as it arrived.
	Raw json.RawMessage
	// Envelope is the envelope of the event.
	Envelope *Envelope
}

// User is the user of the program. The names of the fields are those of Sentry.
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
	// URL has no query.
	URL    string `json:"url"`
	Method string `json:"method"`
	// Data is the body: a text, or the value of a JSON body.
	Data any `json:"data"`
	// QueryString and Cookies are texts, or lists of pairs.
	QueryString any               `json:"query_string"`
	Cookies     any               `json:"cookies"`
	Headers     map[string]string `json:"headers"`
	// Env is what the program knows about the connection, such as REMOTE_ADDR.
	Env map[string]any `json:"env"`
}

// Breadcrumb is something that happened before the event.
type Breadcrumb struct {
	// Type decides how Sentry shows the breadcrumb, such as "http". Category is where it comes from, such as "auth".
	Type, Category string
	// Message is the text. Level is its severity, as in [Event.Level].
	Message, Level string
	// Timestamp is when it happened, by the client's clock.
	Timestamp time.Time
	// Data is additional information.
	Data map[string]any
}

// Exception is one error in the chain of errors that an event reports.
type Exception struct {
	// Type is the first half of the title, and Value the second.
	Type  string `json:"type"`
	Value string `json:"value"`
	// Module is the import path of the package that declares the type.
	Module string `json:"module"`
	// ThreadID is the id of the thread in [Event.Threads] where the exception happened.
	ThreadID ThreadID `json:"thread_id"`
	// Stacktrace is nil if the exception has no stack.
	Stacktrace *Stacktrace `json:"stacktrace"`
	// Mechanism is nil if the client did not tell how it caught the exception.
	Mechanism *Mechanism `json:"mechanism"`
}

// Mechanism tells how an exception was caught, and which place it has in the chain.
type Mechanism struct {
	// Type is what caught the exception, such as "generic" or "chained". Description says the same in words.
	Type        string `json:"type"`
	Description string `json:"description"`
	// Source is where in its parent the exception was found, such as "Unwrap" or "errors[0]".
	Source string `json:"source"`
	// Handled tells whether the program handled the exception. It is nil if the client did not tell.
	Handled *bool `json:"handled"`
	// ExceptionID is the number of the exception within the event. ParentID is that of the exception which it has caused. It is
	// nil for the exception that was reported.
	ExceptionID int  `json:"exception_id"`
	ParentID    *int `json:"parent_id"`
	// IsExceptionGroup marks an exception with several causes, such as that of errors.Join.
	IsExceptionGroup bool `json:"is_exception_group"`
	// Data is additional information, such as the signal.
	Data map[string]any `json:"data"`
}

// Thread is one goroutine.
type Thread struct {
	ID   ThreadID `json:"id"`
	Name string   `json:"name"`
	// State is what the thread waits for, such as "chan receive".
	State string `json:"state"`
	// Crashed marks the thread that ended the program. Current marks the thread that reported.
	Crashed bool `json:"crashed"`
	Current bool `json:"current"`
	// Stacktrace is nil if the thread has no stack, or if its exception has the stack.
	Stacktrace *Stacktrace `json:"stacktrace"`
}

// ThreadID is the id of a thread within its event. A client sends it as a number or a text.
type ThreadID string

// Stacktrace is a stack with the outermost call first.
type Stacktrace struct {
	Frames []Frame `json:"frames"`
	// FramesOmitted is empty, or has two indexes: that of the first frame that is missing, and the one after the last.
	FramesOmitted []int `json:"frames_omitted"`
}

// Frame is one call of a stack.
type Frame struct {
	// Function is the name without the package, such as "(*Account).Sign" or "main.func1".
	Function string `json:"function"`
	// Module is the import path of the package.
	Module string `json:"module"`
	// Filename is the short name of the file. AbsPath is its path on the machine that built the program.
	Filename string `json:"filename"`
	AbsPath  string `json:"abs_path"`
	// Package is the library of native code.
	Package string `json:"package"`
	// Lineno and Colno count from 1. They are 0 if they are unknown.
	Lineno int `json:"lineno"`
	Colno  int `json:"colno"`
	// InApp marks the program's own code. It is also false if the client did not tell.
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
	// Integrations are the parts of the library that are enabled. Packages are its modules.
	Integrations []string     `json:"integrations"`
	Packages     []SDKPackage `json:"packages"`
}

// SDKPackage is one of the modules of an SDK.
type SDKPackage struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Exception returns the exception that was reported, which is the last one. It returns a zero Exception if there is none.
func (e *Event) Exception() Exception {
	if len(e.Exceptions) == 0 {
		return Exception{}
	}
	return e.Exceptions[len(e.Exceptions)-1]
}

// Title returns the title that Sentry gives to the issue: the type of the exception and the first line of its value, or the first
// line of the message. Unlike Sentry, it does not shorten the line to 100 characters.
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

// Frames returns the frames of the exception that was reported, the outermost call first. It returns nil if there is no stack.
func (e *Event) Frames() []Frame {
	if stack := e.Exception().Stacktrace; stack != nil {
		return stack.Frames
	}
	return nil
}

// Top returns the innermost frame, which is the place of the panic. It returns a zero Frame if there is no stack.
func (e *Event) Top() Frame {
	frames := e.Frames()
	if len(frames) == 0 {
		return Frame{}
	}
	return frames[len(frames)-1]
}

// Culprit returns the innermost frame of the program's own code. It returns a zero Frame if there is none.
func (e *Event) Culprit() Frame {
	frames := e.Frames()
	for i := len(frames) - 1; i >= 0; i-- {
		if frames[i].InApp {
			return frames[i]
		}
	}
	return Frame{}
}

// Unhandled reports whether any of the exceptions is marked as not handled. Sentry marks the issue if one is.
func (e *Event) Unhandled() bool {
	for _, exception := range e.Exceptions {
		if m := exception.Mechanism; m != nil && m.Handled != nil && !*m.Handled {
			return true
		}
	}
	return false
}

// Name returns the name of the function with its package, such as "example.org/app/wallet.(*Account).Sign".
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
