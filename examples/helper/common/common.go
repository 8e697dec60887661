// Package common has code that all packages of the program share. It is the only
// package that uses the library, except for Init in main, so that the program can
// change in one place how it reports panics.
package common

import (
	"log/slog"

	"github.com/panicreport/sentry"
)

// LogOnPanic logs and reports a panic, and panics again with the same value. Every
// goroutine must defer it directly, as its first statement:
//
//	go func() {
//		defer common.LogOnPanic()
//		…
//	}()
//
// It logs before it reports, so that the log has the line at once. The report may
// have to wait for a slow network.
//
// It must panic with the same value. Then the stack of the report begins at the
// function that panicked, and the guards of its callers know that the panic was
// reported. A helper that panics with another value, such as
// fmt.Errorf("worker: %v", value), makes a new panic, and is itself the place of
// that panic. Init then needs
//
//	sentry.WithGuards("github.com/panicreport/sentry/examples/helper/common.LogOnPanic")
//
// to remove the helper from the top of the stack. A function such as must.NoError,
// which panics for its caller, needs this option, too.
func LogOnPanic() {
	if value := recover(); value != nil {
		slog.Error("panic", "value", value)
		sentry.RecoverError(value)
		panic(value)
	}
}
