//go:build linux

package sentry_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let testdata/fatal die of what no recover can see.

// A build of the program is made once.
type build func() (bin string, err error)

// made returns it, or fails the test.
func (b build) made(t *testing.T) string {
	t.Helper()
	bin, err := b()
	require.NoError(t, err)
	return bin
}

var (
	fatalProgram          = buildFatal("fatal", false)
	fatalProgramElsewhere = buildFatal("fatal-elsewhere", false, "-trimpath")
	fatalInC              = buildFatal("fatal-c", true)
	fatalInCElsewhere     = buildFatal("fatal-c-elsewhere", true, "-trimpath")
)

// buildFatal builds without cgo where it can: with it, the runtime does not see
// deadlocks, and the C library aborts before it when there is no memory for a
// thread. With flags, the source is a copy in another place.
func buildFatal(name string, cgo bool, flags ...string) build {
	return sync.OnceValues(func() (string, error) {
		dir, bin := "testdata/fatal", filepath.Join(scratch, name)
		if len(flags) > 0 {
			dir = filepath.Join(scratch, "quite", name)
			if err := os.CopyFS(dir, os.DirFS("testdata/fatal")); err != nil {
				return "", err
			}
			if err := replaceLibrary(dir); err != nil {
				return "", err
			}
		}
		cmd := exec.Command("go", append(append([]string{"build", "-o", bin}, flags...), ".")...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if cgo {
			cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", errors.New(strings.Join(cmd.Args, " ") + ": " + string(out))
		}
		return bin, nil
	})
}

// stressVariable asks for what takes long.
const stressVariable = "SENTRY_STRESS"

const fatalModule = "example.com/acme/fatal"

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
	if f.slow && os.Getenv(stressVariable) == "" {
		t.Skip("takes minutes: with " + stressVariable + "=1")
	}
	if _, err := exec.LookPath("gcc"); f.cgo && err != nil {
		t.Skip("without a C compiler: " + err.Error())
	}
}

// program builds it, elsewhere with -trimpath and from another place.
func (f fatality) program(t *testing.T, elsewhere bool) string {
	t.Helper()
	b := map[[2]bool]build{
		{false, false}: fatalProgram, {false, true}: fatalProgramElsewhere,
		{true, false}: fatalInC, {true, true}: fatalInCElsewhere,
	}[[2]bool{f.cgo, elsewhere}]
	return b.made(t)
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

// nextStart runs the program once more with the spool: it reports what the last
// run has left.
func nextStart(t *testing.T, bin string, server *sentrytest.Server, env ...string) {
	t.Helper()
	d := run(t, bin, "none", append(env, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_RELEASE=next@2")...)
	require.Zero(t, d.status, d.stderr)
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
					if os.Getenv(stressVariable) == "" && (i%2 == 1) == (guarded == elsewhere) {
						continue // half of it: each way has either form of both
					}
					if f.slow && form != i%4 {
						continue
					}
					t.Run(fmt.Sprintf("%d %v %v", i, guarded, elsewhere), func(t *testing.T) {
						bin := f.program(t, elsewhere)
						server := sentrytest.NewServer(t)
						env := []string{w.env}
						if guarded {
							env = append(env, "FATAL_GUARDED=1")
						}
						if w.spool {
							env = append(env, "FATAL_SPOOL="+t.TempDir())
						}
						status := 2
						if !f.slow {
							status = run(t, bin, f.kind, env...).status
						}
						env = append(env, "SENTRY_TEST_DSN="+server.DSN())
						d := run(t, bin, f.kind, env...)
						require.Equal(t, status, d.status, d.stderr)
						require.Contains(t, d.stderr, "goroutine ")
						if w.env == "" {
							nextStart(t, bin, server, env...)
						}
						server.Wait(1)
						untilNobodyWatches(t, server)
						events := once(server.Events())
						requireFatality(t, f, events)
						if !guarded {
							require.Equal(t, w.name, events[0].Contexts["crash"]["seen_by"])
						}
						if f.kind == "foreign" {
							require.Regexp(t, `^main\.elsewhere at example\.com/acme/fatal/main\.go:\d+$`, events[0].Contexts["crash"]["created_by"])
						}
						if w.spool {
							attempts := len(server.Attempts())
							nextStart(t, bin, server, env...)
							untilNobodyWatches(t, server)
							require.Len(t, server.Attempts(), attempts, "again at the next start")
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
	require.NotContains(t, string(e.Raw), scratch)
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
	bin := fatalProgram.made(t)
	for _, kind := range []string{"panic", "runtime", "nil", "error", "again", "second"} {
		server := sentrytest.NewServer(t)
		env := []string{"FATAL_SPOOL=" + t.TempDir(), "SENTRY_TEST_DSN=" + server.DSN()}
		run(t, bin, kind, append(env, "FATAL_GUARDED=1")...)
		run(t, bin, kind, env...)
		nextStart(t, bin, server, env...)
		require.Len(t, server.Events(), 2, kind)
		inside, outside := server.Events()[0], server.Events()[1]
		require.Equal(t, inside.Title(), outside.Title())
		require.Equal(t, inside.Exception().ThreadID, outside.Exception().ThreadID)
		a, b := inside.Frames(), outside.Frames()
		// main calls a guarded death from another line.
		require.Equal(t, "main.main", a[0].Name())
		require.Equal(t, "main.main", b[0].Name())
		a[0].Lineno, b[0].Lineno = 0, 0
		require.Equal(t, a, b, kind)
	}
}

// TestOnceOverTheDeath: what Recover has reported and what then kills the process
// is one report, whatever became of the first attempt.
func TestOnceOverTheDeath(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
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
			server := sentrytest.NewServer(t)
			env := append(tt.env, "FATAL_SPOOL="+t.TempDir(), "FATAL_GUARDED=1", "SENTRY_TEST_DSN="+server.DSN())
			run(t, bin, tt.kind, env...)
			nextStart(t, bin, server, env...)
			nextStart(t, bin, server, env...)
			var titles []string
			for _, e := range server.Events() {
				titles = append(titles, e.Title())
			}
			require.Equal(t, tt.titles, titles)
		})
	}
}

func TestDeathInPrivate(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for without, title := range map[string]string{
		"":  "panic: login failed: password=[Filtered] for [email]",
		"1": "panic",
	} {
		server := sentrytest.NewServer(t)
		env := []string{"FATAL_SPOOL=" + t.TempDir(), "SENTRY_TEST_DSN=" + server.DSN(), "FATAL_WITHOUT_MESSAGES=" + without}
		run(t, bin, "secret", env...)
		nextStart(t, bin, server, env...)
		require.Len(t, server.Events(), 1)
		require.Equal(t, title, server.Events()[0].Title())
		require.NotContains(t, string(server.Events()[0].Raw), "hunter2")
	}
}

func TestOtherGoroutinesAreThreads(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	env := []string{"FATAL_SPOOL=" + t.TempDir(), "SENTRY_TEST_DSN=" + server.DSN()}
	run(t, bin, "crowd", env...)
	nextStart(t, bin, server, env...)
	require.Len(t, server.Events(), 1)
	e := server.Events()[0]
	require.Less(t, len(e.Raw), 200_000)
	require.Len(t, e.Threads, 100)
	require.Equal(t, e.Exception().ThreadID, e.Threads[0].ID)
	require.True(t, e.Threads[0].Crashed)
	require.Equal(t, "main.crowd.func1", e.Threads[50].Stacktrace.Frames[0].Name())
	require.Greater(t, e.Contexts["crash"]["goroutines_left_out"], 150.0)
}

// TestTruncatedOutput: the process was killed while it wrote.
func TestTruncatedOutput(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	dir := t.TempDir()
	env := []string{"FATAL_SPOOL=" + dir, "SENTRY_TEST_DSN=" + server.DSN()}
	run(t, bin, "map", env...)
	files, err := filepath.Glob(filepath.Join(dir, "*crash*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NoError(t, os.Truncate(files[0], int64(strings.Index(string(text), "main.go")+3)))
	nextStart(t, bin, server, env...)
	require.Len(t, server.Events(), 1)
	require.NotEmpty(t, server.Events()[0].Contexts["crash"]["truncated"])
}

// once leaves out what a server does: an event that was sent again because the
// answer to the first attempt was not heard any more.
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

// alive returns the processes that have text in their environment, and the role
// variable of a monitor with that value.
func alive(t *testing.T, text, role string) (pids []int) {
	t.Helper()
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("without /proc, the monitor can not be found: " + err.Error())
	}
	dirs, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range dirs {
		environ, _ := os.ReadFile(filepath.Join(dir, "environ")) // of another user, or gone
		if strings.Contains(string(environ), " below ") {
			continue // something that one of them has started
		}
		if strings.Contains(string(environ), text) && strings.Contains(string(environ), "PANICREPORT_MONITOR="+role) {
			pid, err := strconv.Atoi(filepath.Base(dir))
			require.NoError(t, err)
			pids = append(pids, pid)
		}
	}
	return pids
}

// patience is for processes that start and end on a machine under load.
const patience = 20 * time.Second

// untilNobodyWatches waits until the monitors of a server's programs have ended.
func untilNobodyWatches(t *testing.T, server *sentrytest.Server) {
	t.Helper()
	require.Eventually(t, func() bool {
		for range 3 {
			// The launcher may end while this looks, and its monitor not be in the
			// list yet; for a moment, that has no environment.
			if len(alive(t, server.DSN(), "")) > 0 {
				return false
			}
		}
		return true
	}, patience, time.Millisecond)
}

func TestNoDeathNoReportOfTheMonitor(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for kind, n := range map[string]int{"none": 0, "exit": 0, "sigterm": 0, "sigkill": 0, "survived": 1, "late": 2, "panic": 1} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for _, spool := range []string{"", t.TempDir()} {
				server := sentrytest.NewServer(t)
				run(t, bin, kind, "FATAL_SPOOL="+spool, "FATAL_GUARDED=1", "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
				untilNobodyWatches(t, server)
				require.Len(t, once(server.Events()), n)
			}
		})
	}
}

// A patient is the program while it waits for its death.
type patient struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
}

func waiting(t *testing.T, bin string, env ...string) *patient {
	t.Helper()
	return start(t, exec.Command(bin, "wait"), env...)
}

// start returns when the program is up.
func start(t *testing.T, cmd *exec.Cmd, env ...string) *patient {
	t.Helper()
	p := &patient{cmd: cmd}
	cmd.Env = append(cleanEnvironment(), env...)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	p.stdout = bufio.NewReader(stdout)
	p.stdin, err = cmd.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	require.Equal(t, "up", p.says(t))
	return p
}

// says returns the next line.
func (p *patient) says(t *testing.T) string {
	t.Helper()
	line, err := p.stdout.ReadString('\n')
	require.NoError(t, err)
	return strings.TrimRight(line, "\n")
}

// die lets the program die, and returns its status.
func (p *patient) die(t *testing.T, kind string) int {
	t.Helper()
	_, err := p.stdin.Write([]byte(kind + "\n"))
	require.NoError(t, err)
	return p.end(t)
}

// end waits until the program has ended.
func (p *patient) end(t *testing.T) (status int) {
	t.Helper()
	timer := time.AfterFunc(deathWait, func() { _ = p.cmd.Process.Kill() })
	_ = p.cmd.Wait()
	require.True(t, timer.Stop(), "it does not end")
	return p.cmd.ProcessState.ExitCode()
}

// monitorOf waits until the monitor is up.
func monitorOf(t *testing.T, server *sentrytest.Server) (pid int) {
	t.Helper()
	require.Eventually(t, func() bool {
		pids := alive(t, server.DSN(), "monitor")
		if len(pids) == 1 {
			pid = pids[0]
		}
		return pid != 0
	}, patience, time.Millisecond)
	return pid
}

// TestMonitorThatIsKilled: the program does not notice, and with a spool the next
// start reports.
func TestMonitorThatIsKilled(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, spool := range []string{"", t.TempDir()} {
		server := sentrytest.NewServer(t)
		env := []string{"FATAL_SPOOL=" + spool, "SENTRY_TEST_DSN=" + server.DSN(), "FATAL_MONITOR=1"}
		p := waiting(t, bin, env...)
		require.NoError(t, syscall.Kill(monitorOf(t, server), syscall.SIGKILL))
		untilNobodyWatches(t, server)
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", p.cmd.Process.Pid))
		require.NoError(t, err)
		require.Empty(t, string(children), "a zombie")
		require.Equal(t, 2, p.die(t, "map"))
		require.Empty(t, server.Attempts())
		if spool != "" {
			nextStart(t, bin, server, env...)
			untilNobodyWatches(t, server)
			require.Len(t, server.Events(), 1)
			require.Equal(t, "fatal error: concurrent map writes", server.Events()[0].Title())
		}
	}
}

// TestMonitorThatDoesNotRead can not hold a program whose last words are longer
// than a pipe, and tells of it when it reads again.
func TestMonitorThatDoesNotRead(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
	monitor := monitorOf(t, server)
	require.NoError(t, syscall.Kill(monitor, syscall.SIGSTOP))
	require.Equal(t, 2, p.die(t, "throng"))
	require.NoError(t, syscall.Kill(monitor, syscall.SIGCONT))
	e := server.Wait(1)[0]
	require.Equal(t, "panic: in a throng", e.Title())
	require.Equal(t, "main.throng", e.Culprit().Name())
	require.Len(t, e.Threads, 100)
}

// TestMonitorIsDeaf to what ends a program: it is for all processes of that name.
func TestMonitorIsDeaf(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
	monitor := monitorOf(t, server)
	untilSettled(t, monitor)
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2} {
		require.NoError(t, syscall.Kill(monitor, sig))
	}
	require.Equal(t, 2, p.die(t, "map"))
	require.Equal(t, "fatal error: concurrent map writes", server.Wait(1)[0].Title())
}

// TestMonitorThatIsAskedToEnd when its program is dead does not try for long.
func TestMonitorThatIsAskedToEnd(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
	monitor := monitorOf(t, server)
	untilSettled(t, monitor)
	server.Down()
	require.NoError(t, syscall.Kill(monitor, syscall.SIGTERM)) // as a service manager does to all
	require.Equal(t, 2, p.die(t, "map"))
	untilNobodyWatches(t, server)
}

// untilSettled waits until a monitor has nothing more to do.
func untilSettled(t *testing.T, monitor int) {
	t.Helper()
	require.Eventually(t, func() bool {
		dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", monitor))
		return err == nil && dir == "/"
	}, patience, time.Millisecond)
}

// TestProgramThatIsNotWhatItWas at its start: the monitor and the supervisor are
// that program, whatever became of its file and its arguments.
func TestProgramThatIsNotWhatItWas(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, before := range []string{"remove", "rename", "args"} {
		for _, way := range []string{"FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
			t.Run(before+" "+way, func(t *testing.T) {
				t.Parallel()
				server := sentrytest.NewServer(t)
				moved := filepath.Join(t.TempDir(), "moved-away-from-here")
				content, err := os.ReadFile(bin)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(moved, content, 0o700))
				p := waiting(t, moved, "FATAL_BEFORE="+before, "SENTRY_TEST_DSN="+server.DSN(), way)
				if way == "FATAL_MONITOR=1" {
					file := fmt.Sprintf("/proc/%d/comm", monitorOf(t, server))
					require.Eventually(t, func() bool {
						comm, err := os.ReadFile(file) // what ps shows
						return err == nil && string(comm) == "moved-away-from\n"
					}, patience, time.Millisecond)
				}
				require.Equal(t, 2, p.die(t, "map"))
				require.Equal(t, "fatal error: concurrent map writes", server.Wait(1)[0].Title())
				untilNobodyWatches(t, server)
				require.Len(t, once(server.Events()), 1)
			})
		}
	}
}

// TestLostAnswer: the monitor sends again what the program could not know to have
// been accepted, and it is the same event.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.LoseAnswer(), sentrytest.LoseAnswer(), sentrytest.Accept())
	run(t, bin, "panic", "FATAL_GUARDED=1", "FATAL_FLUSH_TIMEOUT=100ms", "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
	untilNobodyWatches(t, server)
	require.Greater(t, len(server.Attempts()), 1)
	require.Len(t, once(server.Events()), 1)
}

// TestManyDieAtOnce with one spool, each with a monitor: every death is reported,
// and the next start has nothing to add.
func TestManyDieAtOnce(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	const programs = 40 // more than the spool keeps reports
	for _, way := range []string{"FATAL_MONITOR=1", ""} {
		server := sentrytest.NewServer(t)
		env := []string{"FATAL_SPOOL=" + t.TempDir(), "SENTRY_TEST_DSN=" + server.DSN(), way}
		var patients []*patient
		for range programs {
			patients = append(patients, waiting(t, bin, env...))
		}
		for _, p := range patients {
			_, err := p.stdin.Write([]byte("map\n"))
			require.NoError(t, err)
		}
		for _, p := range patients {
			require.Equal(t, 2, p.end(t))
		}
		untilNobodyWatches(t, server)
		nextStart(t, bin, server, env...)
		untilNobodyWatches(t, server)
		require.Len(t, once(server.Events()), programs)
	}
}

// TestFurtherInit holds for the monitor, too, which comes to the first.
func TestFurtherInit(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, spool := range []string{"", t.TempDir()} {
		for _, way := range []string{"FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
			first, second := sentrytest.NewServer(t), sentrytest.NewServer(t)
			run(t, bin, "secret", "SENTRY_TEST_DSN="+first.DSN(), "FATAL_SECOND_DSN="+second.DSN(), "FATAL_SPOOL="+spool, way)
			require.Equal(t, "panic", second.Wait(1)[0].Title())
			untilNobodyWatches(t, first)
			require.Len(t, once(second.Events()), 1)
			require.Empty(t, first.Attempts())
		}
	}
}

// TestSamePlaceTwice: a panic that was reported and survived says nothing of one
// that differs in its outer frames only.
func TestSamePlaceTwice(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	run(t, bin, "deep", "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
	untilNobodyWatches(t, server)
	require.Len(t, once(server.Events()), 2)
}

// TestReportedFromTheDeep is not reported again, though its text has not the whole
// stack.
func TestReportedFromTheDeep(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	run(t, bin, "abyss", "FATAL_GUARDED=1", "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
	untilNobodyWatches(t, server)
	require.Len(t, server.Events(), 1)
	require.Empty(t, server.Events()[0].Contexts["crash"])
}

// TestMonitorWithADeadNetwork tries again.
func TestMonitorWithADeadNetwork(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
	monitorOf(t, server)
	server.Down()
	require.Equal(t, 2, p.die(t, "map"))
	require.NoError(t, server.Up())
	require.Equal(t, "fatal error: concurrent map writes", server.Wait(1)[0].Title())
	untilNobodyWatches(t, server)
	require.Len(t, once(server.Events()), 1)
}

// TestDeadNetworkAndASpool: what neither the program nor its monitor could send,
// the next start does.
func TestDeadNetworkAndASpool(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, way := range []string{"", "FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
		server := sentrytest.NewServer(t)
		env := []string{way, "FATAL_SPOOL=" + t.TempDir(), "SENTRY_TEST_DSN=" + server.DSN(), "FATAL_FLUSH_TIMEOUT=100ms"}
		server.Down()
		require.Equal(t, 2, run(t, bin, "map", env...).status)
		require.Eventually(t, func() bool {
			found := processesOf(t, server.DSN()) // the monitor would try for a while
			for _, pid := range found {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			return len(found) == 0
		}, patience, time.Millisecond)
		require.NoError(t, server.Up())
		nextStart(t, bin, server, env...)
		untilNobodyWatches(t, server)
		require.Len(t, once(server.Events()), 1)
		require.Equal(t, "fatal error: concurrent map writes", server.Events()[0].Title())
		require.Equal(t, "example.com-acme-fatal@(devel)", server.Events()[0].Release)
	}
}

// TestOneProgram: whatever it does before Init, there is one that comes past it.
func TestOneProgram(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, before := range []string{"", "stdin", "daemon", "exec", "helper", "null", "silent"} {
		for _, way := range []string{"FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
			t.Run(before+" "+way, func(t *testing.T) {
				t.Parallel()
				server := sentrytest.NewServer(t)
				log := filepath.Join(t.TempDir(), "log")
				cmd := exec.Command(bin, "map")
				output, err := os.Create(filepath.Join(t.TempDir(), "output"))
				require.NoError(t, err)
				defer output.Close()
				cmd.Stdout = output // and no device
				cmd.Env = append(cleanEnvironment(), "SENTRY_TEST_DSN="+server.DSN(), "FATAL_LOG="+log, "FATAL_BEFORE="+before, way)
				_ = cmd.Run()
				require.Eventually(t, func() bool { return len(processesOf(t, server.DSN())) == 0 }, patience, time.Millisecond)
				text, err := os.ReadFile(log)
				require.NoError(t, err)
				require.Equal(t, 1, strings.Count(string(text), "up\n"), string(text))
				require.LessOrEqual(t, len(once(server.Events())), 1)
				if before != "daemon" && before != "exec" && before != "null" && !strings.HasPrefix(before, "silent") {
					require.Len(t, server.Events(), 1)
				}
			})
		}
	}
}

// TestPrivilegedProgram obeys nobody's variables, so it can not have a second
// process, and says so.
func TestPrivilegedProgram(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give a program to somebody else")
	}
	bin := fatalProgram.made(t)
	content, err := os.ReadFile(bin)
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "sentry-privileged-") // everybody may look into it
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var place syscall.Statfs_t
	require.NoError(t, syscall.Statfs(dir, &place))
	if place.Flags&unix.ST_NOSUID != 0 {
		t.Skip("no setuid programs in " + os.TempDir())
	}
	require.NoError(t, os.Chmod(dir, 0o777))
	other := filepath.Join(dir, "other")
	require.NoError(t, os.WriteFile(other, content, 0o700))
	const nobody = 65534
	require.NoError(t, os.Chown(other, nobody, nobody))
	require.NoError(t, os.Chmod(other, 0o755|os.ModeSetuid))
	for _, way := range []string{"FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
		d := run(t, other, "none", "SENTRY_TEST_DSN="+sentrytest.NewServer(t).DSN(), "FATAL_LOG="+filepath.Join(dir, "log"), way)
		require.Equal(t, 65, d.status, d.stderr)
		require.Contains(t, d.stderr, "this program can not start itself again: it runs with the rights of its file")
	}
}

// processesOf are all that have text in their environment, whoever they are.
func processesOf(t *testing.T, text string) (pids []int) {
	t.Helper()
	for range 3 { // as in untilNobodyWatches
		files, err := filepath.Glob("/proc/[0-9]*/environ")
		require.NoError(t, err)
		for _, file := range files {
			if environ, _ := os.ReadFile(file); strings.Contains(string(environ), text) {
				pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
				require.NoError(t, err)
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// TestNoRecursion: there is one monitor, and what the program starts is none.
func TestNoRecursion(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, way := range []string{"FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
		server := sentrytest.NewServer(t)
		p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_CHILD=1", way)
		if way == "FATAL_MONITOR=1" {
			monitorOf(t, server)
		}
		require.Len(t, alive(t, server.DSN(), ""), 1)
		begin := time.Now()
		require.Equal(t, 2, p.die(t, "map"))
		require.Equal(t, "fatal error: concurrent map writes", server.Wait(1)[0].Title())
		require.Less(t, time.Since(begin), patience)
		untilNobodyWatches(t, server)
		require.Len(t, once(server.Events()), 1)
	}
}

// TestMonitorOwnsNothing of the program but the pipe.
func TestMonitorOwnsNothing(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	cmd := exec.Command(bin, "wait")
	lock, err := os.Create(filepath.Join(t.TempDir(), "lock"))
	require.NoError(t, err)
	cmd.ExtraFiles = []*os.File{lock}
	p := start(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1", "GOGC=off", "GOMEMLIMIT=1GiB")
	require.Contains(t, descriptorsOf(t, p.cmd.Process.Pid), "3")
	pid := monitorOf(t, server)
	untilSettled(t, pid)
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	require.NoError(t, err)
	require.NotContains(t, string(environ), "GOGC=")
	require.NotContains(t, string(environ), "GOMEMLIMIT=")
	session, _, errno := syscall.Syscall(syscall.SYS_GETSID, uintptr(pid), 0, 0)
	require.Zero(t, errno)
	own, _, errno := syscall.Syscall(syscall.SYS_GETSID, uintptr(p.cmd.Process.Pid), 0, 0)
	require.Zero(t, errno)
	require.NotEqual(t, own, session)
	for fd, target := range descriptorsOf(t, pid) {
		require.True(t, fd != "1" && fd != "2" || target == "/dev/null", target)
		require.NotEqual(t, lock.Name(), target)
		for own, ours := range descriptorsOf(t, p.cmd.Process.Pid) {
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
	require.Zero(t, p.die(t, "none"))
	untilNobodyWatches(t, server)
	require.Empty(t, server.Attempts())
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
	bin := fatalProgram.made(t)
	deaths := 24
	if os.Getenv(stressVariable) != "" {
		deaths = 1000
	}
	server := sentrytest.NewServer(t)
	env := []string{"FATAL_SPOOL=" + t.TempDir(), "SENTRY_TEST_DSN=" + server.DSN(), "FATAL_MONITOR=1"}
	kinds := []string{"map", "foreign", "unlock", "panic", "runtime"}
	died := map[string]bool{} // by itself
	for n := range deaths {
		release := fmt.Sprintf("row@%d", n)
		p := waiting(t, bin, append(env, "FATAL_RELEASE="+release, "FATAL_GUARDED="+[]string{"", "1"}[n%2])...)
		var killers sync.WaitGroup
		if n%3 > 0 {
			killers.Go(func() {
				atRandom()
				for _, pid := range alive(t, server.DSN(), "") {
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
				_ = p.cmd.Process.Kill()
			})
		}
		status := p.die(t, kinds[n%len(kinds)])
		killers.Wait()
		died[release] = status == 2
		require.True(t, status == 2 || n%7 == 0, status)
	}
	untilNobodyWatches(t, server)
	nextStart(t, bin, server, env...)
	untilNobodyWatches(t, server)
	reports := map[string]int{}
	for _, e := range once(server.Events()) {
		reports[e.Release]++
	}
	for release, itself := range died {
		if itself {
			require.Equal(t, 1, reports[release], release)
		}
		require.LessOrEqual(t, reports[release], 1, release)
	}
}

// atRandom is a moment of the life or the death of a program.
func atRandom() { <-time.After(time.Duration(rand.Int64N(int64(30 * time.Millisecond)))) }

// hostProgram loads the library, and is no Go program.
const hostProgram = `
#include <string.h>
#include "libfatal.h"
int main(int argc, char **argv) {
	if (Start() != 0) return 65;
	if (strcmp(argv[1], "die") == 0) Die();
	Stop();
	return 0;
}
`

// TestLibraryInAProgramInC: its executable is not ours to start, so the file
// serves, or Init says that there is none.
func TestLibraryInAProgramInC(t *testing.T) {
	t.Parallel()
	if os.Getenv(stressVariable) == "" {
		t.Skip("builds the standard library as shared: with " + stressVariable + "=1")
	}
	if _, err := exec.LookPath("gcc"); err != nil {
		t.Skip("without a C compiler: " + err.Error())
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-buildmode=c-shared", "-o", filepath.Join(dir, "libfatal.so"), "./library")
	build.Dir = "testdata/fatal"
	build.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "host.c"), []byte(hostProgram), 0o600))
	host := filepath.Join(dir, "host")
	out, err = exec.Command("gcc", "-o", host, "-I", dir, filepath.Join(dir, "host.c"), "-L", dir, "-lfatal", "-Wl,-rpath,"+dir).CombinedOutput()
	require.NoError(t, err, string(out))

	server := sentrytest.NewServer(t)
	env := []string{"FATAL_SPOOL=" + filepath.Join(dir, "spool"), "SENTRY_TEST_DSN=" + server.DSN()}
	require.NotZero(t, run(t, host, "die", env...).status)
	require.Empty(t, alive(t, server.DSN(), ""))
	require.Zero(t, run(t, host, "live", env...).status)
	require.Len(t, server.Events(), 1)
	require.Equal(t, "panic: in the library", server.Events()[0].Title())
	require.True(t, server.Events()[0].Top().InApp)

	d := run(t, host, "live", "SENTRY_TEST_DSN="+server.DSN())
	require.Equal(t, 65, d.status)
	require.Contains(t, d.stderr, "WithCrashMonitor: start crash monitor: this program can not start itself again: it is built as c-shared")
}
