//go:build linux

package sentry_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let testdata/fatal do to itself, behind Init, what makes it
// hard to know what it has reported.

// TestOneDeathIsOneEvent, whatever the program has done to itself before it panicked,
// whoever sees it die, and whatever kind of guard it has.
func TestOneDeathIsOneEvent(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can change its user and its root directory")
	}
	for _, kind := range []string{"setuid", "chroot", "nofile", "secondinit", "crowded", "liar"} {
		for _, guard := range []string{"1", "helper"} {
			for name, env := range map[string][]string{
				"spool":             nil,
				"monitor":           {"FATAL_MONITOR=1"},
				"monitor and spool": {"FATAL_MONITOR=1"},
			} {
				t.Run(kind+" "+guard+" "+name, func(t *testing.T) {
					t.Parallel()
					h := fatalHousehold(t, append(env, "FATAL_GUARDED="+guard, "FATAL_OTHERS=40", "FATAL_FLUSH_TIMEOUT=1s")...)
					if name != "monitor" {
						h = h.withSpool(t)
					}
					o := h.run(t, kind)
					require.Equal(t, 2, o.Status, o.Stderr)
					h.untilNobodyWatches(t)
					if name != "monitor" { // on a slow machine, a monitor leaves the report to it
						h.nextStart(t)
					}
					of := map[string]int{}
					for _, e := range once(h.server.Events()) {
						if strings.HasPrefix(e.Title(), "panic: other ") {
							continue
						}
						of[e.EventID]++
					}
					require.Len(t, of, 1)
				})
			}
		}
	}
}

// TestPanicIsNotCrowdedOut by thousands of others that are over.
func TestPanicIsNotCrowdedOut(t *testing.T) {
	t.Parallel()
	others := 200
	if os.Getenv(stressed) != "" {
		others = 10_000
	}
	h := fatalHousehold(t, "FATAL_GUARDED=1", "FATAL_MONITOR=1", fmt.Sprint("FATAL_OTHERS=", others)).withSpool(t)
	require.Equal(t, 2, h.run(t, "crowded").Status)
	h.untilNobodyWatches(t)
	h.nextStart(t)
	events := once(h.server.Events())
	require.Len(t, events, others+1)
}

// TestSameTextWithoutAStack: at GOTRACEBACK=none, a panic that was recovered says
// nothing of a death with the same text.
func TestSameTextWithoutAStack(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"", "FATAL_MONITOR=1"} {
		h := fatalHousehold(t, "GOTRACEBACK=none", way).withSpool(t)
		require.Equal(t, 2, h.run(t, "sametext").Status)
		h.untilNobodyWatches(t)
		h.nextStart(t)
		events := h.events()
		require.Len(t, events, 2)
		require.Equal(t, events[0].Title(), events[1].Title())
	}
}

// TestDirectoryThatIsRemoved by somebody while the program runs: the next death is
// reported by the monitor, which has the files open; and without a monitor as soon
// as the program has had an occasion to see it.
func TestDirectoryThatIsRemoved(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind string
		env  []string
		n    int
	}{
		"at once, monitor": {"removed", []string{"FATAL_MONITOR=1"}, 1},
		"seen":             {"removedearly", nil, 2},
		"seen, monitor":    {"removedearly", []string{"FATAL_MONITOR=1"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := fatalHousehold(t, tt.env...).withSpool(t)
			p := h.waiting(t)
			if tt.env != nil {
				monitor := h.settled(t)
				testprogram.Eventually(t, func() bool {
					return slices.ContainsFunc(slices.Collect(maps.Values(descriptorsOf(t, monitor))),
						func(file string) bool { return strings.HasSuffix(file, ".crash") })
				})
			}
			require.Equal(t, 2, p.dies(tt.kind).Status)
			h.untilNobodyWatches(t)
			h.nextStart(t)
			h.untilNobodyWatches(t)
			events := h.events()
			require.Len(t, events, tt.n)
			i := slices.IndexFunc(events, func(e *sentrytest.Event) bool { return e.Title() == "panic: boom" })
			require.Positive(t, i+1)
			require.Equal(t, "running", events[i].Tags["stage"])
		})
	}
}

// TestRunThatHasChangedItsRoot lives, whatever another process of the same program
// thinks, and its death is reported.
func TestRunThatHasChangedItsRoot(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can change its root directory")
	}
	h := fatalHousehold(t).withSpool(t)
	p := testprogram.Start(t, h.command(t, "chrooted"))
	require.Equal(t, "chrooted", p.Line())
	require.Zero(t, h.run(t, "none").Status)
	p.Tell("now")
	require.Equal(t, 2, p.End().Status)
	h.nextStart(t)
	require.Len(t, h.events(), 1)
	require.Equal(t, "chrooted", h.events()[0].Tags["stage"])
}

// TestHugeCrashFile is read as far as a report needs it, once.
func TestHugeCrashFile(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t).withSpool(t)
	require.Equal(t, 2, h.run(t, "map").Status)
	files, err := filepath.Glob(filepath.Join(h.dir, "*.crash"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	if err := os.Truncate(files[0], 8<<30); err != nil {
		t.Skip("no room for a sparse file: ", err)
	}
	begin := time.Now()
	h.nextStart(t)
	require.Less(t, time.Since(begin), 5*time.Second)
	require.Len(t, h.events(), 1)
	require.Equal(t, "the crash output is too long to be read to its end", h.events()[0].Contexts["crash"]["truncated"])
	h.nextStart(t)
	require.Len(t, h.server.Attempts(), 1)
	require.NoFileExists(t, files[0])
}

// TestEventsOfTheApplication that it captures in its last moment are kept, if asked.
func TestEventsOfTheApplication(t *testing.T) {
	t.Parallel()
	for env, n := range map[string]int{"FATAL_EVENTS=1": 1, "FATAL_EVENTS=": 0} {
		h := fatalHousehold(t, env).withSpool(t)
		h.server.Answer(sentrytest.Never())
		require.Equal(t, 3, h.run(t, "captures").Status)
		h.server.Answer(sentrytest.Accept())
		h.nextStart(t)
		require.Len(t, h.server.Events(), n)
	}
}

// TestManyMonitorsBeforeAServerThatHangs: there is a bound for how many wait. What is
// in the spool is left there, and sent when the server answers.
func TestManyMonitorsBeforeAServerThatHangs(t *testing.T) {
	t.Parallel()
	const deaths = 60
	for _, spool := range []bool{true, false} {
		t.Run(fmt.Sprint("spool ", spool), func(t *testing.T) {
			t.Parallel()
			h := fatalHousehold(t, "FATAL_MONITOR=1")
			if spool {
				h = h.withSpool(t)
			}
			h.server.Answer(sentrytest.Never())
			programs := make([]patient, deaths)
			for i := range programs {
				programs[i] = h.waiting(t)
			}
			for _, p := range programs {
				p.Tell("unlock")
			}
			for _, p := range programs {
				require.Equal(t, 2, p.End().Status)
			}
			if !spool {
				testprogram.Eventually(t, func() bool { return len(h.alive(t, "monitor")) <= 4 })
				testprogram.KillAll(t, h.all)
				return
			}
			h.untilNobodyWatches(t)
			require.Len(t, h.stored(t), 30)
			h.server.Answer(sentrytest.Accept())
			h.nextStart(t)
			require.Len(t, h.events(), 30)
		})
	}
}

// TestOfflineCrashWithAMonitor: the monitor leaves the report to the spool, and the
// next run sends it.
func TestOfflineCrashWithAMonitor(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1").withSpool(t)
	h.server.Down()
	require.Equal(t, 2, h.run(t, "map").Status)
	begin := time.Now()
	h.untilNobodyWatches(t)
	require.Less(t, time.Since(begin), 10*time.Second)
	require.Len(t, h.stored(t), 1)
	require.NoError(t, h.server.Up())
	h.nextStart(t)
	require.Len(t, h.events(), 1)
}

// TestProgramThatBecomesAnother right after Init leaves it no zombie.
func TestProgramThatBecomesAnother(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	p := testprogram.Start(t, h.command(t, "execs"))
	defer p.End()
	children := fmt.Sprintf("/proc/%d/task/%d/children", p.Pid(), p.Pid())
	testprogram.Eventually(t, func() bool {
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.Pid()))
		require.NoError(t, err)
		return string(name) == "sleep\n"
	})
	left, err := os.ReadFile(children)
	require.NoError(t, err)
	require.Empty(t, string(left))
}

// TestWhoSends: a guarded death with a monitor is one request, not one of each.
func TestWhoSends(t *testing.T) {
	t.Parallel()
	deaths := 20
	if os.Getenv(stressed) != "" {
		deaths = 300
	}
	for _, guard := range []string{"1", "helper"} {
		h := fatalHousehold(t, "FATAL_MONITOR=1", "FATAL_GUARDED="+guard).withSpool(t).logged(t)
		for range deaths {
			require.Equal(t, 2, h.run(t, "panic").Status)
			h.untilNobodyWatches(t) // the next start would send what it finds
		}
		require.Len(t, h.events(), deaths)
		require.Len(t, h.server.Attempts(), deaths, "one request for each")
	}
}

// TestBurstInAProgram that lives on is delivered whole, and needs no more memory,
// threads and files for 1,000 panics than for 200.
func TestBurstInAProgram(t *testing.T) {
	t.Parallel()
	type burst struct {
		panics, goroutines int
		latency            time.Duration
		monitor            bool
	}
	bursts := []burst{{200, 1, 0, false}, {200, 100, 50 * time.Millisecond, false}, {400, 100, 0, true}, {1500, 1500, 0, false}}
	if os.Getenv(stressed) != "" {
		for _, monitor := range []bool{false, true} {
			bursts = append(bursts,
				burst{200, 1, 50 * time.Millisecond, monitor}, burst{200, 100, time.Second, monitor},
				burst{1000, 1, 0, monitor}, burst{1000, 100, 0, monitor}, burst{1000, 100, 50 * time.Millisecond, monitor},
				burst{1000, 100, time.Second, monitor},
				burst{10_000, 1, 0, monitor}, burst{10_000, 10_000, 0, monitor}, burst{10_000, 100, 0, monitor}, burst{10_000, 100, 50 * time.Millisecond, monitor})
		}
	}
	for _, b := range bursts {
		t.Run(fmt.Sprint(b), func(t *testing.T) {
			if b.panics < 1000 {
				t.Parallel() // the others are measured alone
			}
			h := fatalHousehold(t, fmt.Sprint("FATAL_PANICS=", b.panics), fmt.Sprint("FATAL_GOROUTINES=", b.goroutines)).withSpool(t).logged(t)
			if b.monitor {
				h.env = append(h.env, "FATAL_MONITOR=1")
			}
			h.server.Answer(sentrytest.Answer{Delay: b.latency})
			o := h.run(t, "burst")
			require.Zero(t, o.Status, o.Stderr)
			require.Empty(t, o.word(t, "not"), o.Stderr)
			require.Len(t, once(h.server.Events()), b.panics)
			require.Empty(t, repeated(h.server.Attempts()), "each once")
			require.Empty(t, h.stored(t))
			files, threads := number(t, o.word(t, "files")), number(t, o.word(t, "threads"))
			memory := number(t, o.word(t, "memory"))
			t.Logf("%d panics of %d goroutines, %s latency, monitor %v: %s ms, flushed in %s ms; %d files, %d threads, %d MB at the peak",
				b.panics, b.goroutines, b.latency, b.monitor, o.word(t, "panicked"), o.word(t, "flushed"), files, threads, memory>>10)
			require.Less(t, files, 150)
			require.Less(t, threads, 60)
			require.Less(t, memory, 150_000+10*b.goroutines) // kB; with the stacks of those that panic at once
		})
	}
}

// repeated are the attempts for reports of which there was one before.
func repeated(attempts []sentrytest.Attempt) (again []string) {
	first := map[string]sentrytest.Attempt{}
	for _, a := range attempts {
		if a.Envelope == nil || a.Envelope.Header.EventID == "" {
			continue
		}
		id := a.Envelope.Header.EventID
		if f, ok := first[id]; ok {
			again = append(again, fmt.Sprintf("%s at %s %s from %s, before at %s %s from %s", id, a.Time, a.Outcome, a.RemoteAddr, f.Time, f.Outcome, f.RemoteAddr))
		} else {
			first[id] = a
		}
	}
	return again
}

func number(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimSpace(text))
	require.NoError(t, err)
	return n
}

// TestBurstWithFewThreads: the limit of the user is not what ends the program.
func TestBurstWithFewThreads(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be a user without other processes")
	}
	h := fatalHousehold(t, "FATAL_PANICS=200", "FATAL_GOROUTINES=100", "FATAL_THREADS=40").withSpool(t)
	h.dir = filepath.Join(h.dir, "spool")
	require.NoError(t, os.Chmod(filepath.Dir(h.dir), 0o777))
	require.NoError(t, os.Chmod(filepath.Dir(filepath.Dir(h.dir)), 0o777))
	o := h.run(t, "burst")
	require.Zero(t, o.Status, o.Stderr)
	require.Len(t, once(h.server.Events()), 200)
}
