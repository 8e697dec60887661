//go:build !windows

package folder

import "os"

func remove(root *os.Root, name string) error { return root.Remove(name) }

func rename(root *os.Root, from, to string) error { return root.Rename(from, to) }

// isSame adds nothing here to os.SameFile.
func isSame(*os.Root, *os.File, string) bool { return false }
