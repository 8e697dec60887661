//go:build linux

package sentry_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let testdata/fatal run under a supervisor: nobody
// should see a difference until it dies.

func TestNoDeathNoReportOfTheSupervisor(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for kind, n := range map[string]int{"none": 0, "exit": 0, "sigterm": 0, "sigkill": 0, "survived": 1} {
		server := sentrytest.NewServer(t)
		without := run(t, bin, kind)
		d := run(t, bin, kind, "FATAL_GUARDED=1", "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
		require.Equal(t, without.status, d.status, kind)
		require.Empty(t, d.stderr, kind)
		require.Len(t, once(server.Events()), n, kind)
	}
}

// TestSignalsReachTheProgram through the supervisor, which ends in the same way.
func TestSignalsReachTheProgram(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for sig, title := range map[syscall.Signal]string{
		syscall.SIGTERM: "", syscall.SIGINT: "", syscall.SIGHUP: "", syscall.SIGQUIT: "SIGQUIT: quit",
	} {
		if signal.Ignored(sig) {
			continue // under nohup, or in the background of a script: a program inherits that
		}
		server := sentrytest.NewServer(t)
		plain := waiting(t, bin)
		require.NoError(t, plain.cmd.Process.Signal(sig))
		_ = plain.cmd.Wait()
		p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
		require.NoError(t, p.cmd.Process.Signal(sig))
		_ = p.cmd.Wait()
		require.Equal(t, plain.cmd.ProcessState.String(), p.cmd.ProcessState.String())
		if title == "" {
			require.Empty(t, server.Attempts())
		} else {
			require.Len(t, server.Events(), 1)
			require.Equal(t, title, server.Events()[0].Title())
		}
	}
}

// asPID1 runs a program as the first process of a namespace.
func asPID1(t *testing.T, bin string, args ...string) *exec.Cmd {
	t.Helper()
	unshare := []string{"--pid", "--fork", "--mount-proc"}
	if out, err := exec.Command("unshare", append(unshare, "true")...).CombinedOutput(); err != nil {
		t.Skip("no namespaces here: " + string(out))
	}
	return exec.Command("unshare", append(append(unshare, bin), args...)...)
}

// TestDeathOfPID1: the kernel kills everything in the namespace with it.
func TestDeathOfPID1(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for kind, status := range map[string]int{"map": 2, "exit": 3, "none": 0, "sigterm": 128 + 15} {
		server := sentrytest.NewServer(t)
		cmd := asPID1(t, bin, kind)
		cmd.Env = append(cleanEnvironment(), "SENTRY_TEST_DSN="+server.DSN(), "FATAL_MONITOR=1")
		out, _ := cmd.CombinedOutput()
		require.Equal(t, status, cmd.ProcessState.ExitCode(), string(out))
		if kind != "map" {
			require.Empty(t, server.Attempts(), kind)
			continue
		}
		require.Len(t, server.Events(), 1, string(out))
		require.Equal(t, "fatal error: concurrent map writes", server.Events()[0].Title())
	}
}

// TestStopAndContinue: the program stops and goes on as its supervisor is told.
func TestStopAndContinue(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	cmd := exec.Command(bin, "wait")
	// An orphaned group, as that of a test in the background, ignores SIGTSTP.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := start(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	program := alive(t, server.DSN(), "supervised")
	require.Len(t, program, 1)
	stopped := func(want bool) func() bool {
		return func() bool { return isStopped(program[0]) == want }
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTSTP))
	require.Eventually(t, stopped(true), patience, time.Millisecond)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGCONT))
	require.Eventually(t, stopped(false), patience, time.Millisecond)
	require.Equal(t, 2, p.die(t, "map"))
	require.Len(t, server.Events(), 1)
}

// TestSignalsThatTheProgramHandles arrive once each, in order.
func TestSignalsThatTheProgramHandles(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	p := start(t, exec.Command(bin, "signals"), "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGUSR1, syscall.SIGTERM} {
		require.NoError(t, p.cmd.Process.Signal(sig))
		require.Equal(t, sig.String(), p.says(t))
	}
	require.NoError(t, p.cmd.Wait())
	require.Empty(t, server.Attempts())
}

// TestExitOfACrash: with GOTRACEBACK=crash, the runtime lets the kernel end it.
func TestExitOfACrash(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	plain := start(t, exec.Command(bin, "wait"), "GOTRACEBACK=crash")
	plain.die(t, "map")
	require.Contains(t, plain.cmd.ProcessState.String(), "signal: aborted")
	p := start(t, exec.Command(bin, "wait"), "GOTRACEBACK=crash", "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	p.die(t, "map")
	require.Contains(t, p.cmd.ProcessState.String(), "signal: aborted")
	require.Len(t, server.Events(), 1)
	require.Equal(t, "fatal error: concurrent map writes", server.Events()[0].Title())
}

// TestForgedWords: what the program writes to standard error is not what the
// runtime says of its end.
func TestForgedWords(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, without := range []string{"", "1"} {
		server := sentrytest.NewServer(t)
		run(t, bin, "forged", "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1", "FATAL_WITHOUT_MESSAGES="+without)
		require.Len(t, server.Events(), 1)
		require.Equal(t, "fatal error: concurrent map writes", server.Events()[0].Title())
		require.Empty(t, server.Events()[0].Contexts["crash"]["inferred"], "heard in the middle of a line")
	}
}

// TestWhoAsksItToEnd does not wait for a server that does not answer.
func TestWhoAsksItToEnd(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Never())
	p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1", "FATAL_FLUSH_TIMEOUT=10m")
	_, err := p.stdin.Write([]byte("map\n"))
	require.NoError(t, err)
	server.WaitAttempts(1)
	again := time.NewTicker(50 * time.Millisecond) // the first may be taken for what ended the program
	defer again.Stop()
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-again.C:
				_ = p.cmd.Process.Signal(syscall.SIGTERM)
			case <-ended:
				return
			}
		}
	}()
	require.Equal(t, 2, p.end(t))
	close(ended)
}

// TestStopAndContinueAtOnce leaves nobody stopped, whatever comes first.
func TestStopAndContinueAtOnce(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for n := range 20 {
		server := sentrytest.NewServer(t)
		cmd := exec.Command(bin, "wait")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		p := start(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
		to := []int{cmd.Process.Pid, -cmd.Process.Pid}[n%2]
		require.NoError(t, syscall.Kill(to, syscall.SIGTSTP))
		if n%4 > 1 {
			<-time.After(time.Duration(n) * time.Millisecond) // on its way
		}
		require.NoError(t, syscall.Kill(to, syscall.SIGCONT))
		require.Equal(t, 2, p.die(t, "map"))
		require.Len(t, server.Events(), 1)
	}
}

// TestExitIsNotHeld by a report that waits in the spool for a better network.
func TestExitIsNotHeld(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	server.Down()
	env := []string{"SENTRY_TEST_DSN=" + server.DSN(), "FATAL_SUPERVISOR=1", "FATAL_SPOOL=" + t.TempDir()}
	require.Equal(t, 2, run(t, bin, "map", append(env, "FATAL_FLUSH_TIMEOUT=100ms")...).status)
	require.Equal(t, 3, run(t, bin, "exit", append(env, "FATAL_FLUSH_TIMEOUT=10m")...).status)
}

// TestIgnoredSignals stay so, as under nohup.
func TestIgnoredSignals(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	cmd := exec.Command("sh", "-c", "trap '' HUP INT; exec $0 wait", bin)
	p := start(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGHUP))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGINT))
	require.Equal(t, 2, p.die(t, "map"))
	require.Len(t, server.Events(), 1)
}

// TestGroup: what is sent to the group of the program is for its children, too.
func TestGroup(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		server := sentrytest.NewServer(t)
		cmd := exec.Command(bin, "parent")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		p := start(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
		require.NoError(t, syscall.Kill(-cmd.Process.Pid, sig))
		p.end(t)
		require.Eventually(t, func() bool { return len(processesOf(t, server.DSN())) == 0 }, patience, time.Millisecond)
	}
}

// TestHeir of the program's standard error does not hold the supervisor.
func TestHeir(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	begin := time.Now()
	require.Zero(t, run(t, bin, "heir", "SENTRY_TEST_DSN="+sentrytest.NewServer(t).DSN(), "FATAL_SUPERVISOR=1").status)
	require.Less(t, time.Since(begin), 8*time.Second, "it chatters for ten")
}

// TestStuckStandardError delays the end of a program that is to end, but does not
// prevent it.
func TestStuckStandardError(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	cmd := exec.Command(bin, "wait")
	cmd.Stderr = w
	p := start(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	_, err = p.stdin.Write([]byte("chatter\n"))
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 1)) // it has begun, and is not read any more
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	p.end(t)
	require.Equal(t, "signal: terminated", p.cmd.ProcessState.String())
}

// TestLateInitOfPID1 makes no supervisor of what has begun to be the program.
func TestLateInitOfPID1(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	log := filepath.Join(t.TempDir(), "log")
	cmd := asPID1(t, bin, "exit")
	cmd.Env = append(cleanEnvironment(), "SENTRY_TEST_DSN="+sentrytest.NewServer(t).DSN(), "FATAL_BEFORE=silent", "FATAL_LOG="+log, "FATAL_MONITOR=1")
	out, _ := cmd.CombinedOutput()
	require.Equal(t, 3, cmd.ProcessState.ExitCode(), string(out))
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), "up\n"), string(text))
}

// TestUpgradeInPlace adds no supervisor each time.
func TestUpgradeInPlace(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	for _, way := range []string{"FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
		server := sentrytest.NewServer(t)
		p := start(t, exec.Command(bin, "upgrade"), "SENTRY_TEST_DSN="+server.DSN(), "FATAL_UPGRADES=4", way)
		require.Eventually(t, func() bool {
			pids := map[int]bool{}
			for _, pid := range processesOf(t, server.DSN()) {
				pids[pid] = true
			}
			return len(pids) <= 3 // a supervisor, the program, a monitor
		}, patience, time.Millisecond)
		require.NoError(t, p.cmd.Process.Kill())
		p.end(t)
		require.Empty(t, server.Attempts())
	}
}

// TestProgramThatIsStoppedByItsNumber goes on in the same way.
func TestProgramThatIsStoppedByItsNumber(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	program := alive(t, server.DSN(), "supervised")
	require.Len(t, program, 1)
	require.NoError(t, syscall.Kill(program[0], syscall.SIGSTOP))
	require.Eventually(t, func() bool { return isStopped(program[0]) }, patience, time.Millisecond)
	require.NoError(t, syscall.Kill(program[0], syscall.SIGCONT))
	require.Equal(t, 2, p.die(t, "map"))
	require.Len(t, server.Events(), 1)
}

func isStopped(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") T ")
}

// TestKilledSupervisor: who kills it means the program.
func TestKilledSupervisor(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	p := waiting(t, bin, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	require.Len(t, alive(t, server.DSN(), "supervised"), 1)
	require.NoError(t, p.cmd.Process.Kill())
	untilNobodyWatches(t, server)
	_ = p.cmd.Wait()
}

// TestOrphansAreReaped by PID 1, whose children they become.
func TestOrphansAreReaped(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	cmd := asPID1(t, bin, "orphan")
	cmd.Env = append(cleanEnvironment(), "SENTRY_TEST_DSN="+sentrytest.NewServer(t).DSN(), "FATAL_MONITOR=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
}

// TestInheritedDescriptors reach the program: the sockets of systemd, and its
// number instead of ours.
func TestInheritedDescriptors(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	cmd := exec.Command("sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" listen", bin)
	cmd.ExtraFiles = []*os.File{w}
	cmd.Env = append(cleanEnvironment(), "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
	require.NoError(t, cmd.Start())
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "here\n", line)
	require.NoError(t, cmd.Wait())
}

// TestStandardErrorUnderTheSupervisor is the program's in every byte. What is
// standard output as well stays so.
func TestStandardErrorUnderTheSupervisor(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	for _, env := range [][]string{nil, {"SENTRY_TEST_DSN=" + server.DSN(), "FATAL_SUPERVISOR=1"}} {
		d := run(t, bin, "chatter", env...)
		require.Zero(t, d.status)
		require.Equal(t, strings.Repeat("\x00\xff no line ", 100_000), d.stderr)
		cmd := exec.Command(bin, "both")
		cmd.Env = append(cleanEnvironment(), env...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err)
		require.Equal(t, strings.Repeat("out\nerr\n", 1000), string(out))
	}
	require.Empty(t, server.Attempts())
}

// TestStandardErrorThatNobodyReads ends the program as it would without us.
func TestStandardErrorThatNobodyReads(t *testing.T) {
	t.Parallel()
	bin := fatalProgram.made(t)
	server := sentrytest.NewServer(t)
	for _, env := range [][]string{nil, {"SENTRY_TEST_DSN=" + server.DSN(), "FATAL_SUPERVISOR=1"}} {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, r.Close())
		cmd := exec.Command(bin, "chatter")
		cmd.Env, cmd.Stderr = append(cleanEnvironment(), env...), w
		require.Error(t, cmd.Run())
		w.Close()
		require.Equal(t, "signal: broken pipe", cmd.ProcessState.String())
	}
}

// A screen is the far end of a terminal.
type screen struct {
	file *os.File
	name string
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	file, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no terminals here: " + err.Error())
	}
	t.Cleanup(func() { _ = file.Close() })
	s := &screen{file: file}
	s.control(t, func(fd int) error {
		n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
		s.name = fmt.Sprintf("/dev/pts/%d", n)
		return err
	})
	s.control(t, func(fd int) error { return unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0) })
	return s
}

// control keeps the file in the poller, so that closing it ends a Read.
func (s *screen) control(t *testing.T, f func(fd int) error) {
	t.Helper()
	conn, err := s.file.SyscallConn()
	require.NoError(t, err)
	var failure error
	require.NoError(t, conn.Control(func(fd uintptr) { failure = f(int(fd)) }))
	require.NoError(t, failure)
}

// A viewer is what runs on a screen.
type viewer struct {
	*screen
	cmd   *exec.Cmd
	lines *bufio.Reader
}

// view runs a program in the terminal, in a session of its own.
func (s *screen) view(t *testing.T, cmd *exec.Cmd, env ...string) *viewer {
	t.Helper()
	tty, err := os.OpenFile(s.name, os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	defer tty.Close()
	cmd.Env = append(cleanEnvironment(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return &viewer{screen: s, cmd: cmd, lines: bufio.NewReader(s.file)}
}

// until reads up to a line.
func (v *viewer) until(t *testing.T, want string) {
	t.Helper()
	var all strings.Builder
	timer := time.AfterFunc(patience, func() { _ = v.file.Close() })
	defer timer.Stop()
	for {
		line, err := v.lines.ReadString('\n')
		all.WriteString(line)
		require.NoError(t, err, "there is no %q in %q", want, all.String())
		if strings.TrimRight(line, "\r\n") == want {
			return
		}
	}
}

func (v *viewer) write(t *testing.T, text string) {
	t.Helper()
	_, err := v.file.WriteString(text)
	require.NoError(t, err)
}

// inTerminals runs a test in a terminal of the program's own, and in one where it
// has its group with others.
func inTerminals(t *testing.T, f func(t *testing.T, server *sentrytest.Server, argv func(kind string) *exec.Cmd)) {
	bin := fatalProgram.made(t)
	for name, argv := range map[string]func(kind string) *exec.Cmd{
		"alone": func(kind string) *exec.Cmd { return exec.Command(bin, kind) },
		"in script": func(kind string) *exec.Cmd {
			return exec.Command("sh", "-c", "trap : INT QUIT; $0 $1; echo ends; read x; echo reads $x", bin, kind)
		},
		"in a pipe": func(kind string) *exec.Cmd {
			return exec.Command("sh", "-c", "trap : INT QUIT; $0 $1 | (trap '' INT QUIT; cat); echo ends; read x; echo reads $x", bin, kind)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, sentrytest.NewServer(t), argv)
		})
	}
}

// TestTerminal: what is typed reaches the program, once, and afterwards whoever
// has started it.
func TestTerminal(t *testing.T) {
	t.Parallel()
	inTerminals(t, func(t *testing.T, server *sentrytest.Server, argv func(string) *exec.Cmd) {
		cmd := argv("typed")
		v := newScreen(t).view(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
		v.until(t, "up")
		v.control(t, func(fd int) error { return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 10, Col: 20}) })
		v.until(t, syscall.SIGWINCH.String())
		v.write(t, "\x03")
		v.until(t, syscall.SIGINT.String())
		v.write(t, "\x1c")
		v.until(t, syscall.SIGQUIT.String())
		v.write(t, "a line\n")
		v.until(t, "line: a line")
		v.write(t, "end\n")
		v.until(t, "1 interrupts, 1 quits, 1 changes")
		if cmd.Args[0] == "sh" {
			v.until(t, "ends")
			v.write(t, "on\n")
			v.until(t, "reads on")
		}
		_ = cmd.Wait()
		require.Empty(t, server.Attempts())
	})
}

// TestDeathInATerminal has standard error there, and is reported all the same.
func TestDeathInATerminal(t *testing.T) {
	t.Parallel()
	inTerminals(t, func(t *testing.T, server *sentrytest.Server, argv func(string) *exec.Cmd) {
		cmd := argv("wait")
		v := newScreen(t).view(t, cmd, "SENTRY_TEST_DSN="+server.DSN(), "FATAL_SUPERVISOR=1")
		v.until(t, "up")
		v.write(t, "map\n")
		v.until(t, "fatal error: concurrent map writes")
		if cmd.Args[0] == "sh" {
			v.until(t, "ends")
			v.write(t, "on\n")
			v.until(t, "reads on")
		}
		_ = cmd.Wait()
		require.Len(t, server.Events(), 1)
		require.Equal(t, "fatal error: concurrent map writes", server.Events()[0].Title())
	})
}
