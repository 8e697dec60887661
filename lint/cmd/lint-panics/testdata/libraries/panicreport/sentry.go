// Package sentry replaces the real package, which the linter does not require.
package sentry

import "context"

func Recover()                             { report(recover()) }
func RecoverWithContext(_ context.Context) { report(recover()) }
func Go(f func())                          { go func() { defer Recover(); f() }() }

func RecoverError(value any) {
	if value != nil {
		println("REPORT")
	}
}

func report(value any) {
	if RecoverError(value); value != nil {
		panic(value)
	}
}
