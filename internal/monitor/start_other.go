//go:build !unix && !windows

package monitor

import (
	"os"
	"os/exec"
	"syscall"
)

const firstRole = Monitor // not used, see supported

func detached() *syscall.SysProcAttr { return nil }

func await(*exec.Cmd) error { return nil }

func keepNothing() {}

func closeOnExec(int) {}

func takeCrashOutput(*os.File) {}

func identity(*os.File) (string, error) { return "-", nil }

// isPipe compares the executable, because a pipe has no identity here.
func isPipe(_ int, _, exe string) bool {
	path, err := os.Executable()
	return err == nil && path == exe
}

// ignoredSignals are the signals that a monitor ignores. They are meant for the
// program, or end it.
var ignoredSignals = []os.Signal{os.Interrupt}

func moveFromStdin(fd int) int { return fd }

func isPrivileged() bool { return false }
