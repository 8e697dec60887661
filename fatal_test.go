//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let testdata/fatal die of what no recover can see.

var (
	fatalProgram          = fatalSource("0").Once()
	fatalProgramElsewhere = elsewhere(fatalSource("0")).Once()
	fatalInC              = fatalSource("1").Once()
	fatalInCElsewhere     = elsewhere(fatalSource("1")).Once()
)

// fatalSource is built without cgo where that is possible: with it, the runtime
// does not see deadlocks, and the C library aborts before it when there is no
// memory for a thread.
func fatalSource(cgo string) testprogram.Source {
	return testprogram.Source{Dir: "testdata/fatal", Env: []string{"CGO_ENABLED=" + cgo}}
}

// elsewhere is the same source in another folder, built as releases are.
func elsewhere(s testprogram.Source) testprogram.Source {
	s.Elsewhere, s.Flags = true, []string{"-trimpath"}
	return s
}

const fatalModule = "example.com/acme/fatal"

// fatalHousehold has testdata/fatal, without a spool.
func fatalHousehold(t *testing.T, env ...string) household {
	t.Helper()
	return householdOf(t, fatalProgram(t), env...)
}

// withSpool is the household with a directory for a spool.
func (h household) withSpool(t *testing.T) household {
	t.Helper()
	h.dir = t.TempDir()
	require.NoError(t, os.Chmod(h.dir, 0o700)) // as Init makes it
	return h
}

// nextStart runs the program once more: with the spool, it reports what the last
// run has left.
func (h household) nextStart(t *testing.T) {
	t.Helper()
	o := h.run(t, "none", "FATAL_RELEASE=next@2")
	require.Zero(t, o.Status, o.Stderr)
}

// events leaves out what a server does: an event that was sent again because the
// answer to the first attempt was not heard any more.
func (h household) events() []*sentrytest.Event { return once(h.server.Events()) }

func once(events []*sentrytest.Event) (distinct []*sentrytest.Event) {
	seen := map[string]bool{}
	for _, e := range events {
		if !seen[e.EventID] {
			distinct = append(distinct, e)
		}
		seen[e.EventID] = true
	}
	return distinct
}

// all matches every process of the household, whatever it is.
func (h household) all(environ string) bool { return strings.Contains(environ, h.dsn) }

// watching matches those that the library has given a role, which begins with
// role, but not what they have started.
func (h household) watching(role string) func(environ string) bool {
	return func(environ string) bool {
		return h.all(environ) && strings.Contains(environ, "PANICREPORT_MONITOR="+role) && !strings.Contains(environ, " below ")
	}
}

// alive returns the processes with a role that begins with role.
func (h household) alive(t *testing.T, role string) (pids []int) {
	t.Helper()
	return testprogram.Processes(t, h.watching(role))
}

// untilNobodyWatches waits until the monitors have ended.
func (h household) untilNobodyWatches(t *testing.T) {
	t.Helper()
	testprogram.UntilGone(t, h.watching(""))
}

// A patient is a program while it waits for its death.
type patient struct{ *testprogram.Process }

// waiting starts the program and returns when it is up.
func (h household) waiting(t *testing.T, env ...string) patient {
	t.Helper()
	return up(t, h.command(t, "wait", env...))
}

// up starts a program and returns when it says that it is up.
func up(t *testing.T, cmd *exec.Cmd, env ...string) patient {
	t.Helper()
	p := patient{testprogram.Start(t, cmd, env...)}
	require.Equal(t, "up", p.Line())
	return p
}

// dies lets the program die, and waits until it is dead.
func (p patient) dies(kind string) testprogram.Ending {
	p.Tell(kind)
	return p.End()
}

// A fatality is one way to die of the program.
type fatality struct {
	kind  string
	title string
	top   string // the innermost frame of the program's own
	quiet bool   // no frame at all: a signal from outside
	slow  bool   // takes a minute
	cgo   bool   // in a program with C
}

// needs skips what takes too long, or a compiler that is not there.
func (f fatality) needs(t *testing.T) {
	t.Helper()
	if f.slow && os.Getenv(stressed) == "" {
		t.Skip("takes minutes: with " + stressed + "=1")
	}
	if f.cgo {
		testprogram.Compiler(t)
	}
}

// program builds it, elsewhere with -trimpath and from another place.
func (f fatality) program(t *testing.T, elsewhere bool) string {
	t.Helper()
	return map[[2]bool]func(testing.TB) string{
		{false, false}: fatalProgram, {false, true}: fatalProgramElsewhere,
		{true, false}: fatalInC, {true, true}: fatalInCElsewhere,
	}[[2]bool{f.cgo, elsewhere}](t)
}

var fatalities = []fatality{
	{kind: "panic", title: "panic: boom", top: "main.init.func"},
	{kind: "runtime", title: "runtime error: index out of range [5] with length 0", top: "main.init.func"},
	{kind: "nil", title: "runtime error: invalid memory address or nil pointer dereference", top: "main.init.func"},
	{kind: "error", title: "panic: an error", top: "main.init.func"},
	{kind: "foreign", title: "panic: in a foreign goroutine", top: "main.init.func"},
	{kind: "timer", title: "panic: in a timer", top: "main.inTimer"},
	{kind: "again", title: "panic: again", top: "main.again"},
	{kind: "second", title: "panic: second", top: "main.init.func"},
	{kind: "decoy", title: "panic: decoy", top: "main.init.func"},
	{kind: "map", title: "fatal error: concurrent map writes", top: "main.concurrentMap.func1"},
	{kind: "unlock", title: "fatal error: sync: unlock of unlocked mutex", top: "main.init.func"},
	{kind: "overflow", title: "fatal error: stack overflow", top: "main.recursion"},
	{kind: "memory", title: "fatal error: out of memory", top: "main.outOfMemory"},
	// The runtime sees it only when the timer is over that crypto/rand starts and
	// stops at its first use, in the init of sentry-go: a minute.
	{kind: "deadlock", title: "fatal error: all goroutines are asleep - deadlock!", top: "main.init.func", slow: true},
	{kind: "address", title: "SIGSEGV: unexpected fault address 0xdead0000", top: "main.init.func"},
	{kind: "cgo", title: "SIGSEGV: segmentation violation", top: "main.inC", cgo: true},
	{kind: "sigquit", title: "SIGQUIT: quit", quiet: true},
	{kind: "sigabrt", title: "SIGABRT: abort", quiet: true},
}

// ways are those in which a death can be seen from outside.
var ways = []struct {
	name  string
	env   string
	spool bool
}{
	{name: "the next start", spool: true},
	{name: "the monitor", env: "FATAL_MONITOR=1"},
	{name: "the monitor", env: "FATAL_MONITOR=1", spool: true},
	{name: "the supervisor", env: "FATAL_SUPERVISOR=1"},
	{name: "the supervisor", env: "FATAL_SUPERVISOR=1", spool: true},
}

// TestDeathsThatNobodyRecovers: each one is exactly one report, guarded or not,
// however the program was built, whoever sees it, and the exit status is that of
// the program without the library.
func TestDeathsThatNobodyRecovers(t *testing.T) {
	t.Parallel()
	for _, f := range fatalities {
		t.Run(f.kind, func(t *testing.T) {
			t.Parallel()
			f.needs(t)
			for i, w := range ways {
				for form := range 4 {
					guarded, elsewhere := form&1 == 1, form&2 == 2
					if os.Getenv(stressed) == "" && (i%2 == 1) == (guarded == elsewhere) {
						continue // half of it: each way has either form of both
					}
					if f.slow && form != i%4 {
						continue
					}
					t.Run(fmt.Sprintf("%d %v %v", i, guarded, elsewhere), func(t *testing.T) {
						h := householdOf(t, f.program(t, elsewhere), w.env)
						if guarded {
							h.env = append(h.env, "FATAL_GUARDED=1")
						}
						if w.spool {
							h = h.withSpool(t)
						}
						status := 2
						if !f.slow {
							status = h.run(t, f.kind, "SENTRY_TEST_DSN=").Status // without the library
						}
						o := h.run(t, f.kind)
						require.Equal(t, status, o.Status, o.Stderr)
						require.Contains(t, o.Stderr, "goroutine ")
						if w.env == "" {
							h.nextStart(t)
						}
						h.server.Wait(1)
						h.untilNobodyWatches(t)
						requireFatality(t, f, h.events())
						crash := h.events()[0].Contexts["crash"]
						if !guarded {
							require.Equal(t, w.name, crash["seen_by"])
						}
						if f.kind == "foreign" {
							require.Regexp(t, `^main\.elsewhere at example\.com/acme/fatal/main\.go:\d+$`, crash["created_by"])
						}
						if w.spool {
							attempts := len(h.server.Attempts())
							h.nextStart(t)
							h.untilNobodyWatches(t)
							require.Len(t, h.server.Attempts(), attempts, "again at the next start")
						}
					})
				}
			}
		})
	}
}

// requireFatality holds what is true of every report of a death.
func requireFatality(t *testing.T, f fatality, events []*sentrytest.Event) {
	t.Helper()
	require.Len(t, events, 1)
	e := events[0]
	require.Equal(t, f.title, e.Title())
	require.Empty(t, e.Invalid)
	require.Equal(t, "fatal", e.Level)
	require.True(t, e.Unhandled())
	require.Less(t, len(e.Raw), 200_000)
	require.Empty(t, e.ServerName)
	require.Equal(t, "example.com-acme-fatal@(devel)", e.Release)
	require.Equal(t, f.kind, e.Tags["death"])
	require.Equal(t, "running", e.Tags["stage"])
	require.Equal(t, fatalModule, e.Tags["context.name"])
	require.NotContains(t, string(e.Raw), hostName(t))
	require.NotContains(t, string(e.Raw), workingDir(t))
	require.NotContains(t, string(e.Raw), testprogram.Scratch())
	if f.quiet {
		return
	}
	require.True(t, strings.HasPrefix(e.Culprit().Name(), f.top), e.Culprit().Name())
	require.Equal(t, fatalModule+"/"+map[bool]string{false: "main.go", true: "c.go"}[f.cgo], e.Culprit().Filename)
	for _, frame := range e.Frames() {
		require.Equal(t, frame.Module == "main" && frame.Function != "_Cfunc_fault", frame.InApp, frame.Name())
		require.NotEqual(t, "runtime", frame.Module)
		require.NotContains(t, frame.Function, "forged")
		require.Empty(t, frame.AbsPath)
	}
}

// TestSameFramesFromOutside: a panic that Recover reports, and the same one that
// only the crash file tells of.
func TestSameFramesFromOutside(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"panic", "runtime", "nil", "error", "again", "second"} {
		h := fatalHousehold(t).withSpool(t)
		h.run(t, kind, "FATAL_GUARDED=1")
		h.run(t, kind)
		h.nextStart(t)
		require.Len(t, h.server.Events(), 2, kind)
		inside, outside := h.server.Events()[0], h.server.Events()[1]
		require.Equal(t, inside.Title(), outside.Title())
		require.Equal(t, inside.Exception().ThreadID, outside.Exception().ThreadID)
		a, b := inside.Frames(), outside.Frames()
		// main calls a guarded death from another line.
		require.Equal(t, "main.main", a[0].Name())
		require.Equal(t, "main.main", b[0].Name())
		a[0].Lineno, b[0].Lineno = 0, 0
		require.Equal(t, withoutLines(a), withoutLines(b), kind)
	}
}

// TestOnceOverTheDeath: what Recover has reported and what then kills the process
// is one report, whatever became of the first attempt.
func TestOnceOverTheDeath(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		kind   string
		env    []string
		titles []string
	}{
		{name: "stored", kind: "panic", titles: []string{"panic: boom"}},
		{name: "no stack", kind: "panic", env: []string{"GOTRACEBACK=none"}, titles: []string{"panic: boom"}},
		{name: "different death", kind: "late", titles: []string{"panic: survived", "fatal error: sync: unlock of unlocked mutex"}},
		{name: "survived", kind: "survived", titles: []string{"panic: survived"}},
		{name: "exit", kind: "exit"},
		{name: "killed", kind: "sigkill"},
		{name: "terminated", kind: "sigterm"},
		{name: "no consent", kind: "map", env: []string{"FATAL_NO_CONSENT=1"}},
		{name: "do not track", kind: "map", env: []string{"DO_NOT_TRACK=1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := fatalHousehold(t, append(tt.env, "FATAL_GUARDED=1")...).withSpool(t)
			h.run(t, tt.kind)
			h.nextStart(t)
			h.nextStart(t)
			var titles []string
			for _, e := range h.server.Events() {
				titles = append(titles, e.Title())
			}
			require.Equal(t, tt.titles, titles)
		})
	}
}

func TestDeathInPrivate(t *testing.T) {
	t.Parallel()
	for without, title := range map[string]string{
		"":  "panic: login failed: password=[Filtered] for [email]",
		"1": "panic",
	} {
		h := fatalHousehold(t, "FATAL_WITHOUT_MESSAGES="+without).withSpool(t)
		h.run(t, "secret")
		h.nextStart(t)
		require.Len(t, h.server.Events(), 1)
		require.Equal(t, title, h.server.Events()[0].Title())
		require.NotContains(t, rawOf(t, h.server.Events()[0]), "hunter2")
	}
}

// TestTruncatedOutput: the process was killed while it wrote.
func TestTruncatedOutput(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t).withSpool(t)
	h.run(t, "map")
	files, err := filepath.Glob(filepath.Join(h.dir, "*crash*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NoError(t, os.Truncate(files[0], int64(strings.Index(string(text), "main.go")+3)))
	h.nextStart(t)
	require.Len(t, h.server.Events(), 1)
	require.NotEmpty(t, h.server.Events()[0].Contexts["crash"]["truncated"])
}
