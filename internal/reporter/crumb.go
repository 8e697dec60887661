package reporter

import (
	"io/fs"
	"os"
	"reflect"
	"time"
)

// Bounds of the data of a breadcrumb: with more values, it is too long to be kept anyway.
const (
	maxCrumbValues = 64
	maxCrumbDepth  = 4
)

// A plainer copies values, so many at most.
type plainer struct{ left int }

// plainData copies the data of a breadcrumb, without a call of the application's
// methods: the program that leaves a breadcrumb may hold the lock that they want, and
// nothing is wrong with it. What only a method could tell is shown by its type.
func plainData(data map[string]any) map[string]any {
	p := plainer{maxCrumbValues}
	plain, _ := p.value(reflect.ValueOf(data), maxCrumbDepth).(map[string]any)
	return plain
}

func (p *plainer) value(v reflect.Value, depth int) any {
	for v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if !v.IsValid() {
		return nil
	}
	if v.CanInterface() {
		switch known := v.Interface().(type) {
		case time.Time:
			return known
		case error:
			if text, ok := plainError(known, maxCrumbDepth); ok {
				return text
			}
		}
	}
	switch {
	case v.Kind() == reflect.String:
		return v.String()
	case v.Kind() == reflect.Bool:
		return v.Bool()
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	case depth == 0:
	case v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String && v.Len() <= p.left:
		p.left -= v.Len()
		plain := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			plain[it.Key().String()] = p.value(it.Value(), depth-1)
		}
		return plain
	case v.Kind() == reflect.Slice && v.Len() <= p.left:
		p.left -= v.Len()
		plain := make([]any, v.Len())
		for i := range plain {
			plain[i] = p.value(v.Index(i), depth-1)
		}
		return plain
	}
	return "(" + v.Type().String() + ")"
}

// plainError is the text of an error of the standard library that calls nobody's method
// for it.
func plainError(err error, depth int) (text string, ok bool) {
	if v := reflect.ValueOf(err); depth == 0 || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false
	}
	inner := err
	switch e := err.(type) {
	case *fs.PathError:
		inner = e.Err
	case *os.LinkError:
		inner = e.Err
	case *os.SyscallError:
		inner = e.Err
	}
	if inner != err {
		if inner != nil {
			_, ok = plainError(inner, depth-1)
		}
	} else {
		t := reflect.TypeOf(err)
		switch t.String() {
		case "syscall.Errno", "syscall.ErrorString": // the system's, Plan 9's
			ok = t.PkgPath() == "syscall"
		case "*errors.errorString", "*fmt.wrapError", "*fmt.wrapErrors": // have their text
			pkg := t.Elem().PkgPath()
			ok = pkg == "errors" || pkg == "fmt"
		}
	}
	if !ok {
		return "", false
	}
	return err.Error(), true
}
