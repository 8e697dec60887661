package values

import "github.com/panicreport/sentry/internal/scrub/texts"

// list scrubs a list, the value under key. In a list of arguments, the element
// after a flag is judged by the name of the flag:
//
//	["app", "--password", "hunter2"]
func (w *Walker) list(key string, list []any) (any, bool) {
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
		next, diff := w.Value(argumentName(flag, key), v)
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

// clone returns list, or a copy of prefix if list is nil.
func clone[T any](list, prefix []T) []T {
	if list != nil {
		return list
	}
	return append(make([]T, 0, len(prefix)+1), prefix...)
}

// flagName returns v if it is a flag whose value can be the next element.
func flagName(v any) string {
	const longest = 64
	arg, _ := v.(string)
	if len(arg) < 3 || arg[0] != '-' || len(arg) > longest {
		return ""
	}
	return arg
}

// argumentName returns the name by which an element of the list under key is
// judged: the flag before it, or key if it says that the elements are versions.
// Otherwise there is none, because the key of the list has been judged already.
func argumentName(flag, key string) string {
	if flag != "" {
		return flag
	}
	if IsVersion(key, "0") {
		return key
	}
	return ""
}

// strings scrubs a list of strings.
func (w *Walker) strings(key string, list []string) (any, bool) {
	wide := make([]any, min(len(list), w.items+1)) // one more shows that entries were left out
	for i := range wide {
		wide[i] = list[i]
	}
	next, changed := w.list(key, wide)
	if !changed {
		return list, false
	}
	return next, true
}
