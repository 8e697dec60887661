package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/testprogram"
)

func id(n int) string { return fmt.Sprintf("%032x", n) }

func put(t *testing.T, dir string, n int, envelope string) {
	t.Helper()
	store, err := spool.New(dir, spool.Options{})
	require.NoError(t, err)
	report, err := store.Put(id(n), []byte(envelope))
	require.NoError(t, err)
	require.NoError(t, report.Release())
}

func TestShow(t *testing.T) {
	t.Parallel()
	bin := testprogram.Source{}.Build(t)
	dir := filepath.Join(t.TempDir(), "spool")
	show := func() (out string, status int) {
		cmd := testprogram.Command(t, bin, dir)
		cmd.Stderr = testprogram.IntoStdout
		ended := testprogram.Run(t, cmd)
		return ended.Stdout, ended.Status
	}

	_, status := show()
	require.Equal(t, 1, status, "there is no directory")
	require.NoDirExists(t, dir)

	require.NoError(t, os.Mkdir(dir, 0o700))
	out, status := show()
	require.Equal(t, "no reports\n", out)
	require.Zero(t, status)

	event := `{"event_id":"` + id(1) + `","level":"fatal","exception":{"values":[{"type":"panic","value":"boom\u001b[2J"}]}}`
	put(t, dir, 1, "{}\n{\"type\":\"event\"}\n"+event+"\n")
	put(t, dir, 2, "this is no envelope")
	plant(t, dir)
	before := snapshot(t, dir)
	out, status = show()
	require.Equal(t, 1, status, "one report cannot be read")
	require.Contains(t, out, "== report 1 of ")
	require.Contains(t, out, "panic: boom")
	require.NotContains(t, out, "\x1b")
	require.Contains(t, out, "report "+id(2)+": ")
	require.NotContains(t, out, "not for you")
	require.Equal(t, before, snapshot(t, dir), "the directory has not changed")
}

// plant adds files that an attacker could put into the directory.
func plant(t *testing.T, dir string) {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(secret, []byte("not for you"), 0o600))
	name := func(n int) string { return filepath.Join(dir, "1700000000000-"+id(n)+"-0-0000000000000.report") }
	require.NoError(t, os.WriteFile(name(10), []byte("not for you"), 0o600))
	huge, err := os.Create(name(11))
	require.NoError(t, err)
	require.NoError(t, huge.Truncate(2<<30))
	require.NoError(t, huge.Close())
	require.NoError(t, os.Mkdir(name(12), 0o700))
	if runtime.GOOS != "windows" { // there, a user needs a privilege to make a link
		require.NoError(t, os.Symlink(secret, name(13)))
		require.NoError(t, os.Symlink("/dev/zero", name(14)))
	}
	if mkfifo, err := exec.LookPath("mkfifo"); err == nil {
		require.NoError(t, exec.Command(mkfifo, name(15)).Run())
	}
}

func snapshot(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		fmt.Fprintln(&all, e.Name(), info.Mode(), info.Size(), info.ModTime())
	}
	return all.String()
}
