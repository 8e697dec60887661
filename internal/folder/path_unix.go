//go:build unix

package folder

import (
	"errors"
	"syscall"
)

func isLoop(err error) bool { return errors.Is(err, syscall.ELOOP) }

// isBadName: a name may have any character but the slash.
func isBadName(string, error) bool { return false }
