package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// These are the limits for the costs of a monitor. They are well above the usual
// costs, except for maxResident, which is the goal.
const (
	maxResident = 10e6
	maxPrivate  = 5e6
	maxMore     = 2e6 // more than panicwrap
	maxWakeUps  = 10  // in a second: allows for the end of the start, but not for a ticker
	maxFiles    = 20
)

func TestCosts(t *testing.T) {
	if runtime.GOOS != "linux" {
		require.ErrorContains(t, run(t.Context(), plan{rounds: 1, starts: 1, idle: time.Second}), "can not measure")
		return
	}
	costs := measureOnce(t)
	require.Len(t, costs, len(ways))
	of := make(map[string]cost)
	for _, c := range costs {
		of[c.way.name] = c
		t.Logf("%+v", c)
		if c.way.alone() {
			require.Positive(t, c.init, c.way.name)
			require.Greater(t, c.start, c.init, c.way.name)
			continue
		}
		require.Greater(t, c.second.resident, c.second.pss, c.way.name)
		require.Greater(t, c.second.pss, c.second.private, c.way.name)
		require.Greater(t, c.second.private, int64(100e3), c.way.name) // the stacks need as much
		require.Less(t, c.second.resident, int64(heapSize), c.way.name+" has the heap of the program")
		require.GreaterOrEqual(t, c.second.threads, int64(2), c.way.name)
		require.GreaterOrEqual(t, c.second.files, int64(3), c.way.name)
	}
	require.NotZero(t, of[peerAlone].ownWakeUps, "sentry-go has a ticker of 100 ms: wake-ups are not counted")
	require.LessOrEqual(t, of[oursAlone].ownWakeUps, int64(maxWakeUps))
	for _, name := range []string{withMonitor, withSupervise} {
		c, peer := of[name], of[wrapFirst]
		require.Less(t, c.second.resident, int64(maxResident), name)
		require.Less(t, c.second.private, int64(maxPrivate), name)
		require.Less(t, c.second.resident, peer.second.resident+maxMore, name)
		require.Less(t, c.second.private, peer.second.private+maxMore, name)
		require.LessOrEqual(t, c.wakeUps, int64(maxWakeUps), name)
		require.LessOrEqual(t, c.ownWakeUps, int64(maxWakeUps), name)
		require.LessOrEqual(t, c.second.files, int64(maxFiles), name)
	}
}

func measureOnce(t *testing.T) []cost {
	t.Helper()
	t.Setenv("GOMAXPROCS", "2") // the runtime needs memory for each CPU
	require.NoError(t, prepare())
	costs, err := plan{rounds: 1, starts: 3, idle: time.Second}.measure(t.Context(), build(t))
	require.NoError(t, err)
	return costs
}

// build builds the program in the usual way. The test binary is larger and may have
// the race detector.
func build(t *testing.T) string {
	t.Helper()
	return testprogram.Source{Env: []string{"CGO_ENABLED=0"}}.Build(t)
}

// TestNothingStays checks that a program which does not start is an error, and that
// no process of it remains.
func TestNothingStays(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is nothing to start")
	}
	m, err := newMeasured(way{name: "silent"}, build(t), filepath.Join(t.TempDir(), "silent"))
	require.NoError(t, err)
	t.Setenv(readerVariable, "1") // makes the program wait without an output
	ctx, cancel := context.WithTimeout(t.Context(), time.Second/10)
	defer cancel()
	_, err = m.run(ctx)
	require.ErrorContains(t, err, "did not come up")
	require.Empty(t, processesOf(m.exe))
}

func TestFields(t *testing.T) {
	path := filepath.Join(t.TempDir(), "status")
	require.NoError(t, os.WriteFile(path, []byte("Pss:\t  3 kB\nvoluntary_ctxt_switches:\t4\nnonvoluntary_ctxt_switches:\t5\n"), 0o600))
	n, err := sum(path, "Pss")
	require.NoError(t, err)
	require.Equal(t, int64(3<<10), n)
	n, err = sum(path, "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")
	require.NoError(t, err)
	require.Equal(t, int64(9), n)
	_, err = sum(path, "Pss", "VmRSS")
	require.ErrorContains(t, err, "not all")
	require.Equal(t, int64(7), since(map[string]int64{"1": 3, "2": 8}, map[string]int64{"1": 5, "3": 5}))
}
