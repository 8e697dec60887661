//go:build unix

package monitor

import (
	"os/exec"
	"syscall"
)

// first is started by the program, which waits for it.
const first = Launcher

// detached gives a process a session of its own: a signal from the terminal is
// for the program.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

func await(cmd *exec.Cmd) error { return cmd.Wait() }
