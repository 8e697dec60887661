package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/bench/peers/idle/program"
)

// These are the limits for the costs of a monitor. They are well above the usual
// costs, except for maxResident, which is the goal.
const (
	maxResident  = 10e6
	maxPrivate   = 5e6
	maxAnonymous = 1.25e6 // of a monitor: heap and books of the runtime. A collection adds 0.4 MB
	maxMore      = 2e6    // more private memory than panicwrap or bugsnag-go
	maxMoreCode  = 4e6    // more resident memory: more of the executable, which it shares
	maxWakeUps   = 10     // in a second: allows for the end of the start, but not for a ticker
	maxFiles     = 20
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
			require.Positive(t, c.start, c.way.name)
			require.GreaterOrEqual(t, c.start, c.init, c.way.name)
		}
		if c.way.alone() && !c.way.floor {
			require.Positive(t, c.init, c.way.name)
			continue
		}
		require.Greater(t, c.second.resident, c.second.pss-1, c.way.name) // the same, if nothing is shared
		require.Greater(t, c.second.private, int64(100e3), c.way.name)    // the stacks need as much
		require.Less(t, c.second.resident, int64(program.HeapSize), c.way.name+" has the heap of the program")
		require.GreaterOrEqual(t, c.second.threads, int64(2), c.way.name)
		require.GreaterOrEqual(t, c.second.files, int64(3), c.way.name)
		require.InEpsilon(t, c.second.resident, c.second.parts.sum(), 0.05, c.way.name)
		require.Positive(t, c.second.parts.heap, c.way.name)
		require.Positive(t, c.second.parts.runtime, c.way.name)
		if !c.way.floor {
			require.Greater(t, c.second.resident, c.second.pss, c.way.name)
			require.Greater(t, c.second.pss, c.second.private, c.way.name)
		}
	}
	require.NotZero(t, of[program.SentryGo].ownWakeUps, "sentry-go has a ticker of 100 ms: wake-ups are not counted")
	require.LessOrEqual(t, of[program.OursAlone].ownWakeUps, int64(maxWakeUps))
	require.Less(t, of[blocks].second.resident, of[imports].second.resident)
	monitor := of[program.Monitor].second.parts
	require.Less(t, monitor.heap+monitor.runtime, int64(maxAnonymous))
	for _, name := range []string{program.Monitor, program.Supervisor} {
		c := of[name]
		require.Less(t, c.second.resident, int64(maxResident), name)
		require.Less(t, c.second.private, int64(maxPrivate), name)
		for _, peer := range []string{program.WrapFirst, program.BugsnagWrap} {
			require.Less(t, c.second.resident, of[peer].second.resident+maxMoreCode, name+", "+peer)
			require.Less(t, c.second.private, of[peer].second.private+maxMore, name+", "+peer)
		}
		require.LessOrEqual(t, c.wakeUps, int64(maxWakeUps), name)
		require.LessOrEqual(t, c.ownWakeUps, int64(maxWakeUps), name)
		require.LessOrEqual(t, c.second.files, int64(maxFiles), name)
	}
}

func measureOnce(t *testing.T) []cost {
	t.Helper()
	t.Setenv("GOMAXPROCS", "2") // the runtime needs memory for each CPU
	require.NoError(t, prepare())
	costs, err := plan{rounds: 1, starts: 3, idle: time.Second}.measure(t.Context())
	require.NoError(t, err)
	return costs
}

// measuredOf builds the programs and returns that of a way.
func measuredOf(t *testing.T, w way) *measured {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("there is nothing to start")
	}
	dir := t.TempDir()
	require.NoError(t, build(t.Context(), dir))
	m, err := newMeasured(w, dir, "0")
	require.NoError(t, err)
	return m
}

// TestNothingStays checks that a program which does not come up is an error when ctx
// is done, and that no process of it remains.
func TestNothingStays(t *testing.T) {
	m := measuredOf(t, way{name: "silent", program: "ours"})
	t.Setenv("IDLE_READER", "1") // makes the program wait without an output
	ctx, cancel := context.WithTimeout(t.Context(), time.Second/10)
	defer cancel()
	_, err := m.run(ctx)
	require.ErrorContains(t, err, "did not come up")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, processesOf(m.exe))
}

// TestEndsBeforeItIsUp checks that nobody waits for a program that has ended, and that
// the error tells how it did.
func TestEndsBeforeItIsUp(t *testing.T) {
	m := measuredOf(t, way{name: "unknown", program: "ours"})
	_, err := m.run(t.Context())
	require.ErrorContains(t, err, "did not come up")
	require.ErrorContains(t, err, "exit status 1")
}

func TestParts(t *testing.T) {
	p, err := partsOf("00400000-00490000 r-xp 00000000 fe:00 9981214                            /a/program\n"+
		"Size:                576 kB\nRss:                   1 kB\n"+
		"00490000-0055c000 r--p 00090000 fe:00 9981214                            /a/program\nRss:                   2 kB\n"+
		"0055c000-00565000 rw-p 0015c000 fe:00 9981214                            /a/program\nRss:                   4 kB\n"+
		"00565000-0059b000 rw-p 00000000 00:00 0 \nRss:                   8 kB\n"+
		"1cad17800000-1cad17c00000 rw-p 00000000 00:00 0 \nRss:                  16 kB\n"+
		"7f50ebd20000-7f50ebf00000 rw-p 00000000 00:00 0 \nRss:                  32 kB\n"+
		"7f51329b0000-7f51329b2000 r-xp 00000000 00:00 0                          [vdso]\nRss:                  64 kB\n"+
		"7ffc6b21f000-7ffc6b240000 rw-p 00000000 00:00 0                          [stack]\nRss:                 128 kB\n", "/a/program")
	require.NoError(t, err)
	require.Equal(t, parts{code: 1 << 10, constants: 2 << 10, variables: (4 + 8 + 128) << 10, heap: 16 << 10, runtime: (32 + 64) << 10}, p)
	_, err = partsOf("", "/a/program")
	require.ErrorContains(t, err, "no stack")
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
