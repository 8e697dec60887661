package values

import (
	"fmt"
	"reflect"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// reflected scrubs a map, a list or a struct of any type, or a pointer to one.
func (w *Walker) reflected(key string, v any) (any, bool) {
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer, reflect.Interface:
		if r.IsNil() {
			return nil, true
		}
		if r.Elem().Kind() == reflect.Struct {
			return w.marshalled(key, v)
		}
		defer w.leave()
		if !w.enter() { // a pointer to itself
			return texts.Ellipsis, true
		}
		next, _ := w.Value(key, r.Elem().Interface())
		return next, true
	case reflect.Map:
		return w.reflectedMap(key, r)
	case reflect.Slice, reflect.Array:
		if _, ok := v.(interface{ MarshalText() ([]byte, error) }); ok {
			return w.marshalled(key, v)
		}
		return w.reflectedList(key, r)
	case reflect.Chan, reflect.Func, reflect.UnsafePointer:
		return typeName(v), true
	}
	return w.marshalled(key, v)
}

// reflectedMap scrubs a map of any type.
func (w *Walker) reflectedMap(key string, r reflect.Value) (any, bool) {
	if r.IsNil() {
		return nil, true
	}
	m := make(map[string]any, min(r.Len(), w.items+1))
	for it := r.MapRange(); it.Next() && len(m) <= w.items; {
		m[w.mapKey(it.Key())] = it.Value().Interface()
	}
	next, _ := w.object(key, m)
	return next, true
}

// mapKey returns the text of a key of any type.
func (w *Walker) mapKey(k reflect.Value) (name string) {
	defer func() {
		if recover() != nil {
			name = k.Type().String()
		}
	}()
	if k.Kind() == reflect.String {
		return k.String()
	}
	return w.texts.Text(fmt.Sprint(k.Interface()), maxKeyBytes)
}

// reflectedList scrubs a slice or an array of any type.
func (w *Walker) reflectedList(key string, r reflect.Value) (any, bool) {
	if r.Kind() == reflect.Slice && r.IsNil() {
		return nil, true
	}
	if r.Type().Elem().Kind() == reflect.Uint8 && r.Kind() == reflect.Slice {
		return w.payload(key, r.Bytes())
	}
	list := make([]any, min(r.Len(), w.items+1))
	for i := range list {
		list[i] = r.Index(i).Interface()
	}
	next, _ := w.list(key, list)
	return next, true
}
