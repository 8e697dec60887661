package delivery_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/delivery"
)

// TestSessionPauseOf: the category session has limits of its own.
func TestSessionPauseOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		limits           string
		status           int
		errors, sessions time.Duration
	}{
		{"", 200, 0, 0},
		{"", 429, time.Minute, time.Minute},
		{"60::organization", 200, time.Minute, time.Minute},
		{"60:session:key", 200, 0, time.Minute},
		{"60:session:key", 429, 0, time.Minute},
		{"60:error:key", 429, time.Minute, 0},
		{"60:error;session:key, 120:session:key", 429, time.Minute, 2 * time.Minute},
		{"60:transaction:key", 429, time.Minute, time.Minute},
	} {
		h := http.Header{}
		if tt.limits != "" {
			h.Set("X-Sentry-Rate-Limits", tt.limits)
		}
		for want, got := range map[*time.Duration]time.Time{
			&tt.errors: delivery.PauseOf(h, tt.status, now), &tt.sessions: delivery.SessionPauseOf(h, tt.status, now),
		} {
			if *want == 0 {
				require.Zero(t, got, tt)
			} else {
				require.Equal(t, *want, got.Sub(now), tt)
			}
		}
	}
}
