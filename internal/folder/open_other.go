//go:build !unix

package folder

// openFlags: here a name does not come to wait, and os.Root does not follow it
// out.
const openFlags = 0
