//go:build !windows

package folder

import (
	"errors"
	"os"
	"syscall"
)

// syncName makes the names in the directory survive a power cut.
func syncName(root *os.Root, _ *os.File) error {
	dir, err := root.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	return ignoreUnsupported(dir.Sync())
}

// syncDirectory does the same for a directory that is not the spool's.
func syncDirectory(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return ignoreUnsupported(dir.Sync())
}

// ignoreUnsupported: some network and user-space file systems can not sync a
// directory. It is all that can be had there.
func ignoreUnsupported(err error) error {
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	return err
}
