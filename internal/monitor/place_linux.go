package monitor

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// TakePlace takes one of n places that the processes of one user and one executable
// have for the same purpose, until this process ends. It returns false if others
// have all of them.
//
// A place is a name in the abstract namespace of Unix sockets (unix(7)), to which
// one socket at a time can be bound, and which leaves nothing behind. Where there is
// no such namespace, every process gets a place.
func TakePlace(purpose string, n int) bool {
	var exe syscall.Stat_t
	if syscall.Stat(selfLink, &exe) != nil {
		return true
	}
	for i := range n {
		name := fmt.Sprintf("@panicreport-%s-%d-%s-%d", purpose, os.Geteuid(), identityOf(&exe), i)
		fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return true
		}
		switch err := unix.Bind(fd, &unix.SockaddrUnix{Name: name}); err {
		case nil:
			return true // the socket stays open
		case unix.EADDRINUSE:
			_ = unix.Close(fd)
		default:
			_ = unix.Close(fd)
			return true
		}
	}
	return false
}
