package vitals_test

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/vitals"
)

func TestRead(t *testing.T) {
	runtime.GC()
	v := vitals.Read()
	require.Positive(t, v.Goroutines)
	require.Positive(t, v.Heap)
	require.Greater(t, v.Mapped, v.Heap)
	require.EqualValues(t, 100, v.GCPercent)
	require.False(t, v.Off())
	require.Zero(t, v.Limit)

	limit := debug.SetMemoryLimit(1 << 40)
	percent := debug.SetGCPercent(-1)
	v = vitals.Read()
	debug.SetMemoryLimit(limit)
	debug.SetGCPercent(percent)
	require.EqualValues(t, int64(1<<40), v.Limit)
	require.True(t, v.Off())
}

func TestRebooted(t *testing.T) {
	t.Parallel()
	require.True(t, vitals.Rebooted(vitals.Vitals{Boot: "a"}, vitals.Vitals{Boot: "b"}))
	require.False(t, vitals.Rebooted(vitals.Vitals{Boot: "a"}, vitals.Vitals{Boot: "a"}))
	require.False(t, vitals.Rebooted(vitals.Vitals{}, vitals.Vitals{Boot: "b"}))
}
