package cgroup

import (
	"strconv"
	"syscall"
)

// A directory is that of a group. It is read at each start of a program and after each
// collection, with no more than the system calls that it takes: os.ReadFile allocates
// nine times a file. A negative one is none, and has no files.
type directory int

func openDirectory(dir string) directory {
	d, err := syscall.Open(dir, syscall.O_RDONLY|syscall.O_DIRECTORY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return directory(d)
}

func (d directory) Close() {
	if d >= 0 {
		_ = syscall.Close(int(d))
	}
}

// read returns the start of a file, as much as buf holds, or nil if there is none. The
// kernel makes the whole of such a file at once, and no signal interrupts it.
func (d directory) read(name string, buf []byte) []byte {
	if d < 0 {
		return nil
	}
	f, err := syscall.Openat(int(d), name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	defer syscall.Close(f)
	n, err := syscall.Read(f, buf)
	if err != nil {
		return nil
	}
	return buf[:n]
}

// identity is the inode of a group's directory, by which the kernel itself tells the
// groups apart.
func (d directory) identity() uint64 {
	var stat syscall.Stat_t
	if d < 0 || syscall.Fstat(int(d), &stat) != nil {
		return 0
	}
	return stat.Ino
}

// oomd is how many processes a daemon has killed in the group for its memory, all at
// once: systemd-oomd and oomd write that down at the group, as a decimal number (see
// increment_oomd_xattr in systemd's src/oom/oomd-util.c). 0 if there is nothing.
func oomd(dir string) uint64 {
	var text [20]byte // the longest number
	size, err := syscall.Getxattr(dir, "user.oomd_kill", text[:])
	if err != nil {
		return 0
	}
	n, _ := strconv.ParseUint(string(text[:size]), 10, 64)
	return n
}
