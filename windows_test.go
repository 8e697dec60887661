//go:build windows

package sentry_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file run on Windows, and under wine: make windows. The program
// that dies is the test binary itself.

const windowsVariable = "SENTRY_TEST_WINDOWS"

// The monitor comes here as well: it is the same executable.
func init() {
	kind := os.Getenv(windowsVariable)
	if kind == "" {
		return
	}
	options := []sentry.Option{sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")), sentry.WithFlushTimeout(5 * time.Second)}
	if dir := os.Getenv("SENTRY_TEST_SPOOL"); dir != "" {
		options = append(options, sentry.WithSpool(dir))
	}
	if os.Getenv("SENTRY_TEST_MONITOR") != "" {
		options = append(options, sentry.WithCrashMonitor())
	}
	if os.Getenv("SENTRY_TEST_OWN") != "" {
		options = append(options, sentry.WithOwnWords())
	}
	if err := sentry.Init(options...); err != nil {
		fmt.Fprintln(os.Stderr, "init:", err)
		os.Exit(64)
	}
	dieOnWindows(kind)
	if err := sentry.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "close:", err)
	}
	os.Exit(0)
}

func dieOnWindows(kind string) {
	switch kind {
	case "guarded":
		defer sentry.Recover()
		panic("guarded on Windows")
	case "unguarded":
		panic("unguarded on Windows")
	case "guarded data", "unguarded data":
		if kind == "guarded data" {
			defer sentry.Recover()
		}
		sentrygo.AddBreadcrumb(&sentrygo.Breadcrumb{Message: "the account of " + data(person) + " is open"})
		panic(fmt.Errorf("cannot open the account of %s: %w", data("Tenpr Ubccre"), os.ErrPermission))
	case "fault":
		var p *int
		*p = 1
	case "interrupt", "ctrl-c":
		arrived := make(chan os.Signal, 1)
		signal.Notify(arrived, os.Interrupt)
		fmt.Println("up")
		if kind == "ctrl-c" { // for all processes of this console
			if err := windows.GenerateConsoleCtrlEvent(windows.CTRL_C_EVENT, 0); err != nil {
				fmt.Fprintln(os.Stderr, "Ctrl-C:", err)
				os.Exit(noConsole)
			}
		}
		select {
		case <-arrived:
			panic("after Ctrl-C")
		case <-time.After(20 * time.Second):
			fmt.Fprintln(os.Stderr, "Ctrl-C did not arrive")
			os.Exit(noConsole)
		}
	}
}

const noConsole = 66

// windowsDir is a new folder. Under wine 8, neither t.TempDir nor os.RemoveAll can
// remove what is in one.
func windowsDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "spool")
	require.NoError(t, err)
	t.Cleanup(func() {
		_ = filepath.WalkDir(dir, func(path string, _ os.DirEntry, _ error) error {
			_ = os.Remove(path)
			return nil
		})
	})
	return dir
}

// A windowsHousehold is a program on Windows and its server.
type windowsHousehold struct {
	server *sentrytest.Server
	dir    string
	env    []string
}

func (h windowsHousehold) command(kind string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), windowsVariable+"="+kind, "SENTRY_TEST_DSN="+h.server.DSN(), "SENTRY_TEST_SPOOL="+h.dir)
	cmd.Env = append(cmd.Env, h.env...)
	return cmd
}

func (h windowsHousehold) run(t *testing.T, kind string, status int) {
	t.Helper()
	cmd := h.command(kind)
	out, err := cmd.CombinedOutput()
	if status == 0 {
		require.NoError(t, err, "%s", out)
	}
	require.Equal(t, status, cmd.ProcessState.ExitCode(), "%s", out)
}

// TestWindowsSpool: paths that people have.
func TestWindowsSpool(t *testing.T) {
	for _, name := range []string{"spool", "with a space", "Größe, 名前", strings.Repeat("long", 40)} {
		t.Run(name, func(t *testing.T) {
			h := windowsHousehold{server: sentrytest.NewServer(t), dir: filepath.Join(windowsDir(t), name)}
			for kind, title := range map[string]string{"guarded": "panic: guarded on Windows", "unguarded": "panic: unguarded on Windows", "fault": "runtime error: invalid memory address or nil pointer dereference"} {
				before := len(h.server.Events())
				h.run(t, kind, 2)
				h.run(t, "none", 0)
				require.Len(t, h.server.Events(), before+1, kind)
				require.Equal(t, title, h.server.Events()[before].Title())
			}
			left, err := filepath.Glob(filepath.Join(h.dir, "*.report"))
			require.NoError(t, err)
			require.Empty(t, left, "a report that was sent stays")
		})
	}
}

// TestWindowsOwnWords reads the image of a program that died on Windows: what its
// author wrote arrives, and what a person gave it does not, from a guard, from the
// monitor and at the next start.
func TestWindowsOwnWords(t *testing.T) {
	for _, c := range []struct {
		name, kind string
		env        []string
	}{
		{"guard", "guarded data", nil},
		{"next start", "unguarded data", nil},
		{"monitor", "unguarded data", []string{"SENTRY_TEST_MONITOR=1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := windowsHousehold{server: sentrytest.NewServer(t), dir: windowsDir(t), env: append(c.env, "SENTRY_TEST_OWN=1")}
			h.run(t, c.kind, 2)
			h.run(t, "none", 0)
			events := h.server.Wait(1)
			require.Len(t, events, 1)
			require.Equal(t, "panic: cannot open the account of …: permission denied", events[0].Title())
			require.Contains(t, string(events[0].Raw), "dieOnWindows", "the name of a function stays")
			requireNothingOf(t, person, events[0])
		})
	}
}

// TestWindowsLink: OneDrive and others put reparse points in the way.
func TestWindowsLink(t *testing.T) {
	dir := windowsDir(t)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(windowsDir(t), link); err != nil {
		t.Skip("a user needs a privilege to make a link: ", err)
	}
	h := windowsHousehold{server: sentrytest.NewServer(t), dir: filepath.Join(link, "spool")}
	h.run(t, "unguarded", 2)
	h.run(t, "none", 0)
	require.Len(t, h.server.Events(), 1)
}

// TestWindowsMonitor reports at once, with a console and without.
func TestWindowsMonitor(t *testing.T) {
	for _, flags := range []uint32{0, windows.DETACHED_PROCESS, windows.CREATE_NO_WINDOW} {
		for _, dir := range []string{"", windowsDir(t)} {
			h := windowsHousehold{server: sentrytest.NewServer(t), dir: dir, env: []string{"SENTRY_TEST_MONITOR=1"}}
			cmd := h.command("unguarded")
			cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: flags}
			require.Error(t, cmd.Run())
			require.Equal(t, 2, cmd.ProcessState.ExitCode())
			require.Equal(t, "panic: unguarded on Windows", h.server.Wait(1)[0].Title())
		}
	}
}

// TestWindowsManyProcesses share a spool.
func TestWindowsManyProcesses(t *testing.T) {
	h := windowsHousehold{server: sentrytest.NewServer(t), dir: windowsDir(t)}
	var all sync.WaitGroup
	for range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			_ = h.command("unguarded").Run()
		}()
	}
	all.Wait()
	h.run(t, "none", 0)
	require.Len(t, h.server.Wait(4), 4)
}

// TestWindowsInterrupt: Ctrl-C is for the program, and its monitor lives on.
func TestWindowsInterrupt(t *testing.T) {
	h := windowsHousehold{server: sentrytest.NewServer(t), env: []string{"SENTRY_TEST_MONITOR=1"}}
	cmd := h.command("interrupt")
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = io.ReadFull(out, make([]byte, len("up\n")))
	require.NoError(t, err)
	if err := windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(cmd.Process.Pid)); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Skip("this process has no console: ", err)
	}
	require.Error(t, cmd.Wait())
	require.Equal(t, "panic: after Ctrl-C", h.server.Wait(1)[0].Title())
}

// TestWindowsCtrlC in a console that the program and its monitor have for themselves.
func TestWindowsCtrlC(t *testing.T) {
	h := windowsHousehold{server: sentrytest.NewServer(t), env: []string{"SENTRY_TEST_MONITOR=1"}}
	cmd := h.command("ctrl-c")
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_CONSOLE}
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == noConsole && isWine() {
		t.Skipf("wine has no console here: %s", out)
	}
	require.Error(t, err)
	require.Equal(t, 2, cmd.ProcessState.ExitCode(), "%s", out)
	require.Equal(t, "panic: after Ctrl-C", h.server.Wait(1)[0].Title())
}

func isWine() bool {
	return windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// TestWindowsDriveRoot: the spool is the root of a drive. Under wine, make windows has
// a drive for it.
func TestWindowsDriveRoot(t *testing.T) {
	root := os.Getenv("SENTRY_TEST_DRIVE")
	if root == "" {
		root = newDrive(t, windowsDir(t))
	}
	h := windowsHousehold{server: sentrytest.NewServer(t), dir: root}
	for n, kind := range []string{"guarded", "unguarded", "fault"} {
		h.run(t, kind, 2)
		marks, err := filepath.Glob(filepath.Join(root, "*.run"))
		require.NoError(t, err)
		require.Len(t, marks, 1, "of the dead program")
		h.run(t, "none", 0)
		require.Len(t, h.server.Events(), n+1, kind)
	}
	left, err := filepath.Glob(filepath.Join(root, "*.report"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// newDrive is a drive that stands for a folder, as subst makes them.
func newDrive(t *testing.T, dir string) (root string) {
	t.Helper()
	const drive = "T:"
	name, err := windows.UTF16PtrFromString(drive)
	require.NoError(t, err)
	target, err := windows.UTF16PtrFromString(dir)
	require.NoError(t, err)
	if err := windows.DefineDosDevice(0, name, target); err != nil || isWine() {
		t.Skip("no drive can be made: ", err)
	}
	t.Cleanup(func() { _ = windows.DefineDosDevice(windows.DDD_REMOVE_DEFINITION, name, target) })
	return drive + string(filepath.Separator)
}
