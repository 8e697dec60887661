package monitor_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/monitor"
)

func TestPlacesAreBounded(t *testing.T) {
	t.Parallel()
	const places = 3
	for range places {
		require.True(t, monitor.TakePlace("test", places))
	}
	require.False(t, monitor.TakePlace("test", places))
	require.True(t, monitor.TakePlace("another test", places))
}
