package monitor

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// self is a name of the executable that holds while the process lives: the file
// may be replaced by the next version, and go test removes it as soon as the
// program has died, while the launcher may not yet have started the monitor.
const self = "/proc/self/exe"

// executable returns what to start.
func executable(path string) string {
	if _, err := os.Stat(self); err != nil {
		return path // there is no /proc
	}
	return self
}

// rename gives the process the name that it would have if it had been started by
// path: the kernel has taken that of the link.
func rename(path string) {
	_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(path)), 0)
}

// pipeSize is what everybody may ask for, see the file pipe-max-size in
// /proc/sys/fs: some two thousand goroutines.
const pipeSize = 1 << 20

func enlarge(pipe uintptr) { _, _ = unix.FcntlInt(pipe, unix.F_SETPIPE_SZ, pipeSize) }
