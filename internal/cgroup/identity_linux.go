package cgroup

import "syscall"

// identity is the inode of a group's directory, by which the kernel itself tells the
// groups apart.
func identity(dir string) uint64 {
	var stat syscall.Stat_t
	if syscall.Stat(dir, &stat) != nil {
		return 0
	}
	return stat.Ino
}
