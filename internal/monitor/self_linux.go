package monitor

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// selfLink is a name of the executable that holds while the process lives: the file
// may be replaced by the next version, and go test removes it as soon as the
// program has died, while the launcher may not yet have started the monitor.
const selfLink = "/proc/self/exe"

// executable returns what to start.
func executable(path string) string {
	if _, err := os.Stat(selfLink); err != nil {
		return path // there is no /proc
	}
	return selfLink
}

// rename gives the process the name that it would have if it had been started by
// path: the kernel has taken that of the link.
func rename(path string) {
	_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(path)), 0)
}

// pipeSize is some 500 goroutines. All pipes of a user that are larger than usual
// have 64 MiB together, see the file pipe-user-pages-soft in /proc/sys/fs, and
// new ones are small when that is used up: only who wants to see all goroutines
// has a larger one.
const pipeSize = 256 << 10

func enlarge(pipe uintptr) {
	switch os.Getenv("GOTRACEBACK") {
	case "", "none", "single", "0", "1":
	default:
		_, _ = unix.FcntlInt(pipe, unix.F_SETPIPE_SZ, pipeSize)
	}
}

// hasCapabilities tells whether the executable has rights of its own, as by
// setcap(8): AT_SECURE of getauxval(3).
func hasCapabilities() bool {
	const secure = 23
	auxv, _ := unix.Auxv()
	for _, entry := range auxv {
		if entry[0] == secure {
			return entry[1] != 0
		}
	}
	return false
}
