//go:build !unix

package spool

// openFlags: here a name does not come to wait, and os.Root does not follow it
// out.
const openFlags = 0
