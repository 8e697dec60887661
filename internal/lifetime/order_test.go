package lifetime_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/lifetime"
)

// TestOrder: of two, one waits for the other, but not without a bound.
func TestOrder(t *testing.T) {
	const long = time.Minute
	require.NoError(t, lifetime.TakeOrder(long))
	require.EqualError(t, lifetime.TakeOrder(time.Millisecond), "another Init or Close does not come to its end")
	taken := make(chan error)
	go func() { taken <- lifetime.TakeOrder(long) }()
	lifetime.GiveOrder()
	require.NoError(t, <-taken)
	lifetime.GiveOrder()
}
