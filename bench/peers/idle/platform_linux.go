package main

import (
	"os"
	"strconv"
	"syscall"
)

// prepare prevents the programs from inheriting the files that this process has
// inherited, so that only their own files are counted.
func prepare() error {
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	for _, f := range files {
		if fd, err := strconv.Atoi(f.Name()); err == nil && fd > syscall.Stderr {
			syscall.CloseOnExec(fd)
		}
	}
	return nil
}
