package monitor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// selfLink is a name of the executable that stays valid while the process lives.
// The path does not: the next version may replace the file, and go test removes it
// as soon as the program has died, when the launcher may not yet have started the
// monitor.
const selfLink = "/proc/self/exe"

// executable returns the name by which to start this executable again.
func executable(path string) string {
	if _, err := os.Stat(selfLink); err != nil {
		return path // there is no /proc
	}
	return selfLink
}

// rename gives the process the name that it would have if it had been started by
// path. The kernel has given it the name of selfLink.
func rename(path string) {
	_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(path)), 0)
}

// pipeSize is the size of a pipe that has room for about 500 goroutines. All pipes
// of a user that are larger than usual may have 64 MiB together (see
// pipe-user-pages-soft in /proc/sys/fs), and new pipes are small when that is used
// up. So enlarge does nothing for a program that prints only one goroutine.
const pipeSize = 256 << 10

func enlarge(pipe uintptr) {
	switch os.Getenv("GOTRACEBACK") {
	case "", "none", "single", "0", "1":
	default:
		_, _ = unix.FcntlInt(pipe, unix.F_SETPIPE_SZ, pipeSize)
	}
}

// hasCapabilities reports whether the executable gives the process additional
// rights, for example by setcap(8). It reads AT_SECURE, see getauxval(3).
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

// birth is when a process was started, in ticks since the start of the machine, and
// empty if it does not live. See stat in proc_pid_stat(5); the name of the process
// may have spaces and brackets:
//
//	4711 (a (b)) S 1 4711 4711 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 99 …
func birth(pid int) string {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || strings.ContainsAny(fields[0], "ZX") {
		return ""
	}
	return fields[19]
}
