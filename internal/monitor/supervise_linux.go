package monitor

import (
	"os/signal"
	"syscall"
	"unsafe"
)

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
