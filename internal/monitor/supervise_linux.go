package monitor

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fionread asks how many bytes are in a pipe.
const fionread = unix.TIOCINQ

// forwarded are the signals that are for the program: all, real-time signals too,
// but those that tell of this process itself.
var forwarded = func() (all []os.Signal) {
	for n := syscall.Signal(1); n <= 64; n++ {
		switch n {
		case syscall.SIGKILL, syscall.SIGSTOP, syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPIPE, syscall.SIGPROF,
			syscall.SIGTTIN, syscall.SIGTTOU, syscall.SIGSEGV, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL,
			syscall.SIGTRAP, syscall.SIGSYS, syscall.SIGSTKFLT, 32, 33, 34: // the C library has the last ones
		default:
			all = append(all, n)
		}
	}
	return all
}()

// dieWith lets the program die with its supervisor: whoever kills that, by its
// number, means the program.
func dieWith() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// takeDefault lets sig do what the kernel does for it: Go's own handler would
// print our stack.
func takeDefault(sig syscall.Signal) bool {
	signal.Reset(sig)
	var action [8]uint64 // SIG_DFL without flags, in the form of every architecture
	const setSize = 8    // of a mask, in bytes
	_, _, errno := syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, setSize, 0, 0)
	return errno == 0 || sig == syscall.SIGKILL
}
