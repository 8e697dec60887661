package values

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// other scrubs a value of a type for which Value has no case. It calls methods
// of the application, and these can panic.
func (w *Walker) other(parent, key string, v any) (next any, changed bool) {
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
		return w.text(key, v.Error())
	case []byte:
		return w.payload(key, v)
	}
	return w.reflected(key, v)
}

// typeName is what is shown of a value that has no other form.
func typeName(v any) string { return fmt.Sprintf("<%T>", v) }

// basicKind returns the string, the bool or the number as which encoding/json
// writes v. It reports false if v is something else, or has a method that says
// how to write it.
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

// marshalled scrubs what encoding/json makes of v. encoding/json recognises
// values that contain themselves.
func (w *Walker) marshalled(key string, v any) (any, bool) {
	doc, err := json.Marshal(v)
	if err != nil {
		return w.described(key, v)
	}
	if string(doc) == "{}" { // v has no exported field
		return w.described(key, v)
	}
	return w.document(key, doc)
}

// described scrubs the text of a value that encoding/json can not show.
func (w *Walker) described(key string, v any) (any, bool) {
	if s, ok := v.(fmt.Stringer); ok {
		return w.text(key, s.String())
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Struct && r.NumField() == 0 {
		return map[string]any{}, true
	}
	return typeName(v), true
}

// document scrubs a document of JSON. Bytes that are no JSON are scrubbed as a
// text.
func (w *Walker) document(key string, doc []byte) (any, bool) {
	v, err := Decode(doc)
	if err != nil {
		return w.payload(key, doc)
	}
	next, _ := w.Value(key, v)
	return next, true
}

// Decode decodes a document of JSON. Its numbers stay as they are written.
func Decode(doc []byte) (v any, err error) {
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

// payload scrubs bytes that are a text. encoding/json would write them in
// base64, where no secret can be found.
func (w *Walker) payload(key string, b []byte) (any, bool) {
	head := b[:min(len(b), texts.MaxRead)]
	if !IsText(head) {
		return fmt.Sprintf("<%d bytes>", len(b)), true
	}
	next, _ := w.text(key, string(head))
	return next, true
}

// IsText reports whether bytes are text. The last rune can be incomplete,
// because the bytes can be the first part of a longer text.
func IsText(b []byte) bool {
	for cut := 0; cut < utf8.UTFMax && len(b) > 0 && !utf8.RuneStart(b[len(b)-1]); cut++ {
		b = b[:len(b)-1]
	}
	if n := len(b); n > 0 && b[n-1] >= utf8.RuneSelf {
		b = b[:n-1]
	}
	return utf8.Valid(b) && bytes.IndexByte(b, 0) < 0
}
