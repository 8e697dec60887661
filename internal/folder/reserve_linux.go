package folder

import (
	"os"

	"golang.org/x/sys/unix"
)

// Reserve takes room for size bytes of a file, which stays as long as it is, as far as
// the file system can.
func Reserve(f *os.File, size int64) {
	conn, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = conn.Control(func(fd uintptr) { _ = unix.Fallocate(int(fd), unix.FALLOC_FL_KEEP_SIZE, 0, size) })
}
