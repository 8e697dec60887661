//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package folder

import (
	"os"
	"syscall"
)

// tryLock locks f, for as long as it or a duplicate of it is open anywhere, or
// returns false if it is locked. Not fcntl: its locks belong to the process and
// end with the first close of any descriptor of the file.
func tryLock(f *os.File) (bool, error) {
	switch err := flock(f, syscall.LOCK_EX|syscall.LOCK_NB); err {
	case nil:
		return true, nil
	case syscall.EWOULDBLOCK:
		return false, nil
	default:
		return false, os.NewSyscallError("flock", err)
	}
}

func unlock(f *os.File) {
	_ = flock(f, syscall.LOCK_UN)
}

func flock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); err != syscall.EINTR {
			return err
		}
	}
}
