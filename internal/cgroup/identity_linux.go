package cgroup

import (
	"strconv"
	"syscall"
)

// identity is the inode of a group's directory, by which the kernel itself tells the
// groups apart.
func identity(dir string) uint64 {
	var stat syscall.Stat_t
	if syscall.Stat(dir, &stat) != nil {
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
