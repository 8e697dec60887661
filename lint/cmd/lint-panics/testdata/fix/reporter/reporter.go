// Package reporter is not sentry.
package reporter

func Monitor() { recover() }
