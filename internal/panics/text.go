package panics

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strconv"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// Text says what the runtime would print of a panic value (printpanicval in
// runtime/error.go), without the address of a value that is shown by its type
// alone. It waits for an Error or String method for at most wait.
//
// Neither %v nor %+v will do: they show the fields of a struct, and never end
// for a value that contains itself.
func Text(value any, wait time.Duration) string {
	switch v := value.(type) {
	case nil:
		return "nil"
	case error:
		return called(value, "Error", v.Error, wait)
	case fmt.Stringer:
		return called(value, "String", v.String, wait)
	case string:
		return v
	}
	v := reflect.ValueOf(value)
	text, ok := basic(v)
	switch {
	case !ok:
		return "(" + v.Type().String() + ")"
	case v.Type().PkgPath() != "" && v.CanComplex(): // it has parentheses already
		return v.Type().String() + text
	case v.Type().PkgPath() != "": // a type of the user's own
		return v.Type().String() + "(" + text + ")"
	}
	return text
}

// basic is the text of a value of a basic kind. fmt would call a Format method.
func basic(v reflect.Value) (text string, ok bool) {
	switch {
	case v.Kind() == reflect.String:
		return `"` + v.String() + `"`, true
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	case v.CanFloat():
		return float(v.Float(), v.Type().Bits()), true
	case v.CanComplex():
		return complexNumber(v.Complex(), v.Type().Bits()), true
	default:
		return "", false
	}
}

// called returns what a method of the user's says, if it returns: it may panic,
// or wait for a lock that the panicking function holds.
func called(value any, method string, f func() string, wait time.Duration) string {
	if isPlain(value) {
		return f()
	}
	if text, ok := contain.Within(wait, f); ok {
		return text
	}
	return "(" + reflect.TypeOf(value).String() + ") whose " + method + " method did not return"
}

var plainError = reflect.TypeOf(errors.New(""))

// isPlain tells whether the methods of value are the standard library's, and call
// nobody's: no goroutine is needed to be safe from them.
func isPlain(value any) bool {
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer && v.IsNil() {
		return false // its method panics
	}
	return IsRuntimeError(value) || reflect.TypeOf(value) == plainError
}

// IsRuntimeError tells whether the runtime itself made value: a user's type may
// have a RuntimeError method as well.
func IsRuntimeError(value any) bool {
	_, ok := value.(runtime.Error)
	return ok && TypeOf(value).PkgPath() == "runtime"
}

// TypeOf is the declared type of value: that behind a pointer.
func TypeOf(value any) reflect.Type {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}
