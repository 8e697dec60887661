package sentry_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// A household is a program on one machine, with the directory of its spool, and
// the server far away. The program is testdata/crash or testdata/fatal.
type household struct {
	bin    string
	dsn    string
	dir    string   // of the spool; without one if it is empty
	env    []string // of every run
	server *sentrytest.Server
}

// householdOf has no spool.
func householdOf(t *testing.T, bin string, env ...string) household {
	t.Helper()
	server := sentrytest.NewServer(t)
	return household{bin: bin, dsn: server.DSN(), env: env, server: server}
}

// newHousehold has testdata/crash, with a spool, which tells what it does.
func newHousehold(t *testing.T) household {
	t.Helper()
	h := householdOf(t, crashProgram(t), "CRASH_TELL=1")
	h.dir = filepath.Join(t.TempDir(), "spool")
	return h
}

// environment is what each of the two programs reads.
func (h household) environment(more ...string) []string {
	return slices.Concat([]string{"SENTRY_TEST_DSN=" + h.dsn, "CRASH_SPOOL=" + h.dir, "FATAL_SPOOL=" + h.dir}, h.env, more)
}

// command is the program before a run.
func (h household) command(t *testing.T, kind string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := testprogram.Command(t, h.bin, kind)
	cmd.Env = append(cmd.Env, h.environment(env...)...)
	return cmd
}

// run lets the program die, or end well, and returns what it told.
func (h household) run(t *testing.T, kind string, env ...string) told {
	t.Helper()
	return told{testprogram.Run(t, h.command(t, kind, env...))}
}

// stored returns the ids of the reports on disk.
func (h household) stored(t *testing.T) (ids []string) {
	t.Helper()
	s, err := spool.New(h.dir, spool.Options{})
	require.NoError(t, err)
	infos, err := s.List()
	if info, statErr := os.Stat(h.dir); statErr == nil && !info.IsDir() {
		return nil
	}
	require.NoError(t, err)
	for _, info := range infos {
		ids = append(ids, info.ID)
	}
	return ids
}

// logged has what the library says in every process to a file. The test ends with that
// if it fails.
func (h household) logged(t *testing.T) household {
	t.Helper()
	name := filepath.Join(t.TempDir(), "log")
	t.Cleanup(func() {
		if text, _ := os.ReadFile(name); t.Failed() {
			t.Logf("%.16000s", text)
		}
	})
	h.env = append(slices.Clone(h.env), "SENTRY_TEST_LOG="+name)
	return h
}

// files returns the names of what is in the directory; none if there is none.
func (h household) files(t *testing.T) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(h.dir)
	if !os.IsNotExist(err) {
		require.NoError(t, err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// told is what a process left, and what it said: "init 3", "crashed false",
// "close 1 report is …".
type told struct{ testprogram.Ending }

func (o told) word(t *testing.T, about string) string {
	t.Helper()
	for line := range strings.Lines(o.Stdout) {
		if rest, ok := strings.CutPrefix(line, about+" "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func (o told) init(t *testing.T) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(o.word(t, "init") + "ms")
	require.NoError(t, err, o.Stdout+o.Stderr)
	return d
}
