//go:build linux

package sentry_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// TestKilledInInitAndClose: whenever somebody kills a program that does nothing else,
// that is no event, its run counts once if it has begun, and nothing stays in the spool.
func TestKilledInInitAndClose(t *testing.T) {
	t.Parallel()
	times := 20
	if os.Getenv(stressed) != "" {
		times = 300
	}
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, w.env, "ENDS_HEALTH=1")
			whole := m.run(t, "well").Took
			killed := 0
			for range times {
				p := testprogram.Start(t, m.command(t, "well"))
				kill := time.AfterFunc(rand.N(whole), func() { _ = p.Cmd.Process.Kill() }) // or it has ended
				if p.End().State == "signal: killed" {
					killed++
				}
				kill.Stop()
				if len(m.marks(t)) > 20 { // a directory keeps those of 30
					require.Zero(t, m.run(t, "well", "ENDS_HEALTH=").Status)
				}
			}
			m.untilNobodyWatches(t)
			for range 3 {
				require.Equal(t, "false", m.run(t, "well", "ENDS_HEALTH=").word(t, "crashed"))
			}
			require.Empty(t, m.events())
			counts := statuses(t, m.server.Sessions())
			t.Log(times, "runs,", killed, "killed:", counts)
			require.Zero(t, counts["ok"], "each that has begun has ended")
			require.LessOrEqual(t, counts["abnormal"], killed)
			require.GreaterOrEqual(t, counts["exited"], times-killed)
			require.LessOrEqual(t, counts["abnormal"]+counts["exited"], times+1)
			require.False(t, slices.ContainsFunc(m.files(t), func(name string) bool { return !strings.HasPrefix(name, "spool.") }), m.files(t))
		})
	}
}

// marks are those of runs that go on, or have died.
func (m machine) marks(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(m.files(t), func(name string) bool { return !strings.HasSuffix(name, ".run") })
}

// TestSuspended: a program that stands still has not ended.
func TestSuspended(t *testing.T) {
	t.Parallel()
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, w.env, "ENDS_HEALTH=1")
			p := up(t, m.command(t, "wait"))
			for _, pid := range testprogram.Processes(t, m.all) {
				require.NoError(t, syscall.Kill(pid, syscall.SIGSTOP))
			}
			other := m
			other.env = nil
			require.Equal(t, "false", other.run(t, "well").word(t, "crashed"))
			require.Zero(t, statuses(t, m.server.Sessions())["abnormal"])
			for _, pid := range testprogram.Processes(t, m.all) {
				require.NoError(t, syscall.Kill(pid, syscall.SIGCONT))
			}
			p.Tell("well")
			require.Zero(t, p.End().Status)
			m.untilNobodyWatches(t)
			require.Equal(t, map[string]int{"exited": 1}, statuses(t, m.server.Sessions()))
			require.Empty(t, m.events())
		})
	}
}
