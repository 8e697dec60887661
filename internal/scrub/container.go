package scrub

import (
	"maps"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// enter goes one level down and reports whether that is allowed.
func (w *walker) enter() bool {
	w.depth++
	return w.depth <= maxDepth && w.nodes > 0
}

func (w *walker) leave() { w.depth-- }

// entrySize is what an entry takes beside its texts, a number being the most.
const entrySize = 32

// admit takes the next entry, with a key of this name, and reports whether
// there is room for it.
func (w *walker) admit(name string) bool {
	w.nodes--
	w.size += entrySize
	w.take(name)
	return w.nodes >= 0 && w.bytes >= 0
}

// name scrubs the key of a map: people count by e-mail address.
func (w *walker) name(key string) string { return w.texts.Text(key, maxKeyBytes) }

// object scrubs a map.
func (w *walker) object(key string, m map[string]any) (any, bool) {
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
		changed["type"] = "string" // what had a number before
	}
	return changed, true
}

// longObject scrubs the first entries of a map that has too many.
func (w *walker) longObject(key string, m map[string]any) any {
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

// entry scrubs an entry of a map. It reports whether the entry stays as it is,
// and whether there is room for it at all.
func (w *walker) entry(key, k string, v any, named bool) (name string, next any, same, room bool) {
	name = w.name(k)
	if !w.admit(name) {
		return name, nil, false, false
	}
	as := k
	if name != k && w.secret(key, name) {
		as = name
	}
	if named && (k == "value" || k == "Value") {
		as = "secret"
	}
	next, changed := w.value(key, as, v)
	return name, next, !changed && name == k, true
}

// namedValue reports whether a map is a pair that names a secret, as lists of
// headers and of variables are written: {"name":"password","value":"x"}.
func (w *walker) namedValue(m map[string]any) bool {
	for _, k := range [...]string{"name", "Name", "key", "Key"} {
		if name, ok := m[k].(string); ok && w.texts.Sensitivity(name) != texts.NotSecret {
			return true
		}
	}
	return false
}

// list scrubs a slice.
func (w *walker) list(key string, list []any) (any, bool) {
	defer w.leave()
	if !w.enter() {
		return texts.Ellipsis, true
	}
	whole := list
	if len(list) > w.items {
		list = list[:w.items-1]
	}
	var changed []any
	flag := ""
	for i, v := range list {
		if !w.admit("") {
			changed = append(clone(changed, whole[:i]), texts.Ellipsis)
			return changed, true
		}
		next, diff := w.value("", argumentName(flag, key), v)
		flag = flagName(v)
		if !diff && changed == nil {
			continue
		}
		changed = append(clone(changed, whole[:i]), next)
	}
	if len(list) < len(whole) {
		return append(clone(changed, list), texts.Ellipsis), true
	}
	if changed != nil {
		return changed, true
	}
	return whole, false
}

// clone returns list, or a copy of prefix if there is no list yet.
func clone[T any](list, prefix []T) []T {
	if list != nil {
		return list
	}
	return append(make([]T, 0, len(prefix)+1), prefix...)
}

// flagName returns the name of a flag whose value is the next argument.
func flagName(v any) string {
	const longest = 64
	arg, _ := v.(string)
	if len(arg) < 3 || arg[0] != '-' || len(arg) > longest {
		return ""
	}
	return arg
}

// argumentName returns the name for an element of a list: that of the flag
// before it, or nothing, as a name of the list has been looked at.
func argumentName(flag, key string) string {
	if flag != "" {
		return flag
	}
	if isVersion(key, "0") {
		return key
	}
	return ""
}

// stringMap scrubs a map of strings.
func (w *walker) stringMap(key string, m map[string]string) (any, bool) {
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

// plainStrings scrubs a map of strings to one, which is the usual case. It
// reports whether every entry had room.
func (w *walker) plainStrings(key string, m map[string]string) (next map[string]string, changed, ok bool) {
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

// strings scrubs a slice of strings.
func (w *walker) strings(key string, list []string) (any, bool) {
	wide := make([]any, min(len(list), w.items+1)) // one more tells that it was longer
	for i := range wide {
		wide[i] = list[i]
	}
	next, changed := w.list(key, wide)
	if !changed {
		return list, false
	}
	return next, true
}
