package sentry

import "github.com/panicreport/sentry/internal/scrub/own"

// Safe is a text that tells nothing of the person who runs the program, whatever it
// says. With [WithOwnWords], a value of this type leaves as it is, in the data of a
// breadcrumb, in a context, or in a field of a struct there:
//
//	scope.SetContext("update", sentry.Context{"channel": sentry.Safe(channel)})
//
// The rules for secrets still apply to it. Without that option, Safe has no effect.
type Safe = own.Safe
