// Package capture reports errors beside panics. A program captures an error through
// sentry-go, whose hub reports through the library: the error is scrubbed, and is
// not sent without consent. The program's own code knows only the interface, so that
// a test needs no server.
package capture

import (
	"context"

	sentrygo "github.com/getsentry/sentry-go"
)

// A Reporter reports errors that the program can live with, but that somebody
// should see.
type Reporter interface {
	Report(ctx context.Context, err error)
}

// Sentry is a Reporter. It reports with the tags, user and request of the hub on the
// context.
type Sentry struct{}

// Report does not wait: sentry.Close does, at the end of the program.
func (Sentry) Report(ctx context.Context, err error) {
	hub := sentrygo.GetHubFromContext(ctx)
	if hub == nil {
		hub = sentrygo.CurrentHub()
	}
	hub.CaptureException(err)
}
