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

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file let testdata/fatal run under a supervisor: nobody
// should see a difference until it dies.

func TestNoDeathNoReportOfTheSupervisor(t *testing.T) {
	t.Parallel()
	for kind, n := range map[string]int{"none": 0, "exit": 0, "sigterm": 0, "sigkill": 0, "survived": 1} {
		h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
		without := run(t, h.bin, kind)
		o := h.run(t, kind, "FATAL_GUARDED=1")
		require.Equal(t, without.Status, o.Status, kind)
		require.Empty(t, o.Stderr, kind)
		require.Len(t, h.events(), n, kind)
	}
}

// TestSignalsReachTheProgram through the supervisor, which ends in the same way.
func TestSignalsReachTheProgram(t *testing.T) {
	t.Parallel()
	for sig, title := range map[syscall.Signal]string{
		syscall.SIGTERM: "", syscall.SIGINT: "", syscall.SIGHUP: "", syscall.SIGQUIT: "SIGQUIT: quit",
	} {
		if signal.Ignored(sig) {
			continue // under nohup, or in the background of a script: a program inherits that
		}
		h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
		plain := up(t, testprogram.Command(t, h.bin, "wait"))
		plain.Signal(sig)
		p := h.waiting(t)
		p.Signal(sig)
		require.Equal(t, plain.End().State, p.End().State)
		if title == "" {
			require.Empty(t, h.server.Attempts())
		} else {
			require.Len(t, h.server.Events(), 1)
			require.Equal(t, title, h.server.Events()[0].Title())
		}
	}
}

// asPID1 runs the program as the first process of a namespace, to its end.
func (h household) asPID1(t *testing.T, kind string) testprogram.Ending {
	t.Helper()
	unshare := []string{"--pid", "--fork", "--mount-proc"}
	if out, err := exec.Command("unshare", append(unshare, "true")...).CombinedOutput(); err != nil {
		t.Skipf("no namespaces here: %v: %s", err, out)
	}
	cmd := testprogram.Command(t, "unshare", append(unshare, h.bin, kind)...)
	cmd.Stderr = testprogram.IntoStdout
	return testprogram.Run(t, cmd, h.environment()...)
}

// TestDeathOfPID1: the kernel kills everything in the namespace with it.
func TestDeathOfPID1(t *testing.T) {
	t.Parallel()
	for kind, status := range map[string]int{"map": 2, "exit": 3, "none": 0, "sigterm": 128 + 15} {
		h := fatalHousehold(t, "FATAL_MONITOR=1")
		o := h.asPID1(t, kind)
		require.Equal(t, status, o.Status, o.Stdout)
		if kind != "map" {
			require.Empty(t, h.server.Attempts(), kind)
			continue
		}
		require.Len(t, h.server.Events(), 1, o.Stdout)
		require.Equal(t, "fatal error: concurrent map writes", h.server.Events()[0].Title())
	}
}

// TestStopAndContinue: the program stops and goes on as its supervisor is told.
func TestStopAndContinue(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	cmd := h.command(t, "wait")
	// An orphaned group, as that of a test in the background, ignores SIGTSTP.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p := up(t, cmd)
	program := h.alive(t, "supervised")
	require.Len(t, program, 1)
	stopped := func(want bool) func() bool {
		return func() bool { return isStopped(program[0]) == want }
	}
	p.Signal(syscall.SIGTSTP)
	testprogram.Eventually(t, stopped(true))
	p.Signal(syscall.SIGCONT)
	testprogram.Eventually(t, stopped(false))
	require.Equal(t, 2, p.dies("map").Status)
	require.Len(t, h.server.Events(), 1)
}

// TestSignalsThatTheProgramHandles arrive once each, in order.
func TestSignalsThatTheProgramHandles(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	p := up(t, h.command(t, "signals"))
	for _, sig := range []syscall.Signal{syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGUSR1, syscall.SIGTERM} {
		p.Signal(sig)
		require.Equal(t, sig.String(), p.Line())
	}
	require.Zero(t, p.End().Status)
	require.Empty(t, h.server.Attempts())
}

// TestExitOfACrash: with GOTRACEBACK=crash, the runtime lets the kernel end it.
func TestExitOfACrash(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "GOTRACEBACK=crash", "FATAL_SUPERVISOR=1")
	plain := up(t, testprogram.Command(t, h.bin, "wait"), "GOTRACEBACK=crash")
	require.Contains(t, plain.dies("map").State, "signal: aborted")
	require.Contains(t, h.waiting(t).dies("map").State, "signal: aborted")
	require.Len(t, h.server.Events(), 1)
	require.Equal(t, "fatal error: concurrent map writes", h.server.Events()[0].Title())
}

// TestForgedWords: what the program writes to standard error is not what the
// runtime says of its end.
func TestForgedWords(t *testing.T) {
	t.Parallel()
	for _, without := range []string{"", "1"} {
		h := fatalHousehold(t, "FATAL_SUPERVISOR=1", "FATAL_WITHOUT_MESSAGES="+without)
		h.run(t, "forged")
		require.Len(t, h.server.Events(), 1)
		require.Equal(t, "fatal error: concurrent map writes", h.server.Events()[0].Title())
		require.Empty(t, h.server.Events()[0].Contexts["crash"]["inferred"], "heard in the middle of a line")
	}
}

// TestWhoAsksItToEnd does not wait for a server that does not answer.
func TestWhoAsksItToEnd(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1", "FATAL_FLUSH_TIMEOUT=10m")
	h.server.Answer(sentrytest.Never())
	p := h.waiting(t)
	p.Tell("map")
	h.server.WaitAttempts(1)
	again := time.NewTicker(50 * time.Millisecond) // the first may be taken for what ended the program
	defer again.Stop()
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-again.C:
				_ = p.Cmd.Process.Signal(syscall.SIGTERM)
			case <-ended:
				return
			}
		}
	}()
	require.Equal(t, 2, p.End().Status)
	close(ended)
}

// TestStopAndContinueAtOnce leaves nobody stopped, whatever comes first.
func TestStopAndContinueAtOnce(t *testing.T) {
	t.Parallel()
	for n := range 20 {
		h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
		cmd := h.command(t, "wait")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		p := up(t, cmd)
		to := []int{cmd.Process.Pid, -cmd.Process.Pid}[n%2]
		require.NoError(t, syscall.Kill(to, syscall.SIGTSTP))
		if n%4 > 1 {
			<-time.After(time.Duration(n) * time.Millisecond) // on its way
		}
		require.NoError(t, syscall.Kill(to, syscall.SIGCONT))
		require.Equal(t, 2, p.dies("map").Status)
		require.Len(t, h.server.Events(), 1)
	}
}

// TestExitIsNotHeld by a report that waits in the spool for a better network.
func TestExitIsNotHeld(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1").withSpool(t)
	h.server.Down()
	require.Equal(t, 2, h.run(t, "map", "FATAL_FLUSH_TIMEOUT=100ms").Status)
	require.Equal(t, 3, h.run(t, "exit", "FATAL_FLUSH_TIMEOUT=10m").Status)
}

// TestIgnoredSignals stay so, as under nohup.
func TestIgnoredSignals(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	p := up(t, testprogram.Command(t, "sh", "-c", "trap '' HUP INT; exec $0 wait", h.bin), h.environment()...)
	p.Signal(syscall.SIGHUP)
	p.Signal(syscall.SIGINT)
	require.Equal(t, 2, p.dies("map").Status)
	require.Len(t, h.server.Events(), 1)
}

// TestGroup: what is sent to the group of the program is for its children, too.
func TestGroup(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
		cmd := h.command(t, "parent")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		p := up(t, cmd)
		require.NoError(t, syscall.Kill(-p.Pid(), sig))
		p.End()
		testprogram.UntilGone(t, h.all)
	}
}

// TestHeir of the program's standard error does not hold the supervisor.
func TestHeir(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	require.Zero(t, fatalHousehold(t, "FATAL_SUPERVISOR=1").run(t, "heir").Status)
	require.Less(t, time.Since(begin), 8*time.Second, "it chatters for ten")
}

// TestStuckStandardError delays the end of a program that is to end, but does not
// prevent it.
func TestStuckStandardError(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	cmd := fatalHousehold(t, "FATAL_SUPERVISOR=1").command(t, "wait")
	cmd.Stderr = w
	p := up(t, cmd)
	p.Tell("chatter")
	_, err = r.Read(make([]byte, 1)) // it has begun, and is not read any more
	require.NoError(t, err)
	p.Signal(syscall.SIGTERM)
	require.Equal(t, "signal: terminated", p.End().State)
}

// TestLateInitOfPID1 makes no supervisor of what has begun to be the program.
func TestLateInitOfPID1(t *testing.T) {
	t.Parallel()
	log := filepath.Join(t.TempDir(), "log")
	o := fatalHousehold(t, "FATAL_BEFORE=silent", "FATAL_LOG="+log, "FATAL_MONITOR=1").asPID1(t, "exit")
	require.Equal(t, 3, o.Status, o.Stdout)
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), "up\n"), string(text))
}

// TestProgramThatIsStoppedByItsNumber goes on in the same way.
func TestProgramThatIsStoppedByItsNumber(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	p := h.waiting(t)
	program := h.alive(t, "supervised")
	require.Len(t, program, 1)
	require.NoError(t, syscall.Kill(program[0], syscall.SIGSTOP))
	testprogram.Eventually(t, func() bool { return isStopped(program[0]) })
	require.NoError(t, syscall.Kill(program[0], syscall.SIGCONT))
	require.Equal(t, 2, p.dies("map").Status)
	require.Len(t, h.server.Events(), 1)
}

func isStopped(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && strings.Contains(string(stat), ") T ")
}

// TestKilledSupervisor: who kills it means the program.
func TestKilledSupervisor(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	p := h.waiting(t)
	require.Len(t, h.alive(t, "supervised"), 1)
	p.Signal(os.Kill)
	h.untilNobodyWatches(t)
	p.End()
}

// TestOrphansAreReaped by PID 1, whose children they become.
func TestOrphansAreReaped(t *testing.T) {
	t.Parallel()
	o := fatalHousehold(t, "FATAL_MONITOR=1").asPID1(t, "orphan")
	require.Zero(t, o.Status, o.Stdout)
}

// TestInheritedDescriptors reach the program: the sockets of systemd, and its
// number instead of ours.
func TestInheritedDescriptors(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	cmd := testprogram.Command(t, "sh", "-c", "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" listen", h.bin)
	cmd.ExtraFiles = []*os.File{w}
	p := testprogram.Start(t, cmd, h.environment()...)
	w.Close()
	line, err := bufio.NewReader(r).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "here\n", line)
	require.Zero(t, p.End().Status)
}

// TestStandardErrorUnderTheSupervisor is the program's in every byte. What is
// standard output as well stays so.
func TestStandardErrorUnderTheSupervisor(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	for _, env := range [][]string{nil, h.environment()} {
		o := run(t, h.bin, "chatter", env...)
		require.Zero(t, o.Status)
		require.Equal(t, strings.Repeat("\x00\xff no line ", 100_000), o.Stderr)
		cmd := testprogram.Command(t, h.bin, "both")
		cmd.Stderr = testprogram.IntoStdout
		o = testprogram.Run(t, cmd, env...)
		require.Zero(t, o.Status)
		require.Equal(t, strings.Repeat("out\nerr\n", 1000), o.Stdout)
	}
	require.Empty(t, h.server.Attempts())
}

// TestStandardErrorThatNobodyReads ends the program as it would without us.
func TestStandardErrorThatNobodyReads(t *testing.T) {
	t.Parallel()
	h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
	for _, env := range [][]string{nil, h.environment()} {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, r.Close())
		cmd := testprogram.Command(t, h.bin, "chatter")
		cmd.Stderr = w
		o := testprogram.Run(t, cmd, env...)
		w.Close()
		require.Equal(t, "signal: broken pipe", o.State)
	}
}
