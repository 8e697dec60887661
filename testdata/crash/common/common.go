// Package common is the helper of an application, as applications have it.
package common

import (
	"github.com/pkg/errors"

	"github.com/panicreport/sentry"
)

// LogOnPanic is deferred in every goroutine of the application.
func LogOnPanic() {
	if value := recover(); value != nil {
		sentry.RecoverError(value)
		panic(value)
	}
}

// PanicAgain knows nothing of reporting.
func PanicAgain() {
	if value := recover(); value != nil {
		panic(value)
	}
}

// MadeElsewhere returns an error with a stack of its own.
func MadeElsewhere() error {
	return errors.New("made elsewhere")
}
