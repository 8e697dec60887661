//go:build monitor

package main

import "github.com/panicreport/sentry"

func init() { options = append(options, sentry.WithCrashMonitor()) }
