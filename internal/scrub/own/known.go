package own

import (
	"maps"
	"reflect"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/image"
)

// Safe is a text of which the application says that it tells nothing of anybody.
type Safe string

// Known are the texts of one report that are the program's, whatever the image has.
type Known struct {
	texts   map[string]bool
	safe    map[string]bool // of all reports
	image   func() *image.Image
	foreign bool
}

// Clone returns a copy.
func (k *Known) Clone() *Known {
	c := *k
	c.texts = maps.Clone(k.texts)
	return &c
}

// isKnown reports whether a text is the program's. An empty one is.
func (k *Known) isKnown(t string) bool {
	if t == "" || k.texts[t] || k.safe[t] || protocol()[t] {
		return true
	}
	im := k.image()
	return im != nil && im.Holds(t)
}

// Add adds texts.
func (k *Known) Add(texts ...string) {
	for _, t := range texts {
		k.texts[t] = true
	}
}

// Foreign says that the report is about another image, of which nothing is known:
// none of its texts is looked up in the image of this process.
func (k *Known) Foreign() { k.foreign = true }

// Vouch adds what the library has made of what the runtime says: the names of
// functions, types and files, and those of goroutines.
func (k *Known) Vouch(e *sentry.Event) {
	for _, x := range e.Exception {
		k.Add(x.Type, x.Module)
		k.vouchFrames(x.Stacktrace)
	}
	for _, t := range e.Threads {
		name, _ := cutLabels(t.Name)
		k.Add(name)
		k.vouchFrames(t.Stacktrace)
	}
	if by, ok := e.Contexts["crash"]["created_by"].(string); ok {
		k.Add(by)
	}
}

func (k *Known) vouchFrames(st *sentry.Stacktrace) {
	if st == nil {
		return
	}
	for _, f := range st.Frames {
		k.Add(f.Function, f.Module, f.Filename)
	}
}

// Bounds of Look: an application can put its whole state into an event.
const (
	maxLookDepth = 16
	maxLooks     = 50_000
)

// Look looks for the literals of the program in an event, and for what is Safe.
// Nothing may have been encoded yet: what is a literal, only its address tells.
func (k *Known) Look(e *sentry.Event) {
	l := look{Known: k, left: maxLooks}
	l.value(reflect.ValueOf(e), maxLookDepth)
}

type look struct {
	*Known
	left int
}

var safeType = reflect.TypeFor[Safe]()

func (l *look) value(v reflect.Value, depth int) {
	l.left--
	if depth == 0 || l.left < 0 || !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		if t := v.String(); v.Type() == safeType || l.isKnown(t) {
			l.Add(t)
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			l.value(v.Elem(), depth-1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				l.value(v.Field(i), depth-1)
			}
		}
	case reflect.Map:
		for it := v.MapRange(); l.left > 0 && it.Next(); {
			l.value(it.Key(), depth-1)
			l.value(it.Value(), depth-1)
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := 0; i < v.Len() && l.left > 0; i++ {
			l.value(v.Index(i), depth-1)
		}
	}
}
