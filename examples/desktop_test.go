package examples_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// compiler is the C compiler that go build uses, or empty. On Windows, main.c is
// built in another way.
var compiler = sync.OnceValue(func() string {
	out, err := exec.Command("go", "env", "CC").Output()
	if err != nil || runtime.GOOS == "windows" {
		return ""
	}
	path, err := exec.LookPath(strings.TrimSpace(string(out)))
	if err != nil {
		return ""
	}
	return path
})

// desktops is a folder with the library and three programs in C that load it: two
// releases of the application, and one that faults.
var desktops = testprogram.Once(func(dir string) error {
	faulty := filepath.Join(dir, "faulty.c")
	if err := os.WriteFile(faulty, []byte(faultyProgram), 0o600); err != nil {
		return err
	}
	core := testprogram.Source{Dir: "desktop/core", Output: "libcore.so", Flags: []string{"-buildmode=c-shared"}, Env: []string{"CGO_ENABLED=1"}}
	origin := "$ORIGIN"
	if runtime.GOOS == "darwin" {
		core.Output, origin = "libcore.dylib", "@executable_path"
		core.Flags = append(core.Flags, "-ldflags=-extldflags=-Wl,-install_name,@rpath/libcore.dylib")
	}
	if _, err := core.BuildIn(dir); err != nil {
		return err
	}
	for program, source := range map[string][]string{
		"desktop-v1": {"desktop/main.c"},
		"desktop-v2": {"desktop/main.c", `-DVERSION="v2.0.0"`},
		"faulty":     {faulty, "-pthread"},
	} {
		args := append(source, "-o", filepath.Join(dir, program), "-I"+dir, "-L"+dir, "-lcore", "-Wl,-rpath,"+origin)
		if out, err := exec.Command(compiler(), args...).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", program, err, out)
		}
	}
	return nil
})

// faultyProgram faults in a thread that Go does not know.
const faultyProgram = `
#include <pthread.h>
#include "libcore.h"
static int *volatile nowhere;
static void *fault(void *arg) { *nowhere = 1; return arg; }
int main(int argc, char **argv) {
	pthread_t thread;
	if (argc < 2 || CoreStart(argv[1], "v1.0.0") == CORE_ERROR) return 65;
	pthread_create(&thread, 0, fault, 0);
	pthread_join(thread, 0);
	return 66;
}
`

// A desktop is an application on one machine: its runs share a folder.
type desktop struct {
	t      *testing.T
	server *sentrytest.Server
	bin    string // the folder of the programs
	dir    string
}

func newDesktop(t *testing.T) *desktop {
	t.Helper()
	if compiler() == "" {
		t.Skip("without a C compiler (go env CC)")
	}
	return &desktop{t: t, server: sentrytest.NewServer(t), bin: desktops(t), dir: t.TempDir()}
}

// run runs a program once. How it ended is in the words of the system.
func (d *desktop) run(name string, args ...string) (ended, printed string) {
	d.t.Helper()
	return d.runIn(d.dir, nil, name, args...)
}

// silently is how the program ends while the library does nothing. It is on
// another machine: its user wants no reports of earlier runs either.
func (d *desktop) silently(name string, args ...string) (ended string) {
	d.t.Helper()
	ended, _ = d.runIn(d.t.TempDir(), []string{"DO_NOT_TRACK=1"}, name, args...)
	return ended
}

func (d *desktop) runIn(dir string, env []string, name string, args ...string) (ended, printed string) {
	d.t.Helper()
	cmd := testprogram.Command(d.t, filepath.Join(d.bin, name), append([]string{dir}, args...)...)
	cmd.Dir = dir // for a core dump
	o := run(d.t, d.server, cmd, env...)
	return o.State, o.Stdout
}

// startsAgain is a new release that has no trouble.
func (d *desktop) startsAgain() (printed string) {
	d.t.Helper()
	ended, printed := d.run("desktop-v2", "longest", "of three words")
	require.Equal(d.t, "exit status 0", ended, printed)
	require.Contains(d.t, printed, "5\n")
	return printed
}

// requireReported wants one report, however often the program starts again.
func (d *desktop) requireReported(title, culprit string) {
	d.t.Helper()
	require.NotContains(d.t, d.startsAgain(), crashed)
	require.Len(d.t, d.server.Events(), 1)
	event := d.server.Events()[0]
	require.Equal(d.t, title, event.Title())
	require.Equal(d.t, culprit, event.Culprit().Name())
	require.Equal(d.t, module+"/desktop/core/core.go", event.Culprit().Filename)
	require.True(d.t, event.Unhandled())
	require.Equal(d.t, "example-desktop@1.0.0", event.Release, "of the run that died")
}

const crashed = "The last run crashed. Its report is on the way.\n"

// TestDesktopWithoutGuard: the dying run can tell nobody, so the next start does.
func TestDesktopWithoutGuard(t *testing.T) {
	t.Parallel()
	for command, report := range map[string]struct{ title, culprit string }{
		"longest": {"runtime error: index out of range [0] with length 0", "main.longest.func1"},
		"count":   {"fatal error: sync: unlock of unlocked mutex", "main.count"},
	} {
		d := newDesktop(t)
		ended, printed := d.run("desktop-v1", command, "")
		require.Contains(t, ended, "signal: abort", "as every crash of a library")
		require.Equal(t, d.silently("desktop-v1", command, ""), ended)
		require.NotContains(t, printed, crashed)
		require.Empty(t, d.server.Attempts())

		require.Contains(t, d.startsAgain(), crashed)
		d.requireReported(report.title, report.culprit)
	}
}

// TestDesktopWithGuard: its panic is in the crash file too, and not reported
// from there again.
func TestDesktopWithGuard(t *testing.T) {
	t.Parallel()
	for command, report := range map[string]struct{ title, culprit string }{
		"first":   {"runtime error: index out of range [0] with length 0", "main.first"},
		"average": {"runtime error: integer divide by zero", "main.average.func1"},
	} {
		d := newDesktop(t)
		ended, printed := d.run("desktop-v1", command, "")
		require.Equal(t, d.silently("desktop-v1", command, ""), ended)
		require.Contains(t, printed, "[recovered, repanicked]")
		require.Len(t, d.server.Events(), 1)

		require.Contains(t, d.startsAgain(), crashed)
		d.requireReported(report.title, report.culprit)
	}
}

// TestDesktopOffline: what its guard could not send, the next start does.
func TestDesktopOffline(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	d.server.Down()
	d.run("desktop-v1", "average", "")
	require.NoError(t, d.server.Up())

	require.Contains(t, d.startsAgain(), crashed)
	d.requireReported("runtime error: integer divide by zero", "main.average.func1")
}

func TestDesktopWithoutPanic(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	for command, result := range map[string]string{"first": "2\n", "average": "4\n", "longest": "5\n", "count": "3\n"} {
		ended, printed := d.run("desktop-v1", command, "of three words")
		require.Equal(t, "exit status 0", ended)
		require.Equal(t, result, printed)
	}
	ended, printed := d.run("desktop-v1", "shortest", "of three words")
	require.Equal(t, "exit status 1", ended)
	require.Equal(t, "There is no command shortest.\n", printed)
	require.Empty(t, d.server.Attempts())
}

// TestDesktopFaultInC: that thread is the host's, and so is its end.
func TestDesktopFaultInC(t *testing.T) {
	t.Parallel()
	d := newDesktop(t)
	ended, printed := d.run("faulty")
	require.Contains(t, ended, "signal: segmentation")
	require.Empty(t, printed, "Go has nothing to say")

	require.NotContains(t, d.startsAgain(), crashed)
	require.Empty(t, d.server.Attempts())
}
