package spool

import (
	"os"
	"syscall"
)

// Duplicate returns a copy of the file of a report, as a forked child has one.
func Duplicate(r *Report) (*os.File, error) {
	fd, err := syscall.Dup(int(r.file.Fd()))
	return os.NewFile(uintptr(fd), "copy"), err
}
