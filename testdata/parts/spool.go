//go:build spool

package main

import "github.com/panicreport/sentry"

func init() { options = append(options, sentry.WithSpool(".")) }
