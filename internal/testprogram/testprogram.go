// Package testprogram lets a test build a Go program, run it, talk with it, and
// see how it ends. It is for tests only: of this module, and of examples, e2e
// and bench.
//
// A program that several tests share is built when the first of them asks for
// it:
//
//	func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }
//
//	var crash = testprogram.Source{Dir: "testdata/crash"}.Once()
//
//	func TestCrash(t *testing.T) {
//		ended := testprogram.Run(t, testprogram.Command(t, crash(t), "nil"), "SENTRY_TEST_DSN="+dsn)
//		require.Equal(t, 2, ended.Status, ended.Stderr)
//	}
//
// [Start] is for a program that the test talks with while it runs.
//
// The functions take a [testing.TB] and fail the test themselves. In another
// goroutine than that of the test, such a failure ends that goroutine, and the
// test fails when it is done.
package testprogram

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// scratch holds what is built once, while the tests run.
var scratch string

// Main runs the tests of a package and returns the exit status. Afterwards it
// removes what was built once for all of them. On Linux the tests run in a child
// of the process that was started: see adoptOrphans.
func Main(m *testing.M) (status int) {
	if folder := os.Getenv(buildVariable); folder != "" {
		return buildDeclared(folder)
	}
	if status, done := adoptOrphans(); done {
		return status
	}
	dir, err := os.MkdirTemp("", "testprogram-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "testprogram:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	scratch = dir
	return m.Run()
}

// Scratch is the folder below which everything is that is built once.
func Scratch() string { return scratch }

// foreign are the beginnings of the variables that the library, the Go runtime,
// or a server of e2e would take for its own configuration.
var foreign = []string{"SENTRY", "DO_NOT_TRACK", "GOTRACEBACK", "SPOTLIGHT", "PYTHON", "DJANGO"}

// Environment is that of the test without the variables that would change what a
// program does, whoever runs the tests, and with more at the end.
func Environment(more ...string) (env []string) {
	for _, variable := range os.Environ() {
		if !slices.ContainsFunc(foreign, func(beginning string) bool { return strings.HasPrefix(variable, beginning) }) {
			env = append(env, variable)
		}
	}
	return append(env, more...)
}

// Patience is for processes that start and end on a machine under load.
const Patience = 20 * time.Second

// Eventually waits until condition is true, and fails the test if that takes
// longer than [Patience].
func Eventually(t testing.TB, condition func() bool, msgAndArgs ...any) {
	t.Helper()
	//lint:ignore lintpanics a panic of the condition ends the test binary, which shows it
	require.Eventually(t, condition, Patience, time.Millisecond, msgAndArgs...)
}
