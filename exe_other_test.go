//go:build !windows

package sentry_test

const exeSuffix = ""
