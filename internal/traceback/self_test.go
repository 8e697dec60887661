package traceback_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// dieVariable makes the test binary die in the way that the first part of its value
// names. The crash output goes to the file that the second part names.
const dieVariable = "TRACEBACK_TEST_DIE"

// dieHere runs in the process that TestSameExecutable starts.
func dieHere(file string) {
	f, err := os.Create(file)
	if err == nil {
		err = debug.SetCrashOutput(f, debug.CrashOptions{})
	}
	if err != nil {
		panic(err)
	}
	// All keys are there before, and there are two threads at least: see
	// concurrentMap in testdata/fatal.
	m := map[int]int{}
	for i := range 100 {
		m[i] = i
	}
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	go func() {
		for {
			for i := range 100 {
				m[i] = i
			}
		}
	}()
	for {
		if len(os.Args) > 1 && os.Args[1] == "write" {
			m[1] = 1
		} else {
			_ = m[1]
		}
	}
}

// TestSameExecutable parses the crash output of a process with its own executable.
// With GOTRACEBACK below system, only the address of the words tells a map read from
// a map write.
func TestSameExecutable(t *testing.T) {
	for arg, want := range map[string]string{"read": "concurrent map read and map write", "write": "concurrent map writes"} {
		out := filepath.Join(t.TempDir(), "crash")
		cmd := exec.Command(os.Args[0], arg)
		cmd.Env = append(os.Environ(), dieVariable+"="+out, "GOTRACEBACK=single")
		require.Error(t, cmd.Run())
		crash, err := os.ReadFile(out)
		require.NoError(t, err)
		d := parse(t, crash)
		if d.Reason == "concurrent map access" {
			t.Skip("this executable is loaded at another address every time")
		}
		require.Equal(t, want, d.Reason)
		require.True(t, d.Inferred)
	}
}
