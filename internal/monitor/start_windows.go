package monitor

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// firstRole is not Launcher, because Windows has no zombie processes for which the
// program would have to wait.
const firstRole = Monitor

// detachedProcess is DETACHED_PROCESS of CreateProcess: the process gets no
// console.
const detachedProcess = 0x8

func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess, HideWindow: true}
}

func await(cmd *exec.Cmd) error { return cmd.Process.Release() }

// keepNothing does nothing here: a process inherits only the handles that it is
// given.
func keepNothing() {}

func closeOnExec(int) {}

// takeCrashOutput does nothing here: a write to a full pipe waits.
func takeCrashOutput(*os.File) {}

func identity(*os.File) (string, error) { return "-", nil }

// isPipe compares the executable, because a pipe has no identity here.
func isPipe(_ int, _, exe string) bool {
	path, err := os.Executable()
	return err == nil && path == exe
}

// ignoredSignals are the signals that a monitor ignores. They are meant for the
// program, or end it.
var ignoredSignals = []os.Signal{os.Interrupt, syscall.SIGTERM}

// moveFromStdin returns a handle of the pipe that a monitor has as its standard
// input. The number that the program has written is that of a descriptor, which is
// no handle here. What the program does before Init reads from nowhere, and not from
// the pipe.
func moveFromStdin(fd int) int {
	var pipe windows.Handle
	self := windows.CurrentProcess()
	if err := windows.DuplicateHandle(self, windows.Handle(syscall.Stdin), self, &pipe, 0, false, windows.DUPLICATE_SAME_ACCESS); err != nil {
		return fd
	}
	if null, err := os.Open(os.DevNull); err == nil {
		os.Stdin = null // the former one is closed by its finalizer
		_ = windows.SetStdHandle(windows.STD_INPUT_HANDLE, windows.Handle(null.Fd()))
	}
	return int(pipe)
}

func isPrivileged() bool { return false }
