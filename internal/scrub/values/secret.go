package values

import (
	"encoding/json"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// secret reports whether a value is secret because of its key, alone or
// together with the key of the map that it is in:
//
//	{"password": "hunter2"}
//	{"card": {"number": 4111}}
func (w *Walker) secret(parent, key string) bool {
	if w.texts.Sensitivity(key) != texts.NotSecret {
		return true
	}
	switch key {
	case "number", "Number", "key", "Key", "id", "ID", "Id", "token", "no", "code":
		return parent != "" && w.texts.Sensitivity(parent+"_"+key) != texts.NotSecret
	}
	return false
}

// redacted replaces a value that is secret because of its key. Some values
// stay, because they contain no secret: no value, a switch, a number of tokens.
// An attribute of a log stays an attribute, because the protocol wants one
// there.
func (w *Walker) redacted(key string, v any) (any, bool) {
	switch v := v.(type) {
	case nil, bool:
		return v, false
	case string:
		if texts.HidesNothing(v) {
			return v, false
		}
		if texts.IsWorkingDirectory(key, v) {
			return w.text("", v)
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

// isCount reports whether a number is too small to be a token.
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

// isAttribute reports whether m is a typed attribute of a log or a span:
//
//	{"value": "x", "type": "string"}
func isAttribute(m map[string]any) bool {
	_, typed := m["type"].(string)
	_, valued := m["value"]
	return typed && valued && len(m) == 2
}

// attribute redacts the value of an attribute. The new value is a string.
func (w *Walker) attribute(m map[string]any) (any, bool) {
	value, changed := w.redacted("", m["value"])
	if !changed {
		return m, false
	}
	return map[string]any{"value": value, "type": "string"}, true
}
