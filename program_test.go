//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// The tests of this file are of what a program may be and do, with a crash monitor
// and with a supervisor: there is one program, and it is reported once.

var bothWays = []string{"FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"}

// TestProgramThatIsNotWhatItWas at its start: the monitor and the supervisor are
// that program, whatever became of its file and its arguments.
func TestProgramThatIsNotWhatItWas(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"remove", "rename", "args"} {
		for _, way := range bothWays {
			t.Run(before+" "+way, func(t *testing.T) {
				t.Parallel()
				h := fatalHousehold(t, "FATAL_BEFORE="+before, way)
				moved := filepath.Join(t.TempDir(), "moved-away-from-here")
				testprogram.Copy(t, h.bin, moved)
				h.bin = moved
				p := h.waiting(t)
				if way == "FATAL_MONITOR=1" {
					file := fmt.Sprintf("/proc/%d/comm", h.monitor(t))
					testprogram.Eventually(t, func() bool {
						comm, err := os.ReadFile(file) // what ps shows
						return err == nil && string(comm) == "moved-away-from\n"
					})
				}
				require.Equal(t, 2, p.dies("map").Status)
				require.Equal(t, "fatal error: concurrent map writes", h.server.Wait(1)[0].Title())
				h.untilNobodyWatches(t)
				require.Len(t, h.events(), 1)
			})
		}
	}
}

// TestInitIsNotFirst: a program that does what only one process can do, and then calls
// Init, has no monitor, and is told what to do.
func TestInitIsNotFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	h := fatalHousehold(t, "FATAL_BEFORE=alone", "FATAL_ALONE="+filepath.Join(dir, "alone"), "FATAL_MONITOR=1", "SENTRY_TEST_LOG="+log)
	p := testprogram.Start(t, h.command(t, "wait"))
	testprogram.Eventually(t, func() bool {
		text, _ := os.ReadFile(log)
		return strings.Contains(string(text), "exit status 67 of the second process, which runs all that stands before Init, too: call Init first in main")
	})
	p.Signal(os.Kill)
	p.End()
}

// TestFurtherInit holds for the monitor, too, which comes to the first.
func TestFurtherInit(t *testing.T) {
	t.Parallel()
	for _, spool := range []string{"", t.TempDir()} {
		for _, way := range bothWays {
			second := sentrytest.NewServer(t)
			h := fatalHousehold(t, "FATAL_SECOND_DSN="+second.DSN(), way)
			h.dir = spool
			h.run(t, "secret")
			require.Equal(t, "panic", second.Wait(1)[0].Title())
			h.untilNobodyWatches(t)
			require.Len(t, once(second.Events()), 1)
			require.Empty(t, h.server.Attempts())
		}
	}
}

// TestDeadNetworkAndASpool: what neither the program nor its monitor could send,
// the next start does.
func TestDeadNetworkAndASpool(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"", "FATAL_MONITOR=1", "FATAL_SUPERVISOR=1"} {
		h := fatalHousehold(t, way).withSpool(t).logged(t)
		h.server.Down()
		require.Equal(t, 2, h.run(t, "map", "FATAL_FLUSH_TIMEOUT=100ms").Status)
		testprogram.KillAll(t, h.all) // the monitor would try for a while
		require.NoError(t, h.server.Up())
		h.nextStart(t)
		h.untilNobodyWatches(t)
		require.Len(t, h.events(), 1)
		require.Equal(t, "fatal error: concurrent map writes", h.server.Events()[0].Title())
		require.Equal(t, "example.com-acme-fatal@(devel)", h.server.Events()[0].Release)
	}
}

// TestOneProgram: whatever it does before Init, there is one that comes past it.
func TestOneProgram(t *testing.T) {
	t.Parallel()
	for _, before := range []string{"", "stdin", "daemon", "exec", "helper", "null", "silent"} {
		for _, way := range bothWays {
			t.Run(before+" "+way, func(t *testing.T) {
				t.Parallel()
				log := filepath.Join(t.TempDir(), "log")
				h := fatalHousehold(t, "FATAL_LOG="+log, "FATAL_BEFORE="+before, way)
				cmd := h.command(t, "map")
				output, err := os.Create(filepath.Join(t.TempDir(), "output"))
				require.NoError(t, err)
				defer output.Close()
				cmd.Stdout = output // and no device
				_ = cmd.Run()       // without a pipe, that a daemon could hold
				testprogram.UntilGone(t, h.all)
				text, err := os.ReadFile(log)
				require.NoError(t, err)
				require.Equal(t, 1, strings.Count(string(text), "up\n"), string(text))
				require.LessOrEqual(t, len(h.events()), 1)
				if before != "daemon" && before != "exec" && before != "null" && !strings.HasPrefix(before, "silent") {
					require.Len(t, h.server.Events(), 1)
				}
			})
		}
	}
}

// TestPrivilegedProgram obeys nobody's variables, so it can not have a second
// process, and says so.
func TestPrivilegedProgram(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can give a program to somebody else")
	}
	dir, err := os.MkdirTemp("", "sentry-privileged-") // everybody may look into it
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var place syscall.Statfs_t
	require.NoError(t, syscall.Statfs(dir, &place))
	if place.Flags&unix.ST_NOSUID != 0 {
		t.Skip("no setuid programs in " + os.TempDir())
	}
	require.NoError(t, os.Chmod(dir, 0o777))
	other := filepath.Join(dir, "other")
	testprogram.Copy(t, fatalProgram(t), other)
	const nobody = 65534
	require.NoError(t, os.Chown(other, nobody, nobody))
	require.NoError(t, os.Chmod(other, 0o755|os.ModeSetuid))
	for _, way := range bothWays {
		o := householdOf(t, other, "FATAL_LOG="+filepath.Join(dir, "log"), way).run(t, "none")
		require.Equal(t, 65, o.Status, o.Stderr)
		require.Contains(t, o.Stderr, "this program can not start itself again: it runs with the rights of its file")
	}
}

// TestNoRecursion: there is one monitor, and what the program starts is none.
func TestNoRecursion(t *testing.T) {
	t.Parallel()
	for _, way := range bothWays {
		h := fatalHousehold(t, "FATAL_CHILD=1", way)
		p := h.waiting(t)
		if way == "FATAL_MONITOR=1" {
			h.monitor(t)
		}
		// A child looks like its parent until its exec.
		testprogram.Eventually(t, func() bool { return len(h.alive(t, "")) == 1 })
		begin := time.Now()
		require.Equal(t, 2, p.dies("map").Status)
		require.Equal(t, "fatal error: concurrent map writes", h.server.Wait(1)[0].Title())
		require.Less(t, time.Since(begin), testprogram.Patience)
		h.untilNobodyWatches(t)
		require.Len(t, h.events(), 1)
	}
}

// TestUpgradeInPlace adds no supervisor each time.
func TestUpgradeInPlace(t *testing.T) {
	t.Parallel()
	for _, way := range bothWays {
		h := fatalHousehold(t, "FATAL_UPGRADES=4", way)
		p := up(t, h.command(t, "upgrade"))
		testprogram.Eventually(t, func() bool {
			pids := map[int]bool{}
			for range 3 { // one look may miss what starts meanwhile
				for _, pid := range testprogram.Processes(t, h.all) {
					pids[pid] = true
				}
			}
			return len(pids) <= 3 // a supervisor, the program, a monitor
		})
		testprogram.KillAll(t, h.all) // the end of its supervisor is not that of the program
		p.End()
		require.Empty(t, h.server.Attempts())
	}
}

// hostProgram loads the library, and is no Go program.
const hostProgram = `
#include <string.h>
#include "libfatal.h"
int main(int argc, char **argv) {
	if (Start() != 0) return 65;
	if (strcmp(argv[1], "die") == 0) Die();
	Stop();
	return 0;
}
`

// TestLibraryInAProgramInC: its executable is not ours to start, so the file
// serves, or Init says that there is none.
func TestLibraryInAProgramInC(t *testing.T) {
	t.Parallel()
	if os.Getenv(stressed) == "" {
		t.Skip("builds the standard library as shared: with " + stressed + "=1")
	}
	cc := testprogram.Compiler(t)
	library := fatalSource("1")
	library.Package, library.Output, library.Flags = "./library", "libfatal.so", []string{"-buildmode=c-shared"}
	dir := filepath.Dir(library.Build(t))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "host.c"), []byte(hostProgram), 0o600))
	host := filepath.Join(dir, "host")
	cc = append(cc, "-o", host, "-I", dir, filepath.Join(dir, "host.c"), "-L", dir, "-lfatal", "-Wl,-rpath,"+dir)
	out, err := exec.Command(cc[0], cc[1:]...).CombinedOutput()
	require.NoError(t, err, string(out))

	h := householdOf(t, host).withSpool(t)
	require.NotZero(t, h.run(t, "die").Status)
	require.Empty(t, h.alive(t, ""))
	require.Zero(t, h.run(t, "live").Status)
	require.Len(t, h.server.Events(), 1)
	require.Equal(t, "panic: in the library", h.server.Events()[0].Title())
	require.True(t, h.server.Events()[0].Top().InApp)

	own := householdOf(t, host, "FATAL_OWN_WORDS=1", "FATAL_DATA= of "+data("Tenpr Ubccre")).withSpool(t)
	require.NotZero(t, own.run(t, "die").Status)
	require.Zero(t, own.run(t, "live").Status)
	require.Equal(t, "panic: in the library …", own.server.Events()[0].Title())

	h.dir = ""
	o := h.run(t, "live")
	require.Equal(t, 65, o.Status)
	require.Contains(t, o.Stderr, "WithCrashMonitor: start crash monitor: this program can not start itself again: it is built as c-shared")
}
