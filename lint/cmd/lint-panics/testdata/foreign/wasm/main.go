//go:build js && wasm

// The wasm command has JavaScript call a function of Go.
//
//	run bad: missing
//	run good:
//	run promise: missing
package main

import (
	"os"
	"syscall/js"

	"github.com/panicreport/sentry"
)

func boom() { println("PANIC"); panic("boom") }

func onEvent(js.Value, []js.Value) any { boom(); return nil }

func main() {
	global := js.Global()
	switch os.Args[1] {
	case "bad":
		f := js.FuncOf(onEvent) // want "missing"
		global.Call("setTimeout", f, 1)
	case "good":
		f := js.FuncOf(func(js.Value, []js.Value) any {
			defer sentry.Recover()
			boom()
			return nil
		})
		global.Call("setTimeout", f, 1)
	case "promise":
		f := js.FuncOf(func(js.Value, []js.Value) any { boom(); return nil }) // want "missing"
		global.Get("Promise").Call("resolve").Call("then", f)
	}
	select {}
}
