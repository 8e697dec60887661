package monitor

import (
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
