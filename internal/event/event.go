// Package event describes crashes as Sentry's events: a panic that a guard has
// observed, and the end of a process as its crash text tells it. Both have the
// same title, text and frames, so that Sentry groups them into one issue.
//
// It does not decide what is reported, and it removes no secrets: package scrub
// does that to the finished event. Whose a frame is and what it is called is up
// to the [Frames] that it is given.
//
//	b := event.Builder{Frames: rules, Patience: time.Second}
//	b.Describe(e, p)     // a panic, into an event of sentry-go's
//	e := b.Death(death)  // the end of a process
package event

import (
	"crypto/rand"
	"encoding/hex"
	"reflect"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/traceback"
)

// Frames turns stacks into those of Sentry.
type Frames interface {
	// Called is the trace of a stack of this process, nil if it has no frame to
	// show.
	Called(stack panics.Stack) *sentry.Stacktrace
	// Printed is the same for the frames of a crash text, of which the runtime
	// has left out some: so many, before that with the index at.
	Printed(stack []traceback.Frame, elided, at int) *sentry.Stacktrace
	// Frame is a single frame; it is not ok if nobody wants to see it.
	Frame(f traceback.Frame) (frame sentry.Frame, ok bool)
	// IsInApp tells whether a package is the user's own code.
	IsInApp(pkg string) bool
}

// A Builder describes crashes. It may be used from several goroutines.
type Builder struct {
	Frames          Frames
	WithoutMessages bool          // no texts of panic values
	Patience        time.Duration // for the Error and String methods of a value
}

// mechanismPanic marks the exceptions that this package has made.
const mechanismPanic = "panic"

// IsCrash tells whether this package has described what event tells.
func IsCrash(event *sentry.Event) bool {
	if len(event.Exception) == 0 {
		return false
	}
	m := event.Exception[len(event.Exception)-1].Mechanism
	return m != nil && m.Type == mechanismPanic
}

// Describe makes event tell of the panic p: one exception with the stack of its
// place and, if its value is an error that wraps others, one for each of those.
// The order is Sentry's: the outermost, which names the issue, is the last. It
// returns the keys by which the panic is told again in the crash text of the
// process, see [Builder.KeysOf].
func (b *Builder) Describe(event *sentry.Event, p panics.Panic) ledger.Keys {
	title, module := b.titleOf(p.Value)
	text := panics.Text(p.Value, b.Patience)
	root := exception(title, b.shown(p.Value, text), p.Goroutine, b.Frames.Called(p.Stack))
	root.Module = module
	event.Exception = b.chain(p.Value, root)
	if event.Contexts == nil {
		event.Contexts = make(map[string]sentry.Context)
	}
	tellOmitted(event.Contexts, root.Stacktrace)
	b.tellLabels(event.Contexts, p.Labels)
	return ledger.Keys{Place: placeKey(p.Goroutine, root.Stacktrace), Text: textKey(text)}
}

// exception is what both sources of a crash give: every report is an unhandled
// one.
func exception(title, text string, goroutine uint64, st *sentry.Stacktrace) sentry.Exception {
	handled := false
	return sentry.Exception{
		Type:       title,
		Value:      text,
		ThreadID:   goroutine,
		Stacktrace: st,
		Mechanism:  &sentry.Mechanism{Type: mechanismPanic, Handled: &handled},
	}
}

// tellOmitted says in a context which frames are left out: Sentry drops
// frames_omitted, as sentry-relay 0.10.1 shows.
func tellOmitted(contexts map[string]sentry.Context, st *sentry.Stacktrace) {
	if st == nil || len(st.FramesOmitted) != 2 {
		return
	}
	contexts["stacktrace"] = sentry.Context{
		"frames_left_out": st.FramesOmitted[1] - st.FramesOmitted[0],
		"before_frame":    st.FramesOmitted[0] + 1,
	}
}

// chain adds the errors that value wraps to root.
func (b *Builder) chain(value any, root sentry.Exception) []sentry.Exception {
	if !panics.IsChained(value) {
		return []sentry.Exception{root}
	}
	links, _ := contain.Within(b.Patience, func() []panics.Link { return panics.Chain(value) })
	if len(links) < 2 {
		return []sentry.Exception{root}
	}
	root.Mechanism.IsExceptionGroup = links[0].Group
	exceptions := make([]sentry.Exception, 0, len(links))
	for id := len(links) - 1; id > 0; id-- {
		exceptions = append(exceptions, b.linked(id, links[id]))
	}
	return append(exceptions, root)
}

func (b *Builder) linked(id int, l panics.Link) sentry.Exception {
	x := sentry.Exception{
		Type: reflect.TypeOf(l.Err).String(),
		Mechanism: &sentry.Mechanism{
			Type:             sentry.MechanismTypeChained,
			Source:           l.Source,
			ExceptionID:      id,
			ParentID:         &l.Parent,
			IsExceptionGroup: l.Group,
		},
	}
	if !b.WithoutMessages {
		x.Value = b.shown(l.Err, panics.Text(l.Err, b.Patience))
	}
	return x
}

// titleRuntimeError is the title of what the runtime itself panics with. Its
// texts begin with the same words and a colon.
const titleRuntimeError = "runtime error"

// titleOf names the kind of a panic, and the package of the user's error type
// if that is the name.
func (b *Builder) titleOf(value any) (title, module string) {
	if panics.IsRuntimeError(value) {
		return titleRuntimeError, ""
	}
	if _, ok := value.(error); ok {
		if t := panics.TypeOf(value); t.Name() != "" && b.Frames.IsInApp(t.PkgPath()) {
			return t.String(), t.PkgPath()
		}
	}
	return "panic", ""
}

// shown is what a report shows of the text of a value: without what the title says.
func (b *Builder) shown(value any, text string) string {
	switch {
	case b.WithoutMessages:
		return ""
	case panics.IsRuntimeError(value):
		return withoutTitle(text)
	default:
		return text
	}
}

func withoutTitle(text string) string {
	return strings.TrimPrefix(text, titleRuntimeError+": ")
}

// NewID returns a random event id.
func NewID() sentry.EventID {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand
	return idOf(id)
}

// idOf makes an event id of 16 bytes: version 4 of RFC 9562.
func idOf(id [16]byte) sentry.EventID {
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return sentry.EventID(hex.EncodeToString(id[:]))
}
