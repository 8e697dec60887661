//go:build darwin || freebsd

package monitor

import (
	"os/signal"
	"syscall"
)

// dieWith leaves a program alive whose supervisor was killed: there is no way to
// ask for that in all of these systems.
func dieWith() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// takeDefault lets sig do what the kernel does for it, unless Go's own handler
// would print our stack.
func takeDefault(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGSYS:
		return false
	}
	signal.Reset(sig)
	return true
}
