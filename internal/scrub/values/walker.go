package values

import (
	"encoding/json"
	"math"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// The bounds of one value in an event. It can be a part of the application's
// state of any size, and Sentry's server shortens deep and long values anyway.
const (
	// MaxBytes is how many bytes the keys and texts of one value have at most.
	MaxBytes = 64 << 10

	maxItems = 200  // entries of one map or list
	maxNodes = 4000 // entries of all maps and lists together
)

// The bounds of a document that is the payload of an envelope item. Sentry
// accepts a transaction of 1 MiB with 1000 spans, and a batch of 100 logs.
const (
	maxDocumentBytes = 1 << 20
	maxDocumentItems = 2000
	maxDocumentNodes = 200_000
)

const (
	maxDepth    = 12  // levels of maps and lists; Sentry shows 5 to 7
	maxKeyBytes = 200 // bytes of a key; Sentry's limit for the key of a tag

	// entrySize is how many bytes an entry takes as JSON beside its texts. A
	// number takes the most.
	entrySize = 32
)

// A Walker removes secrets from one value. Its methods are in one file for each
// kind of value. It is not safe for concurrent use.
type Walker struct {
	texts *texts.Scrubber
	depth int // how many levels are above the current one
	items int // how many entries of one map or list stay
	nodes int // how many more entries can stay
	bytes int // how many more bytes of keys and texts can stay
	size  int // the size as JSON of what stays
}

// NewWalker returns a Walker for one value in an event.
func NewWalker(t *texts.Scrubber) Walker {
	return Walker{texts: t, items: maxItems, nodes: maxNodes, bytes: MaxBytes}
}

// NewDocumentWalker returns a Walker for a whole document.
func NewDocumentWalker(t *texts.Scrubber) Walker {
	return Walker{texts: t, items: maxDocumentItems, nodes: maxDocumentNodes, bytes: maxDocumentBytes}
}

// Value returns v, the value under key, without secrets, and reports whether it
// has changed.
func (w *Walker) Value(key string, v any) (any, bool) { return w.value("", key, v) }

// Map returns m, the map under key, without secrets. Unlike Value it does not
// take the whole of m for a secret because of its key.
func (w *Walker) Map(key string, m map[string]any) map[string]any {
	next, _ := w.object(key, m)
	out, _ := next.(map[string]any)
	return out
}

// Size returns about how many bytes the results of the Walker take as JSON.
func (w *Walker) Size() int { return w.size }

// value scrubs v, the value under key in the map under parent.
func (w *Walker) value(parent, key string, v any) (any, bool) {
	if w.secret(parent, key) {
		return w.redacted(key, v)
	}
	switch v := v.(type) {
	case nil, bool, sentry.TraceID, sentry.SpanID, sentry.SpanStatus:
		return v, false
	case string:
		return w.text(key, v)
	case map[string]any:
		return w.object(key, v)
	case []any:
		return w.list(key, v)
	case map[string]string:
		return w.stringMap(key, v)
	case []string:
		return w.strings(key, v)
	case json.Number:
		return w.number(v)
	case int:
		return wholeNumber(v, int64(v))
	case int64:
		return wholeNumber(v, v)
	case uint64:
		return wholeNumber(v, int64(min(v, math.MaxInt64)))
	case float64:
		return finite(v, v)
	case float32:
		return finite(v, float64(v))
	case time.Time:
		return moment(v)
	}
	return w.other(parent, key, v)
}

// text scrubs the text v under key.
func (w *Walker) text(key, v string) (any, bool) {
	if w.bytes < len(texts.Ellipsis) && len(v) > w.bytes {
		return "", true
	}
	if len(v) <= w.bytes && (isID(key, v) || IsVersion(key, v)) {
		w.take(v)
		return v, false
	}
	t := w.texts.Text(v, min(texts.MaxText, w.bytes))
	w.take(t)
	return t, t != v
}

// enter goes one level down. It reports false if that level is too deep or no
// more entries can stay.
func (w *Walker) enter() bool {
	w.depth++
	return w.depth <= maxDepth && w.nodes > 0
}

func (w *Walker) leave() { w.depth-- }

// admit counts an entry with this key. It reports whether the entry can stay.
func (w *Walker) admit(name string) bool {
	w.nodes--
	w.size += entrySize
	w.take(name)
	return w.nodes >= 0 && w.bytes >= 0
}

// take counts a text that stays.
func (w *Walker) take(t string) {
	w.bytes -= len(t)
	w.size += len(t)
}
