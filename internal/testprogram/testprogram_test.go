package testprogram_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }

var program = testprogram.Source{Dir: "testdata/program"}.Once()

func command(t *testing.T, role string) *exec.Cmd {
	t.Helper()
	return testprogram.Command(t, program(t), role)
}

func TestRun(t *testing.T) {
	t.Parallel()
	ended := testprogram.Run(t, command(t, "both"))
	require.Equal(t, 7, ended.Status)
	require.Equal(t, "exit status 7", ended.State)
	require.Equal(t, strings.Repeat("out\n", 100), ended.Stdout)
	require.Equal(t, strings.Repeat("err\n", 100), ended.Stderr)
	require.Positive(t, ended.Took)

	cmd := command(t, "both")
	cmd.Stderr = testprogram.IntoStdout
	ended = testprogram.Run(t, cmd)
	require.Equal(t, strings.Repeat("out\nerr\n", 100), ended.Stdout)
	require.Empty(t, ended.Stderr)
}

// TestEnvironment: what the library reads is not that of whoever runs the tests.
func TestEnvironment(t *testing.T) {
	for _, name := range []string{"SENTRY_DSN", "DO_NOT_TRACK", "GOTRACEBACK", "PYTHONPATH", "DJANGO_SETTINGS_MODULE", "SPOTLIGHT_PORT"} {
		t.Setenv(name, "single")
	}
	t.Setenv("OF_THE_TEST", "stays")
	ended := testprogram.Run(t, command(t, "environment"), "SENTRY_RELEASE=given", "DO_NOT_TRACK=0")
	require.Contains(t, ended.Stdout, "\nOF_THE_TEST=stays\n")
	require.Contains(t, ended.Stdout, "\nSENTRY_RELEASE=given\n")
	require.Contains(t, ended.Stdout, "\nDO_NOT_TRACK=0\n")
	require.NotContains(t, ended.Stdout, "=single")
}

func TestStart(t *testing.T) {
	t.Parallel()
	p := testprogram.Start(t, command(t, "echo"))
	p.Tell("hello")
	require.Equal(t, "you say hello", p.Line())
	p.Tell("one")
	p.Tell("two")
	p.CloseInput()
	require.Equal(t, "you say one", p.Line())
	require.Equal(t, "you say two\nthis line has no end", p.Rest())
	require.Equal(t, 7, p.End().Status)
	require.Equal(t, 7, p.End().Status, "asked again")
}

// TestLines leaves out the last one, which has no end.
func TestLines(t *testing.T) {
	t.Parallel()
	p := testprogram.Start(t, command(t, "echo"))
	p.Tell("one")
	p.Tell("two")
	p.CloseInput()
	var all []string
	for line := range p.Lines() {
		all = append(all, line)
	}
	require.Equal(t, []string{"you say one", "you say two"}, all)
}

// TestOnce: all tests that ask have the same files.
func TestOnce(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	made := testprogram.Once(func(dir string) error {
		calls.Add(1)
		return os.WriteFile(filepath.Join(dir, "file"), nil, 0o600)
	})
	require.FileExists(t, filepath.Join(made(t), "file"))
	require.Equal(t, made(t), made(t))
	require.Equal(t, testprogram.Scratch(), filepath.Dir(made(t)))
	require.EqualValues(t, 1, calls.Load())
}

func TestBuildThatFails(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/acme/broken\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { nothing() }\n"), 0o600))
	_, err := testprogram.Source{Dir: dir}.BuildIn(t.TempDir())
	require.ErrorContains(t, err, "go build")
	require.ErrorContains(t, err, "undefined: nothing")
}

// TestBuiltBefore: on a machine without Go, programs are there.
func TestBuiltBefore(t *testing.T) {
	tests, err := os.Executable()
	require.NoError(t, err)
	folder := t.TempDir()
	build := exec.Command(tests)
	build.Env = append(os.Environ(), "TESTPROGRAM_BUILD="+folder)
	require.Zero(t, testprogram.Run(t, build).Status)

	t.Setenv("TESTPROGRAM_BUILT", folder)
	t.Setenv("PATH", "")
	exe := testprogram.Source{Dir: "testdata/program"}.Build(t)
	require.Equal(t, 7, testprogram.Run(t, testprogram.Command(t, exe, "nothing")).Status)
	_, err = testprogram.Source{Dir: "testdata"}.BuildIn(t.TempDir())
	require.ErrorContains(t, err, "not built before")
}

// TestCopyRunsAtOnce while others start processes.
func TestCopyRunsAtOnce(t *testing.T) {
	t.Parallel()
	bin := program(t)
	var done atomic.Bool
	var wg sync.WaitGroup
	defer wg.Wait()
	defer done.Store(true)
	for range 4 {
		wg.Go(func() {
			for !done.Load() {
				testprogram.Run(t, testprogram.Command(t, bin, "nothing"))
			}
		})
	}
	for n := range 50 {
		to := filepath.Join(t.TempDir(), fmt.Sprintf("copy-%d.exe", n))
		testprogram.Copy(t, bin, to)
		require.Equal(t, 7, testprogram.Run(t, testprogram.Command(t, to, "nothing")).Status)
	}
}
