package delivery

import (
	"net/http"
	"time"
)

// PauseOf is pure, and its table is long.
func PauseOf(h http.Header, status int, now time.Time) time.Time {
	return pauseOf(h, status, now, concernsErrors, concernsSessions)
}

// SessionPauseOf is the same for sessions.
func SessionPauseOf(h http.Header, status int, now time.Time) time.Time {
	return pauseOf(h, status, now, concernsSessions, concernsErrors)
}

// ReasonOf is pure, and most errors are out of a test's reach.
var ReasonOf = reasonOf

// WithoutJitter makes pauses as short as they can be.
func WithoutJitter(t Target) Target {
	t.random = func() float64 { return 0 }
	return t
}
