// Package fit makes an event small enough to be stored and sent. It is about
// size alone: what is private has been removed before.
//
// Event gives up the parts of an event one after the other, the least important
// one first, until the event is below its limit. The last exception is the
// title of the issue, and its type and the beginning of its text always stay.
//
// steps.go has the order in which the parts are given up. A new part goes
// there.
package fit

import (
	"encoding/json"

	"github.com/getsentry/sentry-go"
)

// The sizes of a whole event as JSON, in bytes.
const (
	// MaxEvent keeps a report below 200 kB, a fifth of what Sentry accepts.
	// Reports are stored on the disk of the person who runs the program and sent
	// over their network.
	MaxEvent = 190_000

	// MaxTransaction leaves room for spans, which are the content of a
	// transaction. Sentry accepts 1 MiB.
	MaxTransaction = 900_000

	// escaped is how many bytes one byte of a text takes as JSON at most: \u003c.
	escaped = 6
)

// Event makes e as small as it has to be. size is how many bytes its texts
// take. Most events are so small that Event does not have to encode them to
// know that. What the application may still hold is copied before it is
// changed.
func Event(e *sentry.Event, size int) {
	limit := MaxEvent
	switch e.Type {
	case "transaction":
		limit = MaxTransaction
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

// fixedSize estimates how many bytes the fields take that are not texts.
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

// encodedSize returns the size of v as JSON. It returns 0 for what can not be
// encoded.
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
