//go:build linux || darwin || freebsd

package moments

import (
	"os"

	"golang.org/x/sys/unix"
)

// Mapped tells whether files are mapped on this system.
const Mapped = true

// Map maps a file of Size bytes. The file may be closed then. It must have its blocks:
// a write to one that is not there would be a fault.
func Map(f *os.File) (mem []byte, unmap func([]byte), err error) {
	mem, err = unix.Mmap(int(f.Fd()), 0, Size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	return mem, func(mem []byte) { _ = unix.Munmap(mem) }, err
}
