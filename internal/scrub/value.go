package scrub

import (
	"encoding/json"
	"github.com/panicreport/sentry/internal/scrub/texts"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
)

// Bounds of one nested value. Sentry's server normalises deeper and longer ones
// away, and a value may be a part of the application's state of any size.
const (
	maxDepth    = 12       // levels of maps and slices; Sentry shows 5 to 7
	maxItems    = 200      // entries of one map or slice
	maxNodes    = 4000     // entries of all
	maxBytes    = 64 << 10 // of all keys and texts
	maxKeyBytes = 200      // bytes of a key, Sentry's limit for that of a tag
)

// A walker goes through one nested value. What has nothing to remove comes back
// as it is, what has is copied on the way to it: the application may hold the
// same maps.
type walker struct {
	*Scrubber
	depth int
	items int // entries of one map or slice that stay
	nodes int // entries that may still come
	bytes int // of keys and texts that may still come
	size  int // as JSON, of what stays
}

func (s *Scrubber) walker() walker {
	return walker{Scrubber: s, items: maxItems, nodes: maxNodes, bytes: maxBytes}
}

// Value returns v, the value under key, without what is secret. The result
// marshals as JSON, whatever v is; v itself is not changed.
func (s *Scrubber) Value(key string, v any) any {
	w := s.walker()
	v, _ = w.value("", key, v)
	return v
}

// value scrubs v, the value under key in the map under parent, and reports
// whether it has changed.
func (w *walker) value(parent, key string, v any) (any, bool) {
	if w.secret(parent, key) {
		return w.redacted(key, v)
	}
	switch v := v.(type) {
	case nil, bool, sentry.TraceID, sentry.SpanID, sentry.SpanStatus:
		return v, false
	case string:
		return w.string(key, v)
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

// secret reports whether the name of a value makes it secret, alone or with
// that of the map around it: the number in card.
func (w *walker) secret(parent, key string) bool {
	if w.texts.Sensitivity(key) != texts.NotSecret {
		return true
	}
	switch key {
	case "number", "Number", "key", "Key", "id", "ID", "Id", "token", "no", "code":
		return parent != "" && w.texts.Sensitivity(parent+"_"+key) != texts.NotSecret
	}
	return false
}

// redacted replaces a secret. Absence and a switch hide nothing, a count of
// tokens neither; an attribute of a log keeps the shape that the protocol has
// for it.
func (w *walker) redacted(key string, v any) (any, bool) {
	switch v := v.(type) {
	case nil, bool:
		return v, false
	case string:
		if v == "" || texts.HidesNothing(v) {
			return v, false
		}
		if texts.IsWorkingDirectory(key, v) {
			return w.string("", v)
		}
	case map[string]any:
		if isAttribute(v) {
			return w.attribute(v)
		}
	case int, int64, float64, json.Number:
		if w.texts.Sensitivity(key) == texts.Perhaps && isCount(v) {
			return v, false
		}
	}
	return texts.Filtered, true
}

// isCount reports whether a number is too short to be a token.
func isCount(v any) bool {
	const longest = 1e6
	switch v := v.(type) {
	case int:
		return v < longest
	case int64:
		return v < longest
	case float64:
		return v < longest
	case json.Number:
		f, err := v.Float64()
		return err == nil && f < longest
	}
	return false
}

// isAttribute reports whether m is a typed attribute of a log or a span,
// {"value":"x","type":"string"}.
func isAttribute(m map[string]any) bool {
	_, typed := m["type"].(string)
	_, valued := m["value"]
	return typed && valued && len(m) == 2
}

// attribute redacts the value of an attribute, which is a string then.
func (w *walker) attribute(m map[string]any) (any, bool) {
	value, changed := w.redacted("", m["value"])
	if !changed {
		return m, false
	}
	return map[string]any{"value": value, "type": "string"}, true
}

// string scrubs a text under key.
func (w *walker) string(key, v string) (any, bool) {
	if w.bytes < len(texts.Ellipsis) && len(v) > w.bytes {
		return "", true
	}
	if len(v) <= w.bytes && (isID(key, v) || isVersion(key, v)) {
		w.take(v)
		return v, false
	}
	t := w.texts.Text(v, min(texts.MaxText, w.bytes))
	w.take(t)
	return t, t != v
}

// take counts a text that stays.
func (w *walker) take(t string) {
	w.bytes -= len(t)
	w.size += len(t)
}

// isID reports whether v is an id of Sentry's protocol: nothing is recognised
// in it, all digits though it may be.
func isID(key, v string) bool {
	const longest = 36 // a UUID
	if !strings.HasSuffix(key, "_id") || len(v) > longest {
		return false
	}
	for i := 0; i < len(v); i++ {
		if strings.IndexByte("0123456789abcdefABCDEF-", v[i]) < 0 {
			return false
		}
	}
	switch key {
	case "event_id", "trace_id", "span_id", "parent_span_id", "segment_id", "check_in_id", "profile_id", "replay_id",
		"profiler_id", "debug_id":
		return true
	}
	return false
}

// isVersion reports whether v is a version for its key's sake: four numbers
// are an address otherwise.
func isVersion(key, v string) bool {
	const longest = 64
	if len(v) > longest || len(key) < len("build") || v == "" || !isDigit(v[len(v)-1]) {
		return false
	}
	for i := 0; i < len(v); i++ {
		if !isDigit(v[i]) && v[i] != '.' {
			return false
		}
	}
	for _, word := range [...]string{"version", "release", "build", "firmware"} {
		if n := len(key) - len(word); n >= 0 && strings.EqualFold(key[n:], word) {
			return true
		}
	}
	return false
}

func (w *walker) number(v json.Number) (any, bool) {
	if !json.Valid([]byte(v)) {
		return w.string("", string(v))
	}
	return cardOr(v, string(v))
}

// wholeNumber looks for a card in a number.
func wholeNumber(v any, n int64) (any, bool) {
	const smallest = 1e12 // has 13 digits
	if n < smallest {
		return v, false
	}
	var buf [24]byte
	return cardOr(v, string(strconv.AppendInt(buf[:0], n, 10)))
}

func cardOr(v any, digits string) (any, bool) {
	if texts.IsCardNumber(digits) {
		return texts.Filtered, true
	}
	return v, false
}

// finite returns a number as JSON can have it.
func finite(v any, f float64) (any, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, 64), true
	}
	const smallest, largest = 1e12, 1e19
	if f >= smallest && f < largest && f == math.Trunc(f) {
		return cardOr(v, strconv.FormatFloat(f, 'f', 0, 64))
	}
	return v, false
}

// moment returns a time as JSON can have it: with a year of four digits.
func moment(v time.Time) (any, bool) {
	if _, err := v.MarshalJSON(); err != nil {
		return v.String(), true
	}
	return v, false
}

// sortedKeys returns the keys of m that stay, sorted where some do not, so
// that the same stay every time.
func sortedKeys[V any](m map[string]V, limit int) []string {
	keys := slices.Sorted(maps.Keys(m))
	return keys[:min(len(keys), limit)]
}
