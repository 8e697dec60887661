//go:build linux

package sentry_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// statuses are what a server counts: of each session, the last update.
func statuses(t *testing.T, updates []sentrytest.Session) map[string]int {
	t.Helper()
	last, begun := map[string]sentrytest.Session{}, map[string]bool{}
	for _, u := range updates {
		begun[u.ID] = begun[u.ID] || u.Init
		if l, ok := last[u.ID]; !ok || u.Sequence > l.Sequence {
			last[u.ID] = u
		}
	}
	counts := map[string]int{}
	for id, u := range last {
		require.True(t, begun[id], "the end of a session without its start: %+v", u)
		if u.Status == "exited" && u.Errors > 0 {
			u.Status = "errored"
		}
		counts[u.Status]++
	}
	return counts
}

// counted is how a run counts, by how it ends and who sees that.
var counted = map[string]struct{ anybody, supervisor string }{
	"well":      {"exited", "exited"},
	"closed:1":  {"exited", "exited"},
	"recovered": {"errored", "errored"},
	"panic":     {"crashed", "crashed"},
	"goroutine": {"crashed", "crashed"},
	"memory":    {"crashed", "crashed"},
	"default:6": {"abnormal", "crashed"},
	"signal:9":  {"abnormal", "abnormal"},
	"signal:15": {"abnormal", "exited"},
	"exit:3":    {"abnormal", "abnormal"},
	"return":    {"abnormal", "exited"},
}

// TestReleaseHealth: each end counts as what it is, once, whoever sees it.
func TestReleaseHealth(t *testing.T) {
	t.Parallel()
	for _, w := range watchers {
		for how, want := range counted {
			if w.name == "monitor" && how != "goroutine" && how != "exit:3" && os.Getenv(stressed) == "" {
				continue // it takes a while to see that a monitor has ended
			}
			t.Run(w.name+" "+how, func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, w.env, "ENDS_HEALTH=1", "ENDS_VERSION=v1.2.3")
				m.run(t, how)
				if w.env == "" {
					m.run(t, "well", "ENDS_HEALTH=")
				}
				status := want.anybody
				if w.env == "ENDS_SUPERVISOR=1" {
					status = want.supervisor
				}
				sessions := m.server.Sessions()
				require.Equal(t, map[string]int{status: 1}, statuses(t, sessions))
				require.Len(t, sessions, 2)
				for _, s := range sessions {
					require.Equal(t, "ends@1.2.3", s.Release)
					require.Equal(t, "development", s.Environment)
					require.Empty(t, s.DistinctID)
					require.WithinDuration(t, time.Now(), s.Started, time.Minute)
				}
			})
		}
	}
}

// TestOneSessionOfARun, whatever happens to its server: what was not sent waits in the
// spool, and crowds out no report.
func TestOneSessionOfARun(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ENDS_HEALTH=1")
	m.server.Down()
	times := 1 // each waits for a crash loop's 5 seconds
	if os.Getenv(stressed) != "" {
		times = 5
	}
	for range times {
		m.run(t, "panic")
		m.run(t, "well")
	}
	require.NoError(t, m.server.Up())
	m.run(t, "delivered", "ENDS_HEALTH=")
	require.Equal(t, map[string]int{"crashed": times, "exited": times}, statuses(t, m.server.Sessions()))
	require.Len(t, m.events(), times)
}

// TestNoSessionUnasked, and none without consent.
func TestNoSessionUnasked(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	for how := range counted {
		m.run(t, how)
	}
	require.Empty(t, m.server.Sessions())
	m = newMachine(t, "ENDS_HEALTH=1", "ENDS_NO_CONSENT=1")
	m.run(t, "well")
	m.run(t, "signal:9")
	require.Empty(t, m.server.Attempts())
	require.Empty(t, m.files(t))
}

// TestReleaseHealthNeedsASpool.
func TestReleaseHealthNeedsASpool(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ENDS_HEALTH=1")
	m.dir = ""
	o := m.run(t, "well")
	require.Equal(t, 65, o.Status)
	require.Contains(t, o.Stderr, "WithReleaseHealth: nobody would tell of a crash: add WithSpool")
}

// TestRequestsAreCounted by the minute.
func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ENDS_HEALTH=1")
	m.run(t, "requests")
	var exited, crashed int
	for _, item := range m.server.ItemsOfType("sessions") {
		var doc struct {
			Aggregates []struct{ Exited, Crashed int }
		}
		require.NoError(t, json.Unmarshal(item.Payload, &doc))
		for _, a := range doc.Aggregates {
			exited += a.Exited
			crashed += a.Crashed
		}
	}
	require.Equal(t, []int{3, 2}, []int{exited, crashed})
	require.Equal(t, map[string]int{"exited": 1}, statuses(t, m.server.Sessions()))
}

// TestRandomEnds: the counts that a server makes are exactly the ends, of processes
// that share a spool, start after each other and at the same time, and are killed at
// any moment.
func TestRandomEnds(t *testing.T) {
	t.Parallel()
	runs := 24
	if os.Getenv(stressed) != "" {
		runs = 400
	}
	m := newMachine(t, "ENDS_HEALTH=1")
	m.household = m.logged(t)
	var hows []string
	for how := range counted {
		if how != "memory" { // at the same time, it is evidence for nobody
			hows = append(hows, how)
		}
	}
	var mu sync.Mutex
	want := map[string]int{}
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			random := rand.New(rand.NewPCG(uint64(runs), uint64(worker)))
			for range runs / 4 {
				how := hows[random.IntN(len(hows))]
				i := random.IntN(len(watchers))
				testprogram.Run(t, m.command(t, how, watchers[i].env))
				mu.Lock()
				if status := counted[how]; watchers[i].env == "ENDS_SUPERVISOR=1" {
					want[status.supervisor]++
				} else {
					want[status.anybody]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	m.untilNobodyWatches(t)
	for range 3 { // what the last runs have left
		m.run(t, "well", "ENDS_HEALTH=")
	}
	require.Equal(t, want, statuses(t, m.server.Sessions()), fmt.Sprint(runs, " runs"))
}

// TestTheSupervisorTells, and not another start that has found the dead run before it:
// that does not know the signal.
func TestTheSupervisorTells(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ENDS_HEALTH=1")
	p := up(t, m.command(t, "wait", "ENDS_SUPERVISOR=1"))
	program := m.alive(t, "supervised")
	require.Len(t, program, 1)
	p.Signal(syscall.SIGSTOP)
	require.NoError(t, syscall.Kill(program[0], syscall.SIGTERM))
	testprogram.Eventually(t, func() bool { return len(m.alive(t, "supervised")) == 0 })
	m.run(t, "well", "ENDS_HEALTH=")
	require.Equal(t, map[string]int{"ok": 1}, statuses(t, m.server.Sessions()))
	p.Signal(syscall.SIGCONT)
	p.End()
	require.Equal(t, map[string]int{"exited": 1}, statuses(t, m.server.Sessions()))
}
