package values

import (
	"maps"
	"slices"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// object scrubs a map, the value under key.
func (w *Walker) object(key string, m map[string]any) (any, bool) {
	defer w.leave()
	if !w.enter() {
		return texts.Ellipsis, true
	}
	if len(m) > w.items {
		return w.longObject(key, m), true
	}
	named := w.namedValue(m)
	var changed map[string]any
	for k, v := range m {
		name, next, same, room := w.entry(key, k, v, named)
		if same {
			continue
		}
		if changed == nil {
			changed = maps.Clone(m)
		}
		if !room || name != k {
			delete(changed, k)
		}
		if room {
			changed[name] = next
		}
	}
	if changed == nil {
		return m, false
	}
	if _, text := changed["value"].(string); text && isAttribute(m) {
		changed["type"] = "string" // it may have been that of a number
	}
	return changed, true
}

// longObject scrubs a map with too many entries. The first ones stay, in the
// order of their keys.
func (w *Walker) longObject(key string, m map[string]any) any {
	named := w.namedValue(m)
	cut := make(map[string]any, w.items)
	for _, k := range sortedKeys(m, w.items-1) {
		if name, next, _, room := w.entry(key, k, m[k], named); room {
			cut[name] = next
		}
	}
	cut[texts.Ellipsis] = texts.Ellipsis
	return cut
}

// sortedKeys returns the first keys of m, at most limit of them. They are
// sorted so that the same keys stay every time.
func sortedKeys[V any](m map[string]V, limit int) []string {
	keys := slices.Sorted(maps.Keys(m))
	return keys[:min(len(keys), limit)]
}

// entry scrubs the entry m[k], where m is the map under key. named says that m
// is the name and the value of a secret, see namedValue. entry reports whether
// the entry stays as it is, and whether there is room for it.
func (w *Walker) entry(key, k string, v any, named bool) (name string, next any, same, room bool) {
	name = w.name(k)
	if IsPersonal(k) || !w.admit(name) {
		return name, nil, false, false
	}
	as := k // the key by which v is judged
	if name != k && w.secret(key, name) {
		as = name
	}
	if named && (k == "value" || k == "Value") {
		as = "secret"
	}
	next, changed := w.value(key, as, v)
	return name, next, !changed && name == k, true
}

// name scrubs the key of an entry. Some programs count by e-mail address.
func (w *Walker) name(key string) string { return w.texts.Text(key, maxKeyBytes) }

// namedValue reports whether a map is the name and the value of a secret, as in
// lists of headers and of variables:
//
//	{"name": "password", "value": "hunter2"}
func (w *Walker) namedValue(m map[string]any) bool {
	for _, k := range [...]string{"name", "Name", "key", "Key"} {
		if name, ok := m[k].(string); ok && w.texts.Sensitivity(name) != texts.NotSecret {
			return true
		}
	}
	return false
}

// stringMap scrubs a map of strings.
func (w *Walker) stringMap(key string, m map[string]string) (any, bool) {
	if before := *w; len(m) <= w.items {
		if next, changed, ok := w.plainStrings(key, m); ok {
			return next, changed
		}
		*w = before
	}
	wide := make(map[string]any, len(m))
	for k, v := range m {
		wide[k] = v
	}
	next, _ := w.object(key, wide)
	return next, true
}

// plainStrings scrubs a map of strings whose result is a map of strings too, as
// usual. It reports false if not every entry has room or a value is no string
// any more; then object has to do it.
func (w *Walker) plainStrings(key string, m map[string]string) (next map[string]string, changed, ok bool) {
	defer w.leave()
	if !w.enter() {
		return nil, false, false
	}
	for k, v := range m {
		name, value, same, room := w.entry(key, k, v, false)
		text, isText := value.(string)
		if !room || !isText {
			return nil, false, false
		}
		if same {
			continue
		}
		if next == nil {
			next = maps.Clone(m)
		}
		if name != k {
			delete(next, k)
		}
		next[name] = text
	}
	if next == nil {
		return m, false, true
	}
	return next, true, true
}
