package scrub

import (
	"slices"

	"github.com/getsentry/sentry-go"
)

// exception scrubs the texts of an exception.
func (p *pass) exception(x sentry.Exception) (sentry.Exception, bool) {
	changed := assign(&x.Value, p.long(x.Value))
	changed = assign(&x.Type, p.name(x.Type, maxTitle)) || changed
	changed = assign(&x.Module, p.place(x.Module)) || changed
	if m := p.mechanism(x.Mechanism); m != x.Mechanism {
		x.Mechanism, changed = m, true
	}
	if st := p.stacktrace(x.Stacktrace); st != x.Stacktrace {
		x.Stacktrace, changed = st, true
	}
	return x, changed
}

// mechanism scrubs what says how the exception was caught.
func (p *pass) mechanism(m *sentry.Mechanism) *sentry.Mechanism {
	if m == nil {
		return nil
	}
	c := *m
	changed := assign(&c.Description, p.long(m.Description))
	changed = assign(&c.Type, p.name(m.Type, maxTag)) || changed
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
	changed = assign(&t.ID, p.plain(t.ID, maxTag)) || changed
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
		if p.isClean(&st.Frames[i]) {
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

// isClean reports whether a frame needs no change, as almost all do.
func (p *pass) isClean(f *sentry.Frame) bool {
	return isOnlyPlace(f) && p.place(f.Function) == f.Function && p.place(f.Module) == f.Module && p.place(f.Filename) == f.Filename
}

// frame scrubs a frame in place. The frame is a copy.
func (p *pass) frame(f *sentry.Frame) {
	f.AbsPath = ""
	for _, t := range [...]*string{&f.Function, &f.Module, &f.Filename, &f.Symbol, &f.Platform, &f.InstructionAddr, &f.AddrMode, &f.SymbolAddr, &f.ImageAddr} {
		*t = p.place(*t)
	}
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

// isOnlyPlace reports whether a frame has nothing but its place in the program.
func isOnlyPlace(f *sentry.Frame) bool {
	return f.AbsPath == "" && f.ContextLine == "" && f.Package == "" && f.Symbol == "" && f.Platform == "" &&
		f.InstructionAddr == "" && f.AddrMode == "" && f.SymbolAddr == "" && f.ImageAddr == "" &&
		len(f.Vars) == 0 && len(f.PreContext) == 0 && len(f.PostContext) == 0
}

// sourceLine scrubs a line of source.
func (p *pass) sourceLine(t string) string { return p.line(t, maxTitle) }
