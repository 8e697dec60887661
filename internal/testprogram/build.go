package testprogram

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// library is the module that the programs use.
const library = "github.com/panicreport/sentry"

// A Source is a Go program that is not built yet.
type Source struct {
	// Dir is the folder in which go build runs. By default, that of the test.
	Dir string

	// Package is what is built, as seen from Dir. By default, the one in Dir.
	Package string

	// Output is the name of the file. By default, that of the package's folder,
	// with .exe on Windows.
	Output string

	// Flags are further flags of go build.
	Flags []string

	// Env are further variables for go build, such as CGO_ENABLED=0.
	Env []string

	// Elsewhere builds a copy of Dir, which is a module, in another folder. It
	// uses the same checkout of the library.
	Elsewhere bool
}

// Build builds the program and returns its path. It is removed with the test.
func (s Source) Build(t testing.TB) (exe string) {
	t.Helper()
	exe, err := s.BuildIn(t.TempDir())
	require.NoError(t, err)
	return exe
}

// Once returns a function that builds the program when it is called first, and
// returns its path. The package of the test must have a TestMain with [Main].
func (s Source) Once() func(t testing.TB) (exe string) {
	declared = append(declared, s)
	var exe string
	built := Once(func(dir string) (err error) {
		exe, err = s.BuildIn(dir)
		return err
	})
	return func(t testing.TB) string {
		t.Helper()
		built(t)
		return exe
	}
}

// Once returns a function that, when it is called first, lets fill put files into
// a new folder, and returns that folder. If fill fails, so does every test that
// asks. The package of the test must have a TestMain with [Main].
func Once(fill func(dir string) error) func(t testing.TB) (dir string) {
	filled := sync.OnceValues(func() (dir string, err error) {
		if scratch == "" {
			return "", errors.New("there is no TestMain with testprogram.Main")
		}
		if dir, err = os.MkdirTemp(scratch, ""); err != nil {
			return "", err
		}
		return dir, fill(dir)
	})
	return func(t testing.TB) string {
		t.Helper()
		dir, err := filled()
		require.NoError(t, err)
		return dir
	}
}

// BuildIn builds the program in dir, for the argument of [Once].
func (s Source) BuildIn(dir string) (exe string, err error) {
	if folder := os.Getenv(builtVariable); folder != "" {
		return takeBuilt(s, folder, dir)
	}
	from := s.Dir
	if s.Elsewhere {
		if from, err = s.copyTo(filepath.Join(dir, "quite", "elsewhere")); err != nil {
			return "", fmt.Errorf("copy %s: %w", s.Dir, err)
		}
	}
	pkg := s.Package
	if pkg == "" {
		pkg = "."
	}
	name := s.Output
	if name == "" {
		folder, err := filepath.Abs(filepath.Join(s.Dir, pkg))
		if err != nil {
			return "", err
		}
		name = filepath.Base(folder)
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
	}
	exe = filepath.Join(dir, name)
	// Nobody debugs the program, and without what a debugger needs it is linked sooner.
	_, err = runGo(from, s.Env, append(append([]string{"build", "-ldflags=-w", "-o", exe}, s.Flags...), pkg)...)
	return exe, err
}

// copyTo copies the module in Dir and returns where it is.
func (s Source) copyTo(dir string) (string, error) {
	// Its go.mod may name the checkout by a path that is right only here.
	checkout, err := runGo(s.Dir, nil, "list", "-m", "-f", "{{.Dir}}", library)
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(dir, os.DirFS(s.Dir)); err != nil {
		return "", err
	}
	_, err = runGo(dir, nil, "mod", "edit", "-replace="+library+"="+checkout)
	return dir, err
}

// Go runs the go command in dir and returns what it prints.
func Go(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := runGo(dir, nil, args...)
	require.NoError(t, err)
	return out
}

func runGo(dir string, env []string, args ...string) (stdout string, err error) {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s%s", strings.Join(cmd.Args, " "), err, out, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}
