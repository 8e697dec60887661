//go:build !plan9

package monitor

import (
	"errors"
	"syscall"
)

// isAgain reports whether a write has failed only because a pipe is full.
func isAgain(err error) bool { return errors.Is(err, syscall.EAGAIN) }
