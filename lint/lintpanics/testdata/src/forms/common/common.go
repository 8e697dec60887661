// Package common has the helpers of a project: guards, and functions that look
// like guards.
package common

import (
	"fmt"
	"io"

	"github.com/panicreport/sentry"
)

var never bool

func LogOnPanic() { // want LogOnPanic:"bare-recover guard"
	if r := recover(); r != nil {
		fmt.Println("panic:", r)
		sentry.RecoverError(r)
		panic(r)
	}
}

func Early() { // want Early:"bare-recover guard"
	r := recover()
	if r == nil {
		return
	}
	sentry.RecoverError(fmt.Errorf("recovered: %v", r))
}

func Switch() { // want Switch:"bare-recover guard"
	switch e := recover().(type) {
	case nil:
		return
	case error:
		sentry.RecoverError(e)
	default:
		sentry.RecoverError(fmt.Sprint(e))
	}
}

func Handed() { // want Handed:"bare-recover guard"
	if r := recover(); r != nil {
		Report("handed", r)
	}
}

func Report(what string, value any) { // want Report:`missing nests reports\[1\]`
	fmt.Println(what)
	sentry.RecoverError(value)
}

func Direct() { sentry.RecoverError(recover()) } // want Direct:"bare-recover guard"

func Wrapped() { // want Wrapped:"bare-recover guard"
	r := recover()
	if r != nil {
		err, ok := r.(error)
		if !ok {
			err = fmt.Errorf("%v", r)
		}
		sentry.RecoverError(err)
		panic(r)
	}
}

func Guard(name string) func() { // want Guard:`covered returns\(bare-recover guard\)`
	return func() {
		if r := recover(); r != nil {
			fmt.Println(name)
			sentry.RecoverError(r)
		}
	}
}

func MaybeGuard() func() { // want MaybeGuard:"covered returns\\(bare-recover guard or nil\\)"
	if never {
		return LogOnPanic
	}
	return nil
}

func Swallow() { // want Swallow:"bare-recover swallows"
	if r := recover(); r != nil {
		fmt.Println(r)
	}
}

func ErrorsOnly() { // want ErrorsOnly:"bare-recover swallows"
	if err, ok := recover().(error); ok {
		sentry.RecoverError(err)
	}
}

func Sometimes() { // want Sometimes:"bare-recover swallows"
	r := recover()
	if r != nil && never {
		sentry.RecoverError(r)
	}
}

func Twice() { // want Twice:"bare-recover swallows"
	if recover() != nil {
		sentry.RecoverError(recover())
	}
}

func Abort() { // want Abort:"bare-recover swallows"
	if r := recover(); r != nil {
		if r == io.EOF {
			return
		}
		sentry.RecoverError(r)
	}
}

func Replaced() { // want Replaced:"bare-recover swallows"
	if r := recover(); r != nil {
		r = nil
		sentry.RecoverError(r)
	}
}

func Shadowed() { // want Shadowed:"bare-recover swallows"
	if r := recover(); r != nil {
		var r any
		sentry.RecoverError(r)
	}
}

func Later() { // want Later:"bare-recover swallows"
	if r := recover(); r != nil {
		go sentry.RecoverError(r)
	}
}

func Repanics() { // want Repanics:"bare-recover repanics"
	if r := recover(); r != nil {
		panic(r)
	}
}

func SomeAgain() { // want SomeAgain:"bare-recover swallows-or-repanics"
	if r := recover(); r != nil && r != any("stop") {
		panic(r)
	}
}

type Logger struct{ n int }

func (l *Logger) OnPanic() { // want OnPanic:"bare-recover guard"
	if r := recover(); nil != r {
		l.report(r)
	}
}

func (l *Logger) report(r any) {
	if l.n > 0 {
		sentry.RecoverError(r)
	} else {
		Report("logger", r)
	}
}
