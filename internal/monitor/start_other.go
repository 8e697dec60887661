//go:build !unix && !windows

package monitor

import (
	"os"
	"os/exec"
	"syscall"
)

const first = Monitor // not reached, see supported

func detached() *syscall.SysProcAttr { return nil }

func await(*exec.Cmd) error { return nil }

func keepNothing() {}

func private(int) {}

func takeCrashOutput(*os.File) {}

func identity(*os.File) (string, error) { return "-", nil }

// isPipe goes by the executable: a pipe has no name here.
func isPipe(_ int, _, exe string) bool {
	path, err := os.Executable()
	return err == nil && path == exe
}

// others are the signals that are for the program, or end it.
var others = []os.Signal{os.Interrupt}

func keepStdin(fd int) int { return fd }

func isPrivileged() bool { return false }
