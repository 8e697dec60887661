// The library package is a plugin. Its goroutines need guards. Its functions run in
// those of the program that opens it.
package main

import "github.com/panicreport/sentry"

func boom() { println("PANIC"); panic("boom") }

func Work() { boom() }

func Start() { go boom() } // want "missing"

func Guarded() {
	go func() {
		defer sentry.Recover()
		boom()
	}()
}

var Hook = Work

func main() {}
