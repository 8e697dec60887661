package sentry

import (
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/symbol"
	"github.com/panicreport/sentry/internal/traceback"
)

// SplitSymbol, HasPathPrefix, ReleaseName and EnvironmentName are pure, and their edge cases are
// out of a test program's reach.
var (
	SplitSymbol     = symbol.Split
	HasPathPrefix   = symbol.HasPathPrefix
	ReleaseName     = func(name string) string { return sentryName(name, releaseRule) }
	EnvironmentName = func(name string) string { return sentryName(name, environmentRule) }
	ReleaseOf       = releaseOf
)

// FramesOf is the stack trace of its caller, under the rules of an application
// with this main module.
func FramesOf(mainModule, mainPath string, guards ...string) *sentry.Stacktrace {
	r := &frameRules{mainModule: mainModule, mainPath: mainPath, guards: guards}
	return r.Called(panics.Callers()[1:])
}

// FrameOf is the frame of one line of a stack.
func FrameOf(symbol, file string, line int) (sentry.Frame, bool) {
	r := &frameRules{mainModule: "example.com/acme", mainPath: "example.com/acme/cmd/tool"}
	f, _, ok := r.frame(symbol, file, line, nil)
	return f, ok
}

// TextOf is the text of a panic value.
func TextOf(value any) string { return panics.Text(value, time.Second) }

// Hear returns the reason of a fatal error, of which the frames tell one and
// standard error had others.
func Hear(withoutMessages bool, inferred, words string) string {
	b := event.Builder{Frames: &frameRules{}, WithoutMessages: withoutMessages}
	d := &traceback.Dump{Kind: traceback.Fatal, Reason: inferred, Inferred: true}
	e := b.Death(event.Death{Dump: d, Stderr: words})
	return e.Exception[0].Value
}

// SourcesOf is where an Init takes the lines of the program's source.
var SourcesOf = sourcesOf
