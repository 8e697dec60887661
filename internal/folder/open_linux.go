package folder

import "syscall"

// openFlags: a FIFO that takes the place of a file after the look at it must
// not be waited for. Where a file's size has 32 bits, one of 2 GB and more does
// not open without O_LARGEFILE, which os.Open adds and os.Root does not.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOFOLLOW | syscall.O_LARGEFILE
