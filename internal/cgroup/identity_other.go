//go:build !linux

package cgroup

// identity is 0: only Linux has groups.
func identity(string) uint64 { return 0 }

func oomd(string) uint64 { return 0 }
