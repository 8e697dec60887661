package scrub

import (
	"slices"
	"strings"

	"github.com/getsentry/sentry-go"
)

// exception scrubs what was said of an exception. Where it happened stays: its
// type, and the function, module and file of every frame.
func (p *eventPass) exception(x sentry.Exception) (sentry.Exception, bool) {
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

// isTypeName reports whether t is the name of a type, in which nothing has to be
// removed:
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

func (p *eventPass) mechanism(m *sentry.Mechanism) *sentry.Mechanism {
	if m == nil {
		return nil
	}
	c := *m
	changed := assign(&c.Description, p.long(m.Description))
	changed = assign(&c.HelpLink, p.address(m.HelpLink)) || changed
	changed = assign(&c.Source, p.line(m.Source, maxTitle)) || changed
	c.Data = p.nested("", m.Data)
	if !changed && same(c.Data, m.Data) {
		return m
	}
	return &c
}

func (p *eventPass) thread(t sentry.Thread) (sentry.Thread, bool) {
	changed := assign(&t.Name, p.line(t.Name, maxTitle))
	if st := p.stacktrace(t.Stacktrace); st != t.Stacktrace {
		t.Stacktrace, changed = st, true
	}
	return t, changed
}

func (p *eventPass) stacktrace(st *sentry.Stacktrace) *sentry.Stacktrace {
	if st == nil {
		return nil
	}
	var frames []sentry.Frame
	for i := range st.Frames {
		p.size += frameSize(&st.Frames[i])
		if p.clean(&st.Frames[i]) {
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

// clean reports whether a frame has nothing but its place, as almost all have.
func (p *eventPass) clean(f *sentry.Frame) bool {
	return f.AbsPath == "" && f.ContextLine == "" && f.Package == "" &&
		len(f.Vars) == 0 && len(f.PreContext) == 0 && len(f.PostContext) == 0
}

// frameSize is what the place in a frame takes.
func frameSize(f *sentry.Frame) int {
	return len(f.Function) + len(f.Symbol) + len(f.Module) + len(f.Filename) + len(f.Platform) + len(f.InstructionAddr)
}

// frame scrubs a frame that is the event's own.
func (p *eventPass) frame(f *sentry.Frame) {
	f.AbsPath = ""
	f.Package = p.line(f.Package, maxTitle)
	f.ContextLine = p.source(f.ContextLine)
	source := func(t string) (string, bool) {
		next := p.source(t)
		return next, next != t
	}
	f.PreContext = each(f.PreContext, source)
	f.PostContext = each(f.PostContext, source)
	f.Vars = p.nested("", f.Vars)
}

// source scrubs a line of source.
func (p *eventPass) source(t string) string { return p.line(t, maxTitle) }
