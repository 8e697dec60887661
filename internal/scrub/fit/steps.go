package fit

import (
	"maps"
	"slices"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

const (
	// shortText and shortName are how many bytes of a text and of a name stay
	// when nothing else is left to give up.
	shortText = 512
	shortName = 128

	// fewFrames and fewExceptions are how many stay when the exceptions alone are
	// too large: one half from each end of a stack, or of a chain.
	fewFrames     = 40
	fewExceptions = 20
)

// A step makes one part of an event smaller. part returns that part, so that
// its size can be measured. smaller removes over bytes from it if it can choose
// how much to remove; otherwise it removes all that the step is about.
type step struct {
	part    func(e *sentry.Event) any
	smaller func(e *sentry.Event, over int)
}

// steps has the steps in the order in which they are taken, the least important
// part first. After a step, only the part that it is about is measured again.
var steps = []step{
	{func(e *sentry.Event) any { return e.Breadcrumbs }, dropBreadcrumbs},
	{contextsPart, dropContexts},
	{exceptionPart, dropVars},
	{contextsPart, dropLarge},
	{func(e *sentry.Event) any { return e.Request }, dropRequestData},
	{func(e *sentry.Event) any { return e.Threads }, dropThreads},
	{exceptionPart, dropSource},
	{modulesPart, dropModules},
	{func(e *sentry.Event) any { return e.Spans }, dropSpans},
	{func(e *sentry.Event) any { return e.Tags }, dropTags},
	{exceptionPart, shortenTexts},
	{func(e *sentry.Event) any { return e.Fingerprint }, shortenFingerprint},
	{exceptionPart, dropMiddle},
	{exceptionPart, dropStacks},
	{func(e *sentry.Event) any { return e }, dropTexts},
}

func contextsPart(e *sentry.Event) any  { return []any{e.Contexts, e.User} }
func exceptionPart(e *sentry.Event) any { return e.Exception }
func modulesPart(e *sentry.Event) any   { return []any{e.Modules, e.DebugMeta} }

// dropBreadcrumbs removes the oldest breadcrumbs, as many as necessary.
func dropBreadcrumbs(e *sentry.Event, over int) {
	n := 0
	for ; n < len(e.Breadcrumbs) && over > 0; n++ {
		over -= encodedSize(e.Breadcrumbs[n])
	}
	e.Breadcrumbs = e.Breadcrumbs[n:]
}

// standardContexts are the contexts that Sentry shows by their names. All
// others are the application's.
// https://develop.sentry.dev/sdk/event-payloads/contexts/
var standardContexts = map[string]bool{
	"trace": true, "os": true, "runtime": true, "device": true, "app": true, "browser": true, "gpu": true,
	"culture": true, "cloud_resource": true, "response": true,
}

// dropContexts removes the contexts of the application.
func dropContexts(e *sentry.Event, _ int) {
	e.Contexts = maps.Clone(e.Contexts)
	maps.DeleteFunc(e.Contexts, func(name string, _ sentry.Context) bool { return !standardContexts[name] })
}

// dropVars removes the variables of frames.
func dropVars(e *sentry.Event, _ int) {
	eachFrame(e, func(f *sentry.Frame) { f.Vars = nil })
}

// dropLarge removes the data of the user, and standard contexts that are larger
// than usual.
func dropLarge(e *sentry.Event, _ int) {
	e.User.Data = nil
	const large = 10_000 // the standard contexts have a few hundred bytes
	maps.DeleteFunc(e.Contexts, func(name string, c sentry.Context) bool {
		return name != "trace" && encodedSize(c) > large
	})
}

// dropRequestData removes the body and the environment of a request, and what
// else is long in it.
func dropRequestData(e *sentry.Event, _ int) {
	if e.Request == nil {
		return
	}
	r := *e.Request
	r.Data, r.Env = "", nil
	if encodedSize(r) > MaxEvent/10 {
		r.Headers, r.QueryString = nil, ""
	}
	if len(r.URL) > shortText {
		r.URL = ""
	}
	e.Request = &r
}

func dropThreads(e *sentry.Event, _ int) { e.Threads = nil }

// dropSource removes the lines of source around frames.
func dropSource(e *sentry.Event, _ int) {
	eachFrame(e, func(f *sentry.Frame) { f.PreContext, f.ContextLine, f.PostContext = nil, "", nil })
}

func dropModules(e *sentry.Event, _ int) { e.Modules, e.DebugMeta = nil, nil }

// dropSpans removes the last spans, as many as necessary.
func dropSpans(e *sentry.Event, over int) {
	n := len(e.Spans)
	for ; n > 0 && over > 0; n-- {
		over -= encodedSize(e.Spans[n-1])
	}
	e.Spans = e.Spans[:n]
}

// dropTags keeps a number of tags with short values, in the order of their
// names.
func dropTags(e *sentry.Event, _ int) {
	const few, short = 50, 64
	kept := make(map[string]string, few)
	for _, k := range slices.Sorted(maps.Keys(e.Tags)) {
		if len(kept) < few && len(k) <= short && len(e.Tags[k]) <= short {
			kept[k] = e.Tags[k]
		}
	}
	e.Tags = kept
}

// shortenTexts cuts the texts of all exceptions but the last, whose text
// belongs to the title.
func shortenTexts(e *sentry.Event, _ int) {
	e.Exception = slices.Clone(e.Exception)
	for i := range e.Exception {
		x := &e.Exception[i]
		if x.Mechanism != nil {
			m := *x.Mechanism
			m.Data, m.Description = nil, ""
			x.Mechanism = &m
		}
		if i < len(e.Exception)-1 {
			x.Value = texts.Clip(x.Value, shortText)
		}
	}
}

func shortenFingerprint(e *sentry.Event, _ int) {
	e.Fingerprint = e.Fingerprint[:min(len(e.Fingerprint), fewExceptions)]
}

// dropMiddle removes the middle of a long chain of exceptions and of long
// stacks.
func dropMiddle(e *sentry.Event, over int) {
	if n := len(e.Exception); n > fewExceptions {
		ends := slices.Clone(e.Exception[:fewExceptions/2])
		e.Exception = append(ends, e.Exception[n-fewExceptions/2:]...)
	}
	for i := range e.Exception {
		if st := e.Exception[i].Stacktrace; st != nil && len(st.Frames) > fewFrames {
			frames := slices.Clone(st.Frames[:fewFrames/2])
			frames = append(frames, st.Frames[len(st.Frames)-fewFrames/2:]...)
			e.Exception[i].Stacktrace = &sentry.Stacktrace{Frames: frames}
		}
	}
}

// dropStacks removes all stacks but that of the last exception.
func dropStacks(e *sentry.Event, _ int) {
	for i := range len(e.Exception) - 1 {
		e.Exception[i].Stacktrace = nil
	}
}

// dropTexts is for an event with names that are too large. It is the last step,
// and cuts everything that is left.
func dropTexts(e *sentry.Event, _ int) {
	e.Message, e.Transaction = texts.Clip(e.Message, shortText), texts.Clip(e.Transaction, shortText)
	e.Fingerprint, e.Modules, e.Tags, e.Contexts, e.Request = nil, nil, nil, nil, nil
	for i := range e.Exception {
		x := &e.Exception[i]
		x.Value = texts.Clip(x.Value, shortText/2)
		x.Type, x.Module = texts.Clip(x.Type, shortName), texts.Clip(x.Module, shortName)
	}
	eachFrame(e, func(f *sentry.Frame) {
		f.Symbol, f.Package = "", ""
		f.Function, f.Module, f.Filename = texts.Clip(f.Function, shortName), texts.Clip(f.Module, shortName), texts.Clip(f.Filename, shortName)
	})
}

// eachFrame changes a copy of the frames of all exceptions.
func eachFrame(e *sentry.Event, change func(*sentry.Frame)) {
	e.Exception = slices.Clone(e.Exception)
	for i := range e.Exception {
		st := e.Exception[i].Stacktrace
		if st == nil {
			continue
		}
		frames := slices.Clone(st.Frames)
		for n := range frames {
			change(&frames[n])
		}
		e.Exception[i].Stacktrace = &sentry.Stacktrace{Frames: frames, FramesOmitted: st.FramesOmitted}
	}
}
