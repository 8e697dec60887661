//go:build linux

package sentry_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let testdata/fatal run with a crash monitor.

func TestNoDeathNoReportOfTheMonitor(t *testing.T) {
	t.Parallel()
	for kind, n := range map[string]int{"none": 0, "exit": 0, "sigterm": 0, "sigkill": 0, "survived": 1, "late": 2, "panic": 1} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for _, spool := range []string{"", t.TempDir()} {
				h := fatalHousehold(t, "FATAL_GUARDED=1", "FATAL_MONITOR=1")
				h.dir = spool
				h.run(t, kind)
				h.untilNobodyWatches(t)
				require.Len(t, h.events(), n)
			}
		})
	}
}

// monitor waits until the monitor is up.
func (h household) monitor(t *testing.T) (pid int) {
	t.Helper()
	testprogram.Eventually(t, func() bool {
		pids := h.alive(t, "monitor")
		if len(pids) == 1 {
			pid = pids[0]
		}
		return pid != 0
	})
	return pid
}

// settled waits until the monitor has nothing more to do.
func (h household) settled(t *testing.T) (pid int) {
	t.Helper()
	pid = h.monitor(t)
	testprogram.Eventually(t, func() bool {
		dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
		return err == nil && dir == "/"
	})
	return pid
}

// TestMonitorThatIsKilled: the program does not notice, and with a spool the next
// start reports.
func TestMonitorThatIsKilled(t *testing.T) {
	t.Parallel()
	for _, spool := range []string{"", t.TempDir()} {
		h := fatalHousehold(t, "FATAL_MONITOR=1")
		h.dir = spool
		p := h.waiting(t)
		require.NoError(t, syscall.Kill(h.monitor(t), syscall.SIGKILL))
		h.untilNobodyWatches(t)
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", p.Pid()))
		require.NoError(t, err)
		require.Empty(t, string(children), "a zombie")
		require.Equal(t, 2, p.dies("map").Status)
		require.Empty(t, h.server.Attempts())
		if spool != "" {
			h.nextStart(t)
			h.untilNobodyWatches(t)
			require.Len(t, h.server.Events(), 1)
			require.Equal(t, "fatal error: concurrent map writes", h.server.Events()[0].Title())
		}
	}
}

// TestMonitorThatDoesNotRead can not hold a program whose last words are longer
// than a pipe, and tells of it when it reads again.
func TestMonitorThatDoesNotRead(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	p := h.waiting(t)
	monitor := h.monitor(t)
	require.NoError(t, syscall.Kill(monitor, syscall.SIGSTOP))
	require.Equal(t, 2, p.dies("throng").Status)
	require.NoError(t, syscall.Kill(monitor, syscall.SIGCONT))
	e := h.server.Wait(1)[0]
	require.Equal(t, "panic: in a throng", e.Title())
	require.Equal(t, "main.throng", e.Culprit().Name())
	var names []string
	for _, thread := range e.Threads {
		names = append(names, thread.Name)
	}
	require.Regexp(t, `\[select \(no cases\)\] and \d+ like it`, strings.Join(names, "\n"))
}

// TestMonitorIsDeaf to what ends a program: it is for all processes of that name.
func TestMonitorIsDeaf(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	p := h.waiting(t)
	monitor := h.settled(t)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2} {
		require.NoError(t, syscall.Kill(monitor, sig))
	}
	require.Equal(t, 2, p.dies("map").Status)
	require.Equal(t, "fatal error: concurrent map writes", h.server.Wait(1)[0].Title())
}

// TestMonitorThatIsAskedToEnd when its program is dead does not try for long.
func TestMonitorThatIsAskedToEnd(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	p := h.waiting(t)
	monitor := h.settled(t)
	h.server.Down()
	require.NoError(t, syscall.Kill(monitor, syscall.SIGTERM)) // as a service manager does to all
	require.Equal(t, 2, p.dies("map").Status)
	h.untilNobodyWatches(t)
}

// TestLostAnswer: the monitor sends again what the program could not know to have
// been accepted, and it is the same event.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	h.server.Answer(sentrytest.LoseAnswer(), sentrytest.LoseAnswer(), sentrytest.Accept())
	h.run(t, "panic", "FATAL_GUARDED=1", "FATAL_FLUSH_TIMEOUT=100ms")
	h.untilNobodyWatches(t)
	require.Greater(t, len(h.server.Attempts()), 1)
	require.Len(t, h.events(), 1)
}

// TestManyDieAtOnce with one spool, each with a monitor: every death is reported,
// and the next start has nothing to add.
func TestManyDieAtOnce(t *testing.T) {
	t.Parallel()
	const programs = 40 // more than the spool keeps reports
	for _, way := range []string{"FATAL_MONITOR=1", ""} {
		h := fatalHousehold(t, way).withSpool(t)
		var patients []patient
		for range programs {
			patients = append(patients, h.waiting(t))
		}
		for _, p := range patients {
			p.Tell("map")
		}
		for _, p := range patients {
			require.Equal(t, 2, p.End().Status)
		}
		h.untilNobodyWatches(t)
		h.nextStart(t)
		h.untilNobodyWatches(t)
		require.Len(t, h.events(), programs)
	}
}

// TestSamePlaceTwice: a panic that was reported and survived says nothing of one
// that differs in its outer frames only.
func TestSamePlaceTwice(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	h.run(t, "deep")
	h.untilNobodyWatches(t)
	require.Len(t, h.events(), 2)
}

// TestReportedFromTheDeep is not reported again, though its text has not the whole
// stack.
func TestReportedFromTheDeep(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	h.run(t, "abyss", "FATAL_GUARDED=1")
	h.untilNobodyWatches(t)
	require.Len(t, h.server.Events(), 1)
	require.Empty(t, h.server.Events()[0].Contexts["crash"])
}

// TestMonitorWithADeadNetwork tries again.
func TestMonitorWithADeadNetwork(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1")
	p := h.waiting(t)
	h.monitor(t)
	h.server.Down()
	require.Equal(t, 2, p.dies("map").Status)
	require.NoError(t, h.server.Up())
	require.Equal(t, "fatal error: concurrent map writes", h.server.Wait(1)[0].Title())
	h.untilNobodyWatches(t)
	require.Len(t, h.events(), 1)
}

// TestMonitorOwnsNothing of the program but the pipe.
func TestMonitorOwnsNothing(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_MONITOR=1", "GOGC=off", "GOMEMLIMIT=1GiB")
	cmd := h.command(t, "wait")
	lock, err := os.Create(filepath.Join(t.TempDir(), "lock"))
	require.NoError(t, err)
	cmd.ExtraFiles = []*os.File{lock}
	p := up(t, cmd)
	require.Contains(t, descriptorsOf(t, p.Pid()), "3")
	pid := h.settled(t)
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	require.NoError(t, err)
	require.NotContains(t, string(environ), "GOGC=off")
	require.NotContains(t, string(environ), "GOMEMLIMIT=")
	require.NotEqual(t, sessionOf(t, p.Pid()), sessionOf(t, pid))
	for fd, target := range descriptorsOf(t, pid) {
		require.True(t, fd != "1" && fd != "2" || target == "/dev/null", target)
		require.NotEqual(t, lock.Name(), target)
		for own, ours := range descriptorsOf(t, p.Pid()) {
			if own <= "2" && len(own) == 1 && ours != "/dev/null" {
				require.NotEqual(t, ours, target, "the monitor holds the program's %s", own)
			}
		}
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmRSS") || strings.HasPrefix(line, "Rss") {
			t.Log(strings.TrimSpace(line))
		}
	}
	require.Zero(t, p.dies("none").Status)
	h.untilNobodyWatches(t)
	require.Empty(t, h.server.Attempts())
}

func sessionOf(t *testing.T, pid int) uintptr {
	t.Helper()
	session, _, errno := syscall.Syscall(syscall.SYS_GETSID, uintptr(pid), 0, 0)
	require.Zero(t, errno)
	return session
}

// descriptorsOf returns what the descriptors of a process are.
func descriptorsOf(t *testing.T, pid int) map[string]string {
	t.Helper()
	files := map[string]string{}
	names, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	require.NoError(t, err)
	for _, name := range names {
		if target, err := os.Readlink(name); err == nil {
			files[filepath.Base(name)] = target
		}
	}
	return files
}

// TestDeathsInARow: the monitor is killed at a random moment or not at all, and
// the program dies, or is killed as it does. What no monitor could report, a later
// start does; nothing is lost and nothing comes twice.
func TestDeathsInARow(t *testing.T) {
	t.Parallel()
	deaths := 24
	if os.Getenv(stressed) != "" {
		deaths = 1000
	}
	h := fatalHousehold(t, "FATAL_MONITOR=1").withSpool(t).logged(t)
	kinds := []string{"map", "foreign", "unlock", "panic", "runtime"}
	died := map[string]bool{} // by itself
	for n := range deaths {
		release := fmt.Sprintf("row@%d", n)
		p := h.waiting(t, "FATAL_RELEASE="+release, "FATAL_GUARDED="+[]string{"", "1"}[n%2])
		var killers sync.WaitGroup
		if n%3 > 0 {
			killers.Go(func() {
				atRandom()
				for _, pid := range h.alive(t, "") {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
			})
		}
		if n%4 > 0 {
			atRandom()
		}
		if n%7 == 0 {
			killers.Go(func() {
				atRandom()
				_ = p.Cmd.Process.Kill()
			})
		}
		status := p.dies(kinds[n%len(kinds)]).Status
		killers.Wait()
		died[release] = status == 2
		require.True(t, status == 2 || n%7 == 0, status)
	}
	h.untilNobodyWatches(t)
	h.nextStart(t)
	h.untilNobodyWatches(t)
	reports := map[string]int{}
	for _, e := range h.events() {
		reports[e.Release]++
	}
	var lost, twice []string
	for release, itself := range died {
		if itself && reports[release] == 0 {
			lost = append(lost, release)
		}
		if reports[release] > 1 {
			twice = append(twice, release)
		}
	}
	require.Empty(t, lost, "given up: %+v; left: %v", h.server.ClientReports(), h.files(t))
	require.Empty(t, twice)
}

// atRandom is a moment of the life or the death of a program.
func atRandom() { <-time.After(time.Duration(rand.Int64N(int64(30 * time.Millisecond)))) }
