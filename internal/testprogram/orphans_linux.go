package testprogram

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// adopted tells the tests that somebody takes their orphans in.
const adopted = "TESTPROGRAM_ORPHANS=adopted"

// adoptOrphans runs this program once more, as its child, and returns the
// child's exit status. Until then it is the parent of every process below whose
// own parent ended, and takes its exit status. That is the work of PID 1, which
// in a container seldom does it: the monitor of each crash would stay as a
// zombie, and with thousands of them each look through /proc takes longer than
// what a test waits for.
//
// In that child, and where there is no such adoption, it returns false.
func adoptOrphans() (status int, done bool) {
	if os.Getenv("TESTPROGRAM_ORPHANS") != "" {
		return 0, false
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, false
	}
	runtime.LockOSThread() // Pdeathsig comes when the thread ends that started the child
	child := exec.Command("/proc/self/exe")
	child.Args = os.Args
	child.Env = append(os.Environ(), adopted)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	child.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := child.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "testprogram: the tests run without a parent for their orphans:", err)
		return 0, false
	}
	for {
		var ended syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &ended, 0, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			fmt.Fprintln(os.Stderr, "testprogram: the tests' end was not seen:", err)
			return 1, true
		case pid != child.Process.Pid:
		case ended.Signaled():
			fmt.Fprintln(os.Stderr, "testprogram: the tests were ended by a signal:", ended.Signal())
			killOrphans()
			return 1, true
		default:
			killOrphans()
			return ended.ExitStatus(), true
		}
	}
}

// killOrphans ends what has outlived the tests, and what that has started.
func killOrphans() {
	for pids := children(); len(pids) > 0; pids = children() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			_, _ = syscall.Wait4(pid, nil, 0, nil)
		}
	}
}

func children() (pids []int) {
	threads, _ := filepath.Glob("/proc/self/task/*/children") // an error is one of the pattern
	for _, file := range threads {
		list, _ := os.ReadFile(file)
		for field := range strings.FieldsSeq(string(list)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
