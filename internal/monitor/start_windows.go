package monitor

import (
	"os"
	"os/exec"
	"syscall"
)

// first needs no launcher: there are no zombies here.
const first = Monitor

// detachedProcess is DETACHED_PROCESS: no console.
const detachedProcess = 0x8

func detached() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP | detachedProcess, HideWindow: true}
}

func await(cmd *exec.Cmd) error { return cmd.Process.Release() }

// keepNothing: a process has no handle that it was not given.
func keepNothing() {}

func private(int) {}

// takeCrashOutput leaves the pipe as it is: writing to a full one waits.
func takeCrashOutput(*os.File) {}

func identity(*os.File) (string, error) { return "-", nil }

// isPipe goes by the executable: a pipe has no name here.
func isPipe(_ int, _, exe string) bool {
	path, err := os.Executable()
	return err == nil && path == exe
}

// others are the signals that are for the program, or end it.
var others = []os.Signal{os.Interrupt, syscall.SIGTERM}

func keepStdin(fd int) int { return fd }

func isPrivileged() bool { return false }
