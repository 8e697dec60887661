//go:build logger

package main

import (
	"log/slog"

	"github.com/panicreport/sentry"
)

func init() { options = append(options, sentry.WithLogger(slog.Default())) }
