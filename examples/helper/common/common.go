// Package common has what all packages of the program share. It is the only
// one that knows who reports panics, and how.
package common

import (
	"log/slog"

	"github.com/panicreport/sentry"
)

// LogOnPanic logs and reports a panic, and panics again with the same value. It
// is deferred directly, and first, in every goroutine:
//
//	go func() {
//		defer common.LogOnPanic()
//		…
//	}()
//
// The line comes before the report: it is there at once, even where the report
// has to wait for a slow network.
//
// It must be the same value. The report then begins at the function that
// panicked, and the guards further out know that it has been made. A helper
// that panics with another value, such as fmt.Errorf("worker: %v", value), is
// the place of a new panic; Init then needs
//
//	sentry.WithGuards("github.com/panicreport/sentry/examples/helper/common.LogOnPanic")
//
// to take it off the top of the stack. So does a helper in the way of
// must.NoError, which panics for its caller.
func LogOnPanic() {
	if value := recover(); value != nil {
		slog.Error("panic", "value", value)
		sentry.RecoverError(value)
		panic(value)
	}
}
