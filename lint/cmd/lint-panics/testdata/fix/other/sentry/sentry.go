// Package sentry is another one of that name.
package sentry

func Flush(n int) { println(1 / n) }
