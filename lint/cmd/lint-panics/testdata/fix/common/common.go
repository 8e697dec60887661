// Package common has the helper of the project.
package common

import "github.com/panicreport/sentry"

func LogOnPanic() {
	if r := recover(); r != nil {
		println("panic")
		sentry.RecoverError(r)
		panic(r)
	}
}

// Loop is started in other packages.
func Loop(n int, name string) { println(1/n, name) }
