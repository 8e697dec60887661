package common

import "github.com/panicreport/sentry"

func LogOnPanic() {
	if r := recover(); r != nil {
		sentry.RecoverError(r)
	}
}

func Worker(n int) {
	defer LogOnPanic()
	println(1 / n)
}
