package scrub

import (
	"encoding/json"
	"errors"
	"github.com/panicreport/sentry/internal/scrub/texts"
	"maps"
	"slices"

	"github.com/getsentry/sentry-go"
)

// Sizes of a whole event, as JSON.
const (
	// maxEvent keeps a report below 200 kB, a fifth of what Sentry takes:
	// reports are kept on the disk of the person who ran the program and sent
	// over their network.
	maxEvent = 190_000

	// maxTransaction leaves room for the spans, which are what a transaction
	// is about. Sentry takes 1 MiB.
	maxTransaction = 900_000

	// escaped is the most bytes that one takes as JSON: \u003c.
	escaped = 6

	// shortText is what stays of a text where nothing else could go.
	shortText = 512
	shortName = 128

	// fewFrames and fewExceptions are what stays where the exceptions alone
	// are too large: the ends of a stack, and of a chain.
	fewFrames     = 40
	fewExceptions = 20
)

var errNoJSON = errors.New("not a document of JSON")

// standardContexts are those that Sentry shows by name. Others are the
// application's.
// https://develop.sentry.dev/sdk/event-payloads/contexts/
var standardContexts = map[string]bool{
	"trace": true, "os": true, "runtime": true, "device": true, "app": true, "browser": true, "gpu": true,
	"culture": true, "cloud_resource": true, "response": true,
}

// fit makes an event as small as it has to be. size is what its texts take;
// most events are so small that they need not be encoded to know it.
func fit(e *sentry.Event, size int) {
	limit := maxEvent
	switch e.Type {
	case "transaction":
		limit = maxTransaction
	case "log", "trace_metric", "check_in":
		return // batched and bounded by sentry-go
	}
	if size*escaped+fixedSize(e) < limit {
		return
	}
	over := encodedSize(e) - limit
	for i := 0; i < len(steps) && over > 0; i++ {
		part := steps[i].part
		before := encodedSize(part(e))
		steps[i].smaller(e, over)
		over -= before - encodedSize(part(e))
	}
}

// fixedSize is what the fields take that are not scrubbed.
func fixedSize(e *sentry.Event) int {
	const names = 2000 // of the fields, the ids, the times, the SDK
	const perItem = 150
	size := names + escaped*(len(e.Release)+len(e.Environment)+len(e.Dist))
	size += perItem * (len(e.Breadcrumbs) + len(e.Exception) + len(e.Threads) + 2*len(e.Spans))
	for k, v := range e.Modules {
		size += escaped * (len(k) + len(v))
	}
	for i := range e.Exception {
		if st := e.Exception[i].Stacktrace; st != nil {
			size += perItem * len(st.Frames)
		}
	}
	return size
}

// A step gives up something of one part of an event, enough to make up for what
// the event is over its limit, or all.
type step struct {
	part    func(e *sentry.Event) any
	smaller func(e *sentry.Event, over int)
}

// steps are what is given up, the least important first. Only the part that a
// step is about is measured again.
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

// encodedSize is the size of v as JSON. What can not be encoded has none: it
// is dropped by the step that is about it.
func encodedSize(v any) (size int) {
	defer func() {
		if recover() != nil {
			size = 0
		}
	}()
	doc, err := json.Marshal(v)
	if err != nil {
		return 0
	}
	return len(doc)
}

// dropBreadcrumbs drops the oldest, as many as it takes.
func dropBreadcrumbs(e *sentry.Event, over int) {
	n := 0
	for ; n < len(e.Breadcrumbs) && over > 0; n++ {
		over -= encodedSize(e.Breadcrumbs[n])
	}
	e.Breadcrumbs = e.Breadcrumbs[n:]
}

func dropContexts(e *sentry.Event, _ int) {
	e.Contexts = maps.Clone(e.Contexts)
	maps.DeleteFunc(e.Contexts, func(name string, _ sentry.Context) bool { return !standardContexts[name] })
}

func dropVars(e *sentry.Event, _ int) {
	eachFrame(e, func(f *sentry.Frame) { f.Vars = nil })
}

// dropLarge drops what a standard context or a user has of unusual size.
func dropLarge(e *sentry.Event, _ int) {
	e.User.Data = nil
	const large = 10_000 // the standard contexts have a few hundred bytes
	maps.DeleteFunc(e.Contexts, func(name string, c sentry.Context) bool {
		return name != "trace" && encodedSize(c) > large
	})
}

func dropRequestData(e *sentry.Event, _ int) {
	if e.Request == nil {
		return
	}
	r := *e.Request
	r.Data, r.Env = "", nil
	if encodedSize(r) > maxEvent/10 {
		r.Headers, r.QueryString = nil, ""
	}
	if len(r.URL) > shortText {
		r.URL = ""
	}
	e.Request = &r
}

func dropThreads(e *sentry.Event, _ int) { e.Threads = nil }

func dropSource(e *sentry.Event, _ int) {
	eachFrame(e, func(f *sentry.Frame) { f.PreContext, f.ContextLine, f.PostContext = nil, "", nil })
}

func dropModules(e *sentry.Event, _ int) { e.Modules, e.DebugMeta = nil, nil }

func dropSpans(e *sentry.Event, over int) {
	n := len(e.Spans)
	for ; n > 0 && over > 0; n-- {
		over -= encodedSize(e.Spans[n-1])
	}
	e.Spans = e.Spans[:n]
}

// dropTags leaves those with short values, in the order of their names.
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

// shortenTexts cuts the texts of exceptions but that of the last, which is the
// title.
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

// dropMiddle drops the middle of a long chain and of long stacks, but the
// stack of the last exception, which is the panic's, before it goes as well.
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

// dropStacks leaves the stack of the last exception alone.
func dropStacks(e *sentry.Event, _ int) {
	for i := range len(e.Exception) - 1 {
		e.Exception[i].Stacktrace = nil
	}
}

// dropTexts is for an event whose names alone are too large.
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

// eachFrame changes the frames of the exceptions, in copies.
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
