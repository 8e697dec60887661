package scrub

import (
	"slices"
	"strings"

	"github.com/getsentry/sentry-go"
)

// exception scrubs the texts of an exception. Its type and the function, the
// module and the file of every frame stay as they are.
func (p *pass) exception(x sentry.Exception) (sentry.Exception, bool) {
	changed := assign(&x.Value, p.long(x.Value))
	if !isTypeName(x.Type) {
		changed = assign(&x.Type, p.line(x.Type, maxTitle)) || changed
	}
	p.size += len(x.Type) + len(x.Module)
	if m := p.mechanism(x.Mechanism); m != x.Mechanism {
		x.Mechanism, changed = m, true
	}
	if st := p.stacktrace(x.Stacktrace); st != x.Stacktrace {
		x.Stacktrace, changed = st, true
	}
	return x, changed
}

// isTypeName reports whether t is the name of a type, which is not scrubbed:
//
//	*main.Error[int]
//	example.org/x/y.T
func isTypeName(t string) bool {
	for i := 0; i < len(t); i++ {
		if !isTypeNameByte(t[i]) {
			return false
		}
	}
	return len(t) <= maxTitle && (t == "" || !isDigit(t[0]) && t[0] != '/')
}

func isTypeNameByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || isDigit(c) || c >= 0x80 || strings.IndexByte("_./*[]-", c) >= 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// mechanism scrubs what says how the exception was caught.
func (p *pass) mechanism(m *sentry.Mechanism) *sentry.Mechanism {
	if m == nil {
		return nil
	}
	c := *m
	changed := assign(&c.Description, p.long(m.Description))
	changed = assign(&c.HelpLink, p.url(m.HelpLink)) || changed
	changed = assign(&c.Source, p.line(m.Source, maxTitle)) || changed
	c.Data = p.nested("", m.Data)
	if !changed && sameMap(c.Data, m.Data) {
		return m
	}
	return &c
}

// thread scrubs a thread.
func (p *pass) thread(t sentry.Thread) (sentry.Thread, bool) {
	changed := assign(&t.Name, p.line(t.Name, maxTitle))
	if st := p.stacktrace(t.Stacktrace); st != t.Stacktrace {
		t.Stacktrace, changed = st, true
	}
	return t, changed
}

// stacktrace scrubs the frames of a stack.
func (p *pass) stacktrace(st *sentry.Stacktrace) *sentry.Stacktrace {
	if st == nil {
		return nil
	}
	var frames []sentry.Frame
	for i := range st.Frames {
		p.size += frameSize(&st.Frames[i])
		if isClean(&st.Frames[i]) {
			continue
		}
		if frames == nil {
			frames = slices.Clone(st.Frames)
		}
		p.frame(&frames[i])
	}
	if frames == nil {
		return st
	}
	return &sentry.Stacktrace{Frames: frames, FramesOmitted: st.FramesOmitted}
}

// isClean reports whether a frame has nothing but its place in the program, as
// almost all frames have.
func isClean(f *sentry.Frame) bool {
	return f.AbsPath == "" && f.ContextLine == "" && f.Package == "" &&
		len(f.Vars) == 0 && len(f.PreContext) == 0 && len(f.PostContext) == 0
}

// frameSize returns the size of the place in a frame.
func frameSize(f *sentry.Frame) int {
	return len(f.Function) + len(f.Symbol) + len(f.Module) + len(f.Filename) + len(f.Platform) + len(f.InstructionAddr)
}

// frame scrubs a frame in place. The frame is a copy.
func (p *pass) frame(f *sentry.Frame) {
	f.AbsPath = ""
	f.Package = p.line(f.Package, maxTitle)
	f.ContextLine = p.sourceLine(f.ContextLine)
	source := func(t string) (string, bool) {
		next := p.sourceLine(t)
		return next, next != t
	}
	f.PreContext = each(f.PreContext, source)
	f.PostContext = each(f.PostContext, source)
	f.Vars = p.nested("", f.Vars)
}

// sourceLine scrubs a line of source.
func (p *pass) sourceLine(t string) string { return p.line(t, maxTitle) }
