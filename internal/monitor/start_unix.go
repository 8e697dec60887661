//go:build unix

package monitor

import (
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// first is started by the program, which waits for it.
const first = Launcher

// detached gives a process a session of its own: a signal from the terminal is
// for the program.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// await leaves no zombie. The program may wait for every child itself.
func await(cmd *exec.Cmd) error {
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, syscall.ECHILD), errors.As(err, &exit) && exit.ExitCode() == launched:
		return nil
	case err == nil:
		return errors.New("the program ends before it comes to Init")
	default:
		return err
	}
}

// firstExtra descriptors are the standard streams.
const firstExtra = 3

// leftOpen are the descriptors that a child of this process would have, in order.
// Those that Go has opened are closed for it.
func leftOpen() iter.Seq[int] {
	return func(yield func(int) bool) {
		names, _ := os.ReadDir("/dev/fd")
		var open []int
		for _, name := range names {
			if fd, err := strconv.Atoi(name.Name()); err == nil && fd >= firstExtra {
				open = append(open, fd)
			}
		}
		slices.Sort(open)
		for _, fd := range open {
			flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
			if err == nil && flags&unix.FD_CLOEXEC == 0 && !yield(fd) {
				return
			}
		}
	}
}

// keepNothing sees to it that a monitor holds no lock and no pipe of whoever has
// started the program.
func keepNothing() {
	for fd := range leftOpen() {
		syscall.CloseOnExec(fd)
	}
}

// identity names a pipe, for whoever has an end of it.
func identity(pipe *os.File) (string, error) {
	info, err := pipe.Stat()
	if err != nil {
		return "", err
	}
	return identityOf(info.Sys().(*syscall.Stat_t)), nil
}

func identityOf(stat *syscall.Stat_t) string { return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino) }

func isPipe(fd int, identity, _ string) bool {
	var stat syscall.Stat_t
	return syscall.Fstat(fd, &stat) == nil && stat.Mode&syscall.S_IFMT == syscall.S_IFIFO && identityOf(&stat) == identity
}

// private keeps what this process starts from having a descriptor of ours.
func private(fd int) { syscall.CloseOnExec(fd) }

// keepStdin moves the pipe of a launcher or monitor to where the program does not
// look for its input, and returns the place.
func keepStdin(fd int) int {
	place, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstExtra)
	if err != nil {
		return fd
	}
	if null, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		_ = unix.Dup2(null, fd)
		_ = unix.Close(null)
	}
	return place
}

// isPrivileged tells whether the process may do what whoever started it may not:
// it then obeys no variable.
func isPrivileged() bool {
	return os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() || hasCapabilities()
}

// takeCrashOutput lets the pipe never be full: the runtime would wait for a monitor
// that does not read, and the program not die. What finds no room is lost; that is
// after the goroutine that died.
func takeCrashOutput(pipe *os.File) {
	conn, err := pipe.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) {
		enlarge(fd)
		_ = syscall.SetNonblock(int(fd), true)
	})
}

// others are the signals that are for the program, or end it.
var others = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGALRM,
	syscall.SIGUSR1, syscall.SIGUSR2}
