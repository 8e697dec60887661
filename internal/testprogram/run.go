package testprogram

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// lifetime is how long a program may live. It is more than the minute after
	// which the runtime sees a deadlock.
	lifetime = 3 * time.Minute

	// heirsWait is how long a program may be dead while something that it has
	// started still holds its standard output or standard error.
	heirsWait = 10 * time.Second
)

// Command is a program with the environment that [Environment] returns. It ends
// with the test. If it lives for more than three minutes it is killed, and the
// test fails.
func Command(t testing.TB, exe string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), lifetime)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, exe, args...)
	cmd.Env = Environment()
	cmd.WaitDelay = heirsWait
	//lint:ignore lintpanics a panic of it ends the test binary, which shows it
	cmd.Cancel = func() error {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			t.Errorf("it does not end, and is killed: %s", cmd)
		}
		return cmd.Process.Kill()
	}
	return cmd
}

// IntoStdout as the Stderr of a command puts what the program writes to standard
// error into its standard output, in the order in which it was written.
var IntoStdout io.Writer = intoStdout{}

type intoStdout struct{}

// Write is never called: [Run] and [Start] put standard output in place of it.
func (intoStdout) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// An Ending is how a process ended, and what it left.
type Ending struct {
	Status         int    // the exit status, or -1 after a signal
	State          string // how it ended in the words of the system: "signal: killed"
	Stdout, Stderr string // only from [Run]
	Took           time.Duration
}

// Run runs cmd to its end, with more variables. It returns what the program
// wrote, unless cmd says where that is to go.
func Run(t testing.TB, cmd *exec.Cmd, env ...string) Ending {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if cmd.Stdout == nil {
		cmd.Stdout = &stdout
	}
	switch cmd.Stderr {
	case nil:
		cmd.Stderr = &stderr
	case IntoStdout:
		cmd.Stderr = cmd.Stdout
	}
	cmd.Env = append(cmd.Env, env...)
	begin := time.Now()
	requireEnded(t, cmd, cmd.Run())
	ending := endingOf(cmd, begin)
	ending.Stdout, ending.Stderr = stdout.String(), stderr.String()
	return ending
}

// requireEnded takes any end for one, but wants the process to have been there.
func requireEnded(t testing.TB, cmd *exec.Cmd, err error) {
	t.Helper()
	var exit *exec.ExitError
	if err != nil {
		require.ErrorAs(t, err, &exit, "%s", cmd)
	}
}

func endingOf(cmd *exec.Cmd, begin time.Time) Ending {
	return Ending{Status: cmd.ProcessState.ExitCode(), State: cmd.ProcessState.String(), Took: time.Since(begin)}
}

// A Process is a program that runs, and that the test talks with over its
// standard input and its standard output.
type Process struct {
	Cmd    *exec.Cmd
	t      testing.TB
	stdin  io.WriteCloser
	stdout *bufio.Reader
	begin  time.Time
	ending *Ending // nil while it runs
}

// Start starts cmd, with more variables. It has pipes for its standard input and
// its standard output, unless cmd has something else there.
func Start(t testing.TB, cmd *exec.Cmd, env ...string) *Process {
	t.Helper()
	p := &Process{Cmd: cmd, t: t, begin: time.Now()}
	if cmd.Stdin == nil {
		stdin, err := cmd.StdinPipe()
		require.NoError(t, err)
		p.stdin = stdin
	}
	if cmd.Stdout == nil {
		stdout, err := cmd.StdoutPipe()
		require.NoError(t, err)
		p.stdout = bufio.NewReader(stdout)
	}
	if cmd.Stderr == IntoStdout {
		cmd.Stderr = cmd.Stdout
	}
	cmd.Env = append(cmd.Env, env...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // nothing of it stays; an error if End has waited
	})
	return p
}

// Pid is the number of the process.
func (p *Process) Pid() int { return p.Cmd.Process.Pid }

// Signal sends a signal to the process, which must not have been waited for.
func (p *Process) Signal(sig os.Signal) {
	p.t.Helper()
	require.NoError(p.t, p.Cmd.Process.Signal(sig))
}

// Tell writes a line to the program's standard input.
func (p *Process) Tell(line string) {
	p.t.Helper()
	_, err := io.WriteString(p.stdin, line+"\n")
	require.NoError(p.t, err)
}

// CloseInput ends the program's standard input.
func (p *Process) CloseInput() {
	p.t.Helper()
	require.NoError(p.t, p.stdin.Close())
}

// Line returns the next line of the program's standard output, without its end.
func (p *Process) Line() string {
	p.t.Helper()
	line, err := p.stdout.ReadString('\n')
	require.NoError(p.t, err, "it says %q", line)
	return strings.TrimSuffix(line, "\n")
}

// Lines are the further lines of the program's standard output until it ends. One
// that a kill has cut off is left out.
func (p *Process) Lines() iter.Seq[string] {
	return func(yield func(line string) bool) {
		for {
			line, err := p.stdout.ReadString('\n')
			if err != nil || !yield(strings.TrimSuffix(line, "\n")) {
				return
			}
		}
	}
}

// Rest is what is left of the program's standard output, up to its end.
func (p *Process) Rest() string {
	p.t.Helper()
	rest, err := io.ReadAll(p.stdout)
	require.NoError(p.t, err)
	return string(rest)
}

// End waits until the process has ended. What of its standard output was not read
// before is lost.
func (p *Process) End() Ending {
	p.t.Helper()
	if p.ending == nil {
		requireEnded(p.t, p.Cmd, p.Cmd.Wait())
		ending := endingOf(p.Cmd, p.begin)
		p.ending = &ending
	}
	return *p.ending
}
