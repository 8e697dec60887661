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

// firstRole is the role of the process that the program starts. The program must
// wait for it, so it is one that ends at once.
const firstRole = Launcher

// detached gives a process a session of its own, because a signal from the
// terminal is meant for the program only.
func detached() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// await waits for the launcher, so that no zombie is left. ECHILD is not an error:
// it means that the program waits for every child and has waited for this one.
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

// firstExtra is the number of the first descriptor after the standard streams.
const firstExtra = 3

// leftOpen yields, in order, the descriptors that a child of this process would
// inherit. Those that Go has opened are not among them: Go sets close-on-exec.
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

// keepNothing prevents the monitor from inheriting the descriptors that the parent
// of the program has left open. The monitor would hold a lock, or keep a pipe
// open, when the program is dead.
func keepNothing() {
	for fd := range leftOpen() {
		syscall.CloseOnExec(fd)
	}
}

// identity returns a name for a pipe that is the same in every process that has
// it.
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

// closeOnExec prevents the processes that this one starts from inheriting fd.
func closeOnExec(fd int) { syscall.CloseOnExec(fd) }

// moveFromStdin moves the pipe of a launcher or monitor to another descriptor and
// returns that: what the program does before Init may read standard input.
func moveFromStdin(fd int) int {
	place, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD, firstExtra)
	if err != nil {
		return fd
	}
	syscall.CloseOnExec(place) // at once with F_DUPFD_CLOEXEC, which AIX does not have
	if null, err := unix.Open(os.DevNull, unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
		_ = unix.Dup2(null, fd)
		_ = unix.Close(null)
	}
	return place
}

// isPrivileged reports whether this process has rights that the user who started
// it does not have. It must then ignore our variable, which that user can set.
func isPrivileged() bool {
	return os.Getuid() != os.Geteuid() || os.Getgid() != os.Getegid() || hasCapabilities()
}

// takeCrashOutput makes the pipe larger and non-blocking. Otherwise, if a monitor
// does not read, the runtime would wait for room in the pipe and the program would
// not die. Text for which there is no room is lost. That is the end of the text,
// which begins with the goroutine that died.
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

// ignoredSignals are the signals that a monitor ignores. They are meant for the
// program, or end it.
var ignoredSignals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGALRM,
	syscall.SIGUSR1, syscall.SIGUSR2}
