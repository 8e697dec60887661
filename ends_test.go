//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let testdata/ends end without a crash text. What the kernel
// says of its memory is in a tree of files that the test writes.

var endsSource = testprogram.Source{
	Dir: "testdata/ends", Env: []string{"CGO_ENABLED=0"},
	Flags: []string{"-ldflags", "-X " + library + "/internal/cgroup.root=tree"},
}

var endsProgram = endsSource.Once()

// A machine is a household on a machine of its own.
type machine struct {
	household
	root string // its working directory, with the tree in it
}

// newMachine has a container of 512 MiB, in which the kernel has killed somebody before.
func newMachine(t *testing.T, env ...string) machine {
	t.Helper()
	m := machine{householdOf(t, endsProgram(t), env...), t.TempDir()}
	m.dir = filepath.Join(t.TempDir(), "spool")
	for name, text := range map[string]string{
		"proc/self/cgroup":                     "0::/\n",
		"proc/self/mountinfo":                  "30 25 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
		"proc/sys/kernel/random/boot_id":       "first\n",
		"sys/fs/cgroup/memory.max":             "536870912\n",
		"sys/fs/cgroup/memory.current":         "104857600\n",
		"sys/fs/cgroup/memory.peak":            "534773760\n",
		"sys/fs/cgroup/memory.events":          "low 0\noom 1\noom_kill 1\noom_group_kill 0\n",
		"sys/fs/cgroup/memory.events.local":    "oom_kill 1\n",
		"sys/fs/cgroup/cgroup.controllers":     "memory\n",
		"sys/fs/cgroup/cgroup.subtree_control": "\n",
	} {
		m.write(t, name, text)
	}
	return m
}

// write writes a file of the kernel's, in its place.
func (m machine) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(m.root, "tree", name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

// read returns what is in a file of the spool.
func (m machine) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, name))
	require.NoError(t, err)
	return string(text)
}

// command is the program before a run. Its standard error is not its standard output.
func (m machine) command(t *testing.T, how string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := m.household.command(t, how, append(env, "ENDS_SPOOL="+m.dir)...)
	cmd.Dir = m.root
	return cmd
}

func (m machine) run(t *testing.T, how string, env ...string) told {
	t.Helper()
	cmd := m.command(t, how, env...)
	o := told{testprogram.Run(t, cmd)}
	if slices.Contains(cmd.Env, "ENDS_MONITOR=1") { // a supervisor has ended with it
		m.untilNobodyWatches(t)
	}
	return o
}

// watchers are who reports an end.
var watchers = []struct{ name, env, seenBy string }{
	{"next start", "", "the next start"},
	{"monitor", "ENDS_MONITOR=1", "the monitor"},
	{"supervisor", "ENDS_SUPERVISOR=1", "the supervisor"},
}

// TestOutOfMemory is an event whoever sees it, and how: once, with what is known.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	for _, w := range watchers {
		for _, spool := range []bool{true, false} {
			if !spool && w.env == "" {
				continue // nobody is left to tell
			}
			t.Run(fmt.Sprint(w.name, " spool ", spool), func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, w.env)
				if !spool {
					m.dir = ""
				}
				require.Equal(t, "signal: killed", m.run(t, "memory", "ENDS_VERSION=v1.0.0").State)
				if spool {
					o := m.run(t, "well", "ENDS_VERSION=v2.0.0")
					require.Equal(t, "true", o.word(t, "crashed"))
					require.Equal(t, "false", m.run(t, "well").word(t, "crashed"))
				}
				require.Len(t, m.events(), 1)
				requireOutOfMemory(t, m.events()[0], w.seenBy)
			})
		}
	}
}

func requireOutOfMemory(t *testing.T, e *sentrytest.Event, seenBy string) {
	t.Helper()
	require.Equal(t, "out of memory: killed by the kernel at 510 MiB of 512 MiB", e.Title())
	require.Equal(t, "ends@1.0.0", e.Release)
	require.Equal(t, "some", e.Tags["end"])
	require.Equal(t, []string{"ended without a word", "out of memory"}, e.Fingerprint)
	require.Equal(t, seenBy, e.Contexts["crash"]["seen_by"])
	memory := e.Contexts["memory"]
	require.EqualValues(t, 512<<20, memory["limit_bytes"])
	require.EqualValues(t, 510<<20, memory["peak_bytes"])
	require.EqualValues(t, 256<<20, memory["gomemlimit_bytes"])
	require.EqualValues(t, 100, memory["gogc"])
	require.Positive(t, memory["goroutines"])
	require.Positive(t, memory["go_mapped_bytes"])
	require.Nil(t, e.Exception().Stacktrace)
	if seenBy != "the next start" {
		require.NotEmpty(t, e.Contexts["crash"]["ran_for"])
	}
}

// TestNoEvidence: a kill is somebody's wish, whatever the machine looks like.
func TestNoEvidence(t *testing.T) {
	t.Parallel()
	for _, w := range watchers {
		for _, how := range []string{"signal:9", "signal:15", "child", "exit:3", "return"} {
			if how == "child" && w.env != "ENDS_SUPERVISOR=1" {
				continue // only the signal tells whom the kernel has killed
			}
			if w.name == "monitor" && how != "signal:9" && os.Getenv(stressed) == "" {
				continue // as in TestReleaseHealth
			}
			t.Run(w.name+" "+how, func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, w.env)
				m.run(t, how)
				require.Equal(t, "false", m.run(t, "well").word(t, "crashed"))
				require.Empty(t, m.events())
			})
		}
	}
}

// TestEvidenceOfAnotherStartOfTheMachine is none.
func TestEvidenceOfAnotherStartOfTheMachine(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.run(t, "memory")
	m.write(t, "proc/sys/kernel/random/boot_id", "second\n")
	require.Equal(t, "false", m.run(t, "well").word(t, "crashed"))
	require.Empty(t, m.events())
}

// TestEvidenceForOneOfTwo is none: who of them was it?
func TestEvidenceForOneOfTwo(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	first, second := up(t, m.command(t, "wait")), up(t, m.command(t, "wait"))
	first.Tell("signal:9")
	second.Tell("memory")
	first.End()
	second.End()
	m.run(t, "well")
	require.Empty(t, m.events())
}

// TestEndsWithoutConsent: nothing is told, and nothing stays.
func TestEndsWithoutConsent(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ENDS_HEALTH=1")
	m.server.Down()
	m.run(t, "memory")
	m.run(t, "signal:9")
	require.NoError(t, m.server.Up())
	m.run(t, "well", "ENDS_NO_CONSENT=1")
	require.Subset(t, []string{"spool.lock"}, m.files(t)) // which is empty
	m.run(t, "well", "ENDS_HEALTH=")
	require.Empty(t, m.server.Attempts())
}

// TestFaultsWithoutACrashText: the supervisor has the signal.
func TestFaultsWithoutACrashText(t *testing.T) {
	t.Parallel()
	for how, title := range map[string]string{
		"seccomp":    "SIGSYS: bad system call: a filter does not allow it (seccomp)",
		"default:6":  "SIGABRT: abort: C code has ended the process",
		"default:7":  "SIGBUS: bus error in C code",
		"default:11": "SIGSEGV: segmentation violation in C code",
		"default:24": "SIGXCPU: the processor time is used up (RLIMIT_CPU)",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "ENDS_SUPERVISOR=1")
			o := m.run(t, how)
			if o.Status == 99 {
				t.Skip("no filters of seccomp(2) here")
			}
			require.Contains(t, o.State, "signal: ")
			require.Len(t, m.events(), 1)
			require.Equal(t, title, m.events()[0].Title())
			require.Equal(t, "true", m.run(t, "well").word(t, "crashed"))
		})
	}
}

var endsProgramInC = testprogram.Source{Dir: "testdata/ends", Env: []string{"CGO_ENABLED=1"}, Flags: endsSource.Flags}.Once()

// TestSignals: real ones, whoever sees them. With a crash text, each watcher reports
// the same; without one, only the supervisor knows of the signal.
func TestSignals(t *testing.T) {
	t.Parallel()
	type seen struct{ title, status string }
	aborted := seen{"SIGABRT: abort: C code has ended the process", "crashed"}
	for _, tt := range []struct {
		how                   string
		inC                   bool
		anybody, bySupervisor seen
	}{
		{how: "c-abort", inC: true, anybody: seen{"SIGABRT: abort", "crashed"}},
		{how: "c-abort-unseen", inC: true, anybody: seen{"", "abnormal"}, bySupervisor: aborted},
		{how: "c-bus", inC: true, anybody: seen{"SIGBUS: bus error", "crashed"}},
		{how: "seccomp:trap", anybody: seen{"SIGSYS: bad system call", "crashed"}},
		{how: "pipe", anybody: seen{"", "abnormal"}, bySupervisor: seen{"", "exited"}},
		{how: "signal:15", anybody: seen{"", "abnormal"}, bySupervisor: seen{"", "exited"}},
	} {
		for _, w := range watchers {
			t.Run(w.name+" "+tt.how, func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, w.env, "ENDS_HEALTH=1")
				if tt.inC {
					if _, err := exec.LookPath("gcc"); err != nil {
						t.Skip("needs a C compiler: " + err.Error())
					}
					m.bin = endsProgramInC(t)
				}
				o := m.run(t, tt.how)
				if o.Status == 99 {
					t.Skip("no filters of seccomp(2) here")
				}
				m.run(t, "well", "ENDS_HEALTH=")
				want := tt.anybody
				if w.name == "supervisor" && tt.bySupervisor.status != "" {
					want = tt.bySupervisor
				}
				var titles []string
				for _, e := range m.events() {
					titles = append(titles, e.Title())
				}
				require.Equal(t, want.title, strings.Join(titles, ", "), o.Stderr)
				require.Equal(t, map[string]int{want.status: 1}, statuses(t, m.server.Sessions()))
			})
		}
	}
}

// TestProcessorTime that is used up: the kernel says so by SIGKILL. The SIGXCPU that may
// come before that the Go runtime ignores.
func TestProcessorTime(t *testing.T) {
	t.Parallel()
	if os.Getenv(stressed) == "" {
		t.Skip("takes seconds of processor time: with " + stressed + "=1")
	}
	for _, limit := range []string{"ulimit -t 1", "ulimit -St 1; ulimit -Ht 2"} {
		for _, w := range watchers {
			t.Run(w.name+" "+limit, func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, w.env)
				cmd := m.command(t, "cpu")
				cmd.Path, cmd.Args = "/bin/sh", []string{"sh", "-c", limit + `; exec "$0" "$@"`, m.bin, "cpu"}
				require.Equal(t, "signal: killed", testprogram.Run(t, cmd).State)
				m.untilNobodyWatches(t)
				m.run(t, "well")
				if w.name != "supervisor" { // which alone knows the time that was used
					require.Empty(t, m.events())
					return
				}
				require.Len(t, m.events(), 1)
				require.Equal(t, "SIGXCPU: the processor time is used up (RLIMIT_CPU)", m.events()[0].Title())
			})
		}
	}
}

// TestExitReports: log.Fatal is an event with the last lines of standard error.
func TestExitReports(t *testing.T) {
	t.Parallel()
	for how, title := range map[string]string{
		"fatal": "exit status 1: open database: password=[Filtered]: connection refused", "exit:3": "exit status 3",
		"exit:0": "", "return": "", "closed:1": "", "signal:15": "",
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t, "ENDS_SUPERVISOR=1", "ENDS_EXITS=1")
			o := m.run(t, how)
			if title == "" {
				require.Empty(t, m.events())
				return
			}
			require.Len(t, m.events(), 1)
			e := m.events()[0]
			require.Equal(t, title, e.Title())
			require.NotContains(t, string(e.Raw), "hunter2")
			require.Equal(t, "true", m.run(t, "well").word(t, "crashed"))
			if how != "fatal" {
				require.Nil(t, e.Contexts["standard_error"])
				return
			}
			require.Contains(t, o.Stderr, "starting, step 0\n")
			lines := strings.Split(e.Contexts["standard_error"]["last_lines"].(string), "\n")
			require.Len(t, lines, 20)
			require.Equal(t, "starting, step 11", lines[0])
			require.Empty(t, e.Fingerprint, "the server groups by the text")
		})
	}
}

// TestExitReportsWithoutMessages have no texts of the program.
func TestExitReportsWithoutMessages(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ENDS_SUPERVISOR=1", "ENDS_EXITS=1", "ENDS_WITHOUT_MESSAGES=1")
	m.run(t, "fatal")
	require.Len(t, m.events(), 1)
	require.Equal(t, "exit status 1", m.events()[0].Title())
	require.NotContains(t, string(m.events()[0].Raw), "starting")
}

// TestExitReportsNeedASupervisor: a monitor is no parent, so it has no exit status.
func TestExitReportsNeedASupervisor(t *testing.T) {
	t.Parallel()
	for _, env := range []string{"", "ENDS_MONITOR=1"} {
		o := newMachine(t, "ENDS_EXITS=1", env).run(t, "well")
		require.Equal(t, 65, o.Status)
		require.Contains(t, o.Stderr, "WithExitReports: nobody learns the exit status: add WithSupervisor")
	}
}

// TestExitReportsOfProcess1: there, a monitor is a supervisor.
func TestExitReportsOfProcess1(t *testing.T) {
	t.Parallel()
	m := newMachine(t, "ENDS_EXITS=1", "ENDS_MONITOR=1")
	require.Equal(t, 3, m.asPID1(t, "exit:3").Status)
	require.Len(t, m.events(), 1)
	require.Equal(t, "exit status 3", m.events()[0].Title())
}
