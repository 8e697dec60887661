//go:build !unix && !windows

package monitor

import (
	"os/exec"
	"syscall"
)

const first = Monitor // not reached, see supported

func detached() *syscall.SysProcAttr { return nil }

func await(*exec.Cmd) error { return nil }
