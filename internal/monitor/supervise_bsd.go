//go:build darwin || freebsd

package monitor

import (
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// fionread is the request for the number of bytes in a pipe: FIONREAD of
// <sys/filio.h>.
const fionread = 0x4004667f

// rssUnit is the unit of Rusage.Maxrss, in bytes: macOS has no other.
var rssUnit = map[string]uint64{"darwin": 1, "freebsd": 1 << 10}[runtime.GOOS]

// forwarded are the signals that the supervisor passes on to the program.
var forwarded = []os.Signal{
	syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGCONT, syscall.SIGALRM, syscall.SIGVTALRM, syscall.SIGIO,
	syscall.SIGXCPU, syscall.SIGXFSZ,
}

// dieWith does nothing here: not all of these systems can kill the program when
// its supervisor is killed.
func dieWith() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

// takeDefault restores the kernel's default action for sig and reports whether it
// could. It cannot where Go's own handler would print the stack of this process.
func takeDefault(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, syscall.SIGSYS:
		return false
	}
	signal.Reset(sig)
	return true
}
