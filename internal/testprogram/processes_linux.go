package testprogram

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Processes returns those of which match wants the environment:
//
//	SENTRY_TEST_DSN=http://key@127.0.0.1:4711/1\x00FATAL_MONITOR=1\x00
//
// Without /proc it skips the test.
func Processes(t testing.TB, match func(environ string) bool) (pids []int) {
	t.Helper()
	needProc(t)
	return look(match)
}

func needProc(t testing.TB) {
	t.Helper()
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("without /proc, no processes can be found: " + err.Error())
	}
}

func look(match func(environ string) bool) (pids []int) {
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // an error is one of the pattern
	for _, file := range files {
		environ, err := os.ReadFile(file)
		if err != nil || !match(string(environ)) {
			continue // of another user, or gone
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// UntilGone waits until there are no such processes.
func UntilGone(t testing.TB, match func(environ string) bool) {
	t.Helper()
	untilGone(t, match, func(int) {})
}

// KillAll kills such processes, and those that they start, until there are none.
func KillAll(t testing.TB, match func(environ string) bool) {
	t.Helper()
	untilGone(t, match, func(pid int) { _ = syscall.Kill(pid, syscall.SIGKILL) })
}

// untilGone looks three times for the last. While it looks, a process may start
// another and end, and neither be in the list; and at the moment of its exec, a
// process has no environment. It has none either while it ends, and still holds its
// files and their locks then: who was seen is waited for.
func untilGone(t testing.TB, match func(environ string) bool, seen func(pid int)) {
	t.Helper()
	needProc(t)
	ending := map[int]bool{}
	Eventually(t, func() bool {
		for range 3 {
			pids := look(match)
			for _, pid := range pids {
				seen(pid)
				ending[pid] = true
			}
			if len(pids) > 0 {
				return false
			}
		}
		maps.DeleteFunc(ending, func(pid int, _ bool) bool { return !isEnding(pid) })
		return len(ending) == 0
	})
}

// isEnding tells whether a process has no memory any more, and is not a zombie yet: a
// thread of it may have its files open.
func isEnding(pid int) bool {
	dir := "/proc/" + strconv.Itoa(pid)
	if environ, err := os.ReadFile(dir + "/environ"); err != nil || len(environ) > 0 {
		return false // gone, or another by now
	}
	threads, _ := filepath.Glob(dir + "/task/[0-9]*/stat")
	return slices.ContainsFunc(threads, func(stat string) bool {
		text, err := os.ReadFile(stat)
		_, state, _ := strings.Cut(string(text), ") ")
		return err == nil && !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
	})
}
