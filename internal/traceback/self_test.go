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

// dieVariable makes the test binary die as its value says, with its crash
// output in the file that its second part names.
const dieVariable = "TRACEBACK_TEST_DIE"

// dieHere is the other process of TestSameExecutable.
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

// TestSameExecutable: below GOTRACEBACK=system only the address of the words
// tells a read from a write, and the program that has them at that address.
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
