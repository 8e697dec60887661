package monitor

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fionread is the request for the number of bytes in a pipe.
const fionread = unix.TIOCINQ

// rssUnit is the unit of Rusage.Maxrss, in bytes.
const rssUnit = 1 << 10

// forwarded are the signals that the supervisor passes on to the program: all,
// real-time signals too, except those that are about the supervisor itself.
var forwarded = func() (all []os.Signal) {
	for n := syscall.Signal(1); n <= 64; n++ {
		switch n {
		case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPIPE, syscall.SIGPROF,
			syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL,
			syscall.SIGTRAP, syscall.SIGSYS, stackFault, 32, 33, 34: // the C library uses 32 to 34
		default:
			all = append(all, n)
		}
	}
	return all
}()

// dieWith makes the kernel kill the program when its supervisor dies. Somebody who
// kills the supervisor by its process number means the program.
func dieWith() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// takeDefault restores the kernel's default action for sig and reports whether it
// could. signal.Reset alone is not enough: it leaves Go's own handler in place,
// which prints the stack of this process for some signals.
func takeDefault(sig syscall.Signal) bool {
	signal.Reset(sig)
	var action [8]uint64 // SIG_DFL without flags, in the form of every architecture
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, maskSize, 0, 0)
	return errno == 0 || sig == syscall.SIGKILL
}
