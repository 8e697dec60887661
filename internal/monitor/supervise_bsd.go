//go:build darwin || freebsd

package monitor

import (
	"os"
	"os/signal"
	"syscall"
)

// fionread asks how many bytes are in a pipe: FIONREAD of <sys/filio.h>.
const fionread = 0x4004667f

// forwarded are the signals that are for the program.
var forwarded = []os.Signal{
	syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGALRM, syscall.SIGVTALRM, syscall.SIGIO,
	syscall.SIGXCPU, syscall.SIGXFSZ,
}

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
