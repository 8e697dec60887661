package scrub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"github.com/panicreport/sentry/internal/scrub/texts"
	"io"
	"reflect"
	"unicode/utf8"
)

// other scrubs a value of a type that JSON does not have. Its methods are the
// application's, and may panic.
func (w *walker) other(parent, key string, v any) (next any, changed bool) {
	defer func() {
		if recover() != nil {
			next, changed = typeName(v), true
		}
	}()
	if basic, ok := basicKind(v); ok {
		next, _ = w.value(parent, key, basic)
		return next, true
	}
	switch v := v.(type) {
	case json.RawMessage:
		return w.document(key, v)
	case json.Marshaler:
		return w.marshalled(key, v)
	case error:
		return w.string(key, v.Error())
	case []byte:
		return w.payload(key, v)
	}
	return w.reflected(key, v)
}

// typeName is all that is shown of a value that can not be shown.
func typeName(v any) string { return fmt.Sprintf("<%T>", v) }

// basicKind returns v as the type that encoding/json would write it as, where
// that is a string or a number and v has no say in it.
func basicKind(v any) (any, bool) {
	switch v.(type) {
	case json.Marshaler, fmt.Stringer, error, interface{ MarshalText() ([]byte, error) }:
		return nil, false
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.String:
		return r.String(), true
	case reflect.Bool:
		return r.Bool(), true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return r.Int(), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return r.Uint(), true
	case reflect.Float32, reflect.Float64:
		return r.Float(), true
	}
	return nil, false
}

// marshalled scrubs what encoding/json makes of v. It notices cycles itself.
func (w *walker) marshalled(key string, v any) (any, bool) {
	doc, err := json.Marshal(v)
	if err != nil {
		return w.described(key, v)
	}
	if string(doc) == "{}" { // of no exported field
		return w.described(key, v)
	}
	return w.document(key, doc)
}

// described scrubs what a value says of itself.
func (w *walker) described(key string, v any) (any, bool) {
	if s, ok := v.(fmt.Stringer); ok {
		return w.string(key, s.String())
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Struct && r.NumField() == 0 {
		return map[string]any{}, true
	}
	return typeName(v), true
}

// document scrubs a document of JSON, or a text that is none.
func (w *walker) document(key string, doc []byte) (any, bool) {
	v, err := decode(doc)
	if err != nil {
		return w.payload(key, doc)
	}
	next, _ := w.value("", key, v)
	return next, true
}

// decode reads a document of JSON with its numbers as they are written.
func decode(doc []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("decode document: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("decode document: text behind its end")
	}
	return v, nil
}

// payload scrubs bytes that are text. Encoded as encoding/json does it, a secret
// in them would be out of reach.
func (w *walker) payload(key string, b []byte) (any, bool) {
	head := b[:min(len(b), texts.MaxRead)]
	if !isText(head) {
		return fmt.Sprintf("<%d bytes>", len(b)), true
	}
	next, _ := w.string(key, string(head))
	return next, true
}

// isText reports whether bytes are text, the last rune of which may be cut.
func isText(b []byte) bool {
	for cut := 0; cut < utf8.UTFMax && len(b) > 0 && !utf8.RuneStart(b[len(b)-1]); cut++ {
		b = b[:len(b)-1]
	}
	if n := len(b); n > 0 && b[n-1] >= utf8.RuneSelf {
		b = b[:n-1]
	}
	return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0
}

// reflected scrubs a map, a slice, a struct or what points to one.
func (w *walker) reflected(key string, v any) (any, bool) {
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
		next, _ := w.value("", key, r.Elem().Interface())
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
func (w *walker) reflectedMap(key string, r reflect.Value) (any, bool) {
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
func (w *walker) mapKey(k reflect.Value) (name string) {
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
func (w *walker) reflectedList(key string, r reflect.Value) (any, bool) {
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
