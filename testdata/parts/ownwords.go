//go:build ownwords

package main

import "github.com/panicreport/sentry"

func init() { options = append(options, sentry.WithOwnWords()) }
