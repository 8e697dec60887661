//go:build unix && !linux

package folder

import "syscall"

// openFlags: a FIFO that takes the place of a file after the look at it must
// not be waited for.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOFOLLOW
