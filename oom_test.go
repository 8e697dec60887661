//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let the kernel kill testdata/ends for its memory, in control
// groups that they make, and remove again.

// groupVariable names a control group in which the tests may make others, such as that
// of systemd-run --user --scope -p Delegate=yes. Without it, root makes them at the top.
const groupVariable = "SENTRY_TEST_CGROUP"

const groupLimit = 64 << 20

var endsProgramOfTheKernel = testprogram.Source{Dir: "testdata/ends", Env: []string{"CGO_ENABLED=0"}}.Once()

// A group is a control group of 64 MiB.
type group string

// newGroup makes one, which is removed with the test, and what is in it is killed.
func newGroup(t *testing.T) group {
	t.Helper()
	dir, err := os.MkdirTemp(groupOfGroups(t), "sentry-test-")
	if err != nil {
		t.Skip("no control group can be made: ", err)
	}
	g := group(dir)
	t.Cleanup(func() {
		testprogram.Eventually(t, func() bool {
			for _, pid := range g.members() {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			return os.Remove(dir) == nil
		})
	})
	limit := strconv.Itoa(groupLimit)
	for _, file := range []string{"memory.max", "memory.limit_in_bytes"} {
		if g.has(file) {
			require.NoError(t, os.WriteFile(g.file(file), []byte(limit), 0o600))
		}
	}
	for file, most := range map[string]string{"memory.swap.max": "0", "memory.memsw.limit_in_bytes": limit} {
		if g.has(file) {
			require.NoError(t, os.WriteFile(g.file(file), []byte(most), 0o600))
		}
	}
	return g
}

// groupOfGroups is where groups with a limit can be made: the top of version 1, or of
// version 2 where it gives the memory to those below.
func groupOfGroups(t *testing.T) string {
	t.Helper()
	if parent := os.Getenv(groupVariable); parent != "" {
		return parent
	}
	if os.Getuid() != 0 {
		t.Skip("only root makes control groups at the top; " + groupVariable + " names another place")
	}
	if group("/sys/fs/cgroup/memory").has("memory.limit_in_bytes") {
		return "/sys/fs/cgroup/memory"
	}
	below, err := os.ReadFile("/sys/fs/cgroup/cgroup.subtree_control")
	if err != nil || !strings.Contains(string(below), "memory") {
		t.Skip("there is no control group with a limit for memory below /sys/fs/cgroup; " + groupVariable + " names another place")
	}
	return "/sys/fs/cgroup"
}

func (g group) file(name string) string { return filepath.Join(string(g), name) }

func (g group) has(name string) bool {
	_, err := os.Stat(g.file(name))
	return err == nil
}

// members are the ids of the processes in it.
func (g group) members() (pids []int) {
	text, _ := os.ReadFile(g.file("cgroup.procs"))
	for field := range strings.FieldsSeq(string(text)) {
		if pid, err := strconv.Atoi(field); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// kills is how many of its processes the kernel has killed.
func (g group) kills(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"memory.events", "memory.oom_control"} {
		text, _ := os.ReadFile(g.file(name))
		for line := range strings.Lines(string(text)) {
			if n, ok := strings.CutPrefix(line, "oom_kill "); ok {
				return strings.TrimSpace(n)
			}
		}
	}
	t.Skip("this kernel does not count its kills: it is older than 4.13")
	return ""
}

// in has the program start in the group.
func (g group) in(cmd *exec.Cmd) *exec.Cmd {
	cmd.Args = append([]string{"sh", "-c", `echo $$ > "$0" && exec "$@"`, g.file("cgroup.procs"), cmd.Path}, cmd.Args[1:]...)
	cmd.Path = "/bin/sh"
	return cmd
}

// newKernel is a machine with the kernel that there is.
func newKernel(t *testing.T, env ...string) (m machine, g group) {
	t.Helper()
	g = newGroup(t)
	g.kills(t)
	m = newMachine(t, env...)
	m.bin = endsProgramOfTheKernel(t)
	return m, g
}

// run runs the program in the group.
func (g group) run(t *testing.T, m machine, how string, env ...string) told {
	t.Helper()
	o := told{testprogram.Run(t, g.in(m.command(t, how, env...)))}
	m.untilNobodyWatches(t)
	return o
}

// TestOutOfMemoryOfTheKernel is an event whoever sees it: once, with what is known.
func TestOutOfMemoryOfTheKernel(t *testing.T) {
	t.Parallel()
	for _, w := range watchers {
		for _, spool := range []bool{true, false} {
			if !spool && w.env == "" {
				continue // nobody is left to tell
			}
			t.Run(fmt.Sprint(w.name, " spool ", spool), func(t *testing.T) {
				t.Parallel()
				m, g := newKernel(t, w.env)
				var health string
				if health = "ENDS_HEALTH=1"; !spool {
					m.dir, health = "", ""
				}
				o := g.run(t, m, "hog", "ENDS_VERSION=v1.0.0", health)
				require.Equal(t, "signal: killed", o.State, o.Stderr)
				require.Equal(t, "1", g.kills(t))
				if spool {
					require.Equal(t, "true", g.run(t, m, "well", "ENDS_VERSION=v2.0.0").word(t, "crashed"))
					require.Equal(t, "false", g.run(t, m, "well").word(t, "crashed"))
					require.Equal(t, map[string]int{"crashed": 1}, statuses(t, m.server.Sessions()))
				}
				require.Len(t, m.events(), 1)
				requireKernelsKill(t, m.events()[0], w.seenBy)
			})
		}
	}
}

func requireKernelsKill(t *testing.T, e *sentrytest.Event, seenBy string) {
	t.Helper()
	require.Regexp(t, `^out of memory: killed by the kernel at 6[0-4] MiB of 64 MiB$`, e.Title())
	require.Equal(t, "ends@1.0.0", e.Release)
	require.Equal(t, "some", e.Tags["end"])
	require.Equal(t, []string{"ended without a word", "out of memory"}, e.Fingerprint)
	require.Nil(t, e.Exception().Stacktrace)
	require.Equal(t, seenBy, e.Contexts["crash"]["seen_by"])
	if seenBy != "the next start" {
		ran, err := time.ParseDuration(fmt.Sprint(e.Contexts["crash"]["ran_for"]))
		require.NoError(t, err)
		require.Positive(t, ran)
	}
	memory := e.Contexts["memory"]
	require.EqualValues(t, groupLimit, memory["limit_bytes"])
	require.InDelta(t, groupLimit, memory["peak_bytes"], groupLimit/16)
	require.EqualValues(t, 256<<20, memory["gomemlimit_bytes"])
	require.EqualValues(t, 100, memory["gogc"])
	require.Positive(t, memory["goroutines"])
	require.Positive(t, memory["go_mapped_bytes"])
	require.NotNil(t, memory["go_heap_bytes"])
}

// TestKillNearTheLimit: a group that is full, and a SIGKILL in it, are no evidence.
func TestKillNearTheLimit(t *testing.T) {
	t.Parallel()
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			m, g := newKernel(t, w.env, "ENDS_HEALTH=1")
			g.run(t, m, "full:signal:9")
			require.Equal(t, "0", g.kills(t))
			require.Equal(t, "false", g.run(t, m, "well", "ENDS_HEALTH=").word(t, "crashed"))
			require.Empty(t, m.events())
			require.Equal(t, map[string]int{"abnormal": 1}, statuses(t, m.server.Sessions()))
		})
	}
}

// TestKillOfASibling: another process of the group was killed for its memory, and this
// one by somebody. What tells is that this one has looked between the two.
func TestKillOfASibling(t *testing.T) {
	t.Parallel()
	if os.Getenv(stressed) == "" {
		t.Skip("takes 10 seconds until the program looks again: with " + stressed + "=1")
	}
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			m, g := newKernel(t, w.env)
			p := up(t, g.in(m.command(t, "wait")))
			other := newMachine(t)
			other.bin, other.dir = m.bin, ""
			require.Equal(t, "signal: killed", g.run(t, other, "hog").State)
			require.Equal(t, "1", g.kills(t))
			require.Empty(t, other.events())
			p.Tell("looked:signal:9")
			p.End()
			m.untilNobodyWatches(t)
			require.Equal(t, "false", g.run(t, m, "well").word(t, "crashed"))
			require.Empty(t, m.events())
		})
	}
}

// TestKillOfAChild, which the program outlives: the supervisor has its exit status.
func TestKillOfAChild(t *testing.T) {
	t.Parallel()
	m, g := newKernel(t, "ENDS_SUPERVISOR=1", "ENDS_HEALTH=1")
	o := g.run(t, m, "child-hog")
	require.Equal(t, "1", g.kills(t))
	require.Equal(t, 7, o.Status, o.Stderr)
	require.Empty(t, m.events(), "the supervisor has seen that it was not the program")
	require.Equal(t, map[string]int{"abnormal": 1}, statuses(t, m.server.Sessions()))
}
