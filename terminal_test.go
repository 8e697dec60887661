//go:build linux

package sentry_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/panicreport/sentry/internal/testprogram"
)

// The tests of this file let testdata/fatal run under a supervisor in a terminal.

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
	program *testprogram.Process
	lines   *bufio.Reader
}

// view runs a program in the terminal, in a session of its own.
func (s *screen) view(t *testing.T, cmd *exec.Cmd, env ...string) *viewer {
	t.Helper()
	tty, err := os.OpenFile(s.name, os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	defer tty.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	return &viewer{screen: s, program: testprogram.Start(t, cmd, env...), lines: bufio.NewReader(s.file)}
}

// until reads up to a line.
func (v *viewer) until(t *testing.T, want string) {
	t.Helper()
	var all strings.Builder
	timer := time.AfterFunc(testprogram.Patience, func() { _ = v.file.Close() })
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

// inTerminals runs a test with a program of this kind in a terminal of its own, and
// in those where it has its group with others. When the program has ended, end
// waits until whoever has started it has had its turn.
func inTerminals(t *testing.T, kind string, f func(t *testing.T, h household, v *viewer, end func())) {
	for name, script := range map[string]string{
		"alone":     "",
		"in script": "trap : INT QUIT; $0 $1; echo ends; read x; echo reads $x",
		"in a pipe": "trap : INT QUIT; $0 $1 | (trap '' INT QUIT; cat); echo ends; read x; echo reads $x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := fatalHousehold(t, "FATAL_SUPERVISOR=1")
			cmd := testprogram.Command(t, h.bin, kind)
			if script != "" {
				cmd = testprogram.Command(t, "sh", "-c", script, h.bin, kind)
			}
			v := newScreen(t).view(t, cmd, h.environment()...)
			v.until(t, "up")
			f(t, h, v, func() {
				if script != "" {
					v.until(t, "ends")
					v.write(t, "on\n")
					v.until(t, "reads on")
				}
				v.program.End()
			})
		})
	}
}

// TestTerminal: what is typed reaches the program, once, and afterwards whoever
// has started it.
func TestTerminal(t *testing.T) {
	t.Parallel()
	inTerminals(t, "typed", func(t *testing.T, h household, v *viewer, end func()) {
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
		end()
		require.Empty(t, h.server.Attempts())
	})
}

// TestDeathInATerminal has standard error there, and is reported all the same.
func TestDeathInATerminal(t *testing.T) {
	t.Parallel()
	inTerminals(t, "wait", func(t *testing.T, h household, v *viewer, end func()) {
		v.write(t, "map\n")
		v.until(t, "fatal error: concurrent map writes")
		end()
		require.Len(t, h.server.Events(), 1)
		require.Equal(t, "fatal error: concurrent map writes", h.server.Events()[0].Title())
	})
}
