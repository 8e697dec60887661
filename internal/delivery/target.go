package delivery

import (
	"net/http"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// Target is a Sentry project and the way to it.
type Target struct {
	URL       string                     // of the envelope endpoint
	Auth      string                     // the X-Sentry-Auth header
	UserAgent string                     //
	Client    *http.Client               // must not follow redirects: see Portal in the tests
	Allowed   func() bool                // asked before every attempt
	Logger    contain.Logger             // never given the URL's key or a report's text
	Settled   func(id string, safe bool) // called once for each report: it is safe, or was given up; may be nil
	Store     Store                      // may be nil
	LeaveFor  time.Duration              // how long what is stored is left to another process

	random func() float64 // for tests
}
