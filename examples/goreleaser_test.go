package examples_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// TestGoReleaser releases the command line tool with its modules vendored, by the
// commands in the head of its .goreleaser.yaml, and lets what comes out crash. It runs
// where there is a goreleaser:
//
//	go install github.com/goreleaser/goreleaser/v2@v2.16.0
func TestGoReleaser(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("goreleaser"); err != nil || runtime.GOOS == "windows" {
		t.Skipf("it needs goreleaser, and the shell of Unix: %v", err)
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(filepath.Join(dir, "cli"), os.DirFS("cli")))
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o644))
	}
	checkout, err := filepath.Abs("..")
	require.NoError(t, err)
	testprogram.Go(t, dir, "mod", "edit", "-replace=github.com/panicreport/sentry="+checkout)
	testprogram.Go(t, dir, "mod", "vendor")
	// In a worktree of git this is a file, and the go command has copied it.
	_ = os.Remove(filepath.Join(dir, "vendor", "github.com", "panicreport", "sentry", ".git"))

	server := sentrytest.NewServer(t)
	shell := func(script string) string {
		t.Helper()
		cmd := testprogram.Command(t, "sh", "-e", "-c", script)
		cmd.Dir, cmd.Stderr = dir, testprogram.IntoStdout
		ended := testprogram.Run(t, cmd, "SENTRY_DSN="+server.DSN(), "GOFLAGS=-mod=vendor", "HOME="+os.Getenv("HOME"))
		require.Zero(t, ended.Status, "%s\n%s", script, ended.Stdout)
		return strings.TrimSpace(ended.Stdout)
	}
	const git = "git -c user.name=Ada -c user.email=ada@example.com -c commit.gpgSign=false -c tag.gpgSign=false "
	shell("echo dist/ > .gitignore; git init -q; git remote add origin https://github.com/acme/cli.git; git add .; " + git + "commit -q -m first; " + git + "tag v1.2.3")
	commit := shell("git rev-parse HEAD")

	text, err := os.ReadFile("cli/.goreleaser.yaml")
	require.NoError(t, err)
	var printed []string
	for _, match := range regexp.MustCompile(`(?m)^#   (\S.*)$`).FindAllStringSubmatch(string(text), -1) {
		printed = append(printed, match[1])
	}
	require.Len(t, printed, 4)
	script := strings.Join(printed, "\n")
	require.Contains(t, script, "goreleaser release")
	// Nothing is published, and not built for the platforms of others.
	script = strings.Replace(script, "goreleaser release", "goreleaser build --single-target", 1)
	shell("goreleaser check cli/.goreleaser.yaml\n" + script)

	built, err := filepath.Glob(filepath.Join(dir, "dist", "*", "cli"))
	require.NoError(t, err)
	require.Len(t, built, 1)
	home := t.TempDir()
	cmd := testprogram.Command(t, built[0], "stats", os.DevNull)
	cmd.Stdin = strings.NewReader("y\n")
	ended := testprogram.Run(t, cmd, "HOME="+home, "XDG_CONFIG_HOME="+home)
	require.Equal(t, statusOfPanic, ended.Status, ended.Stderr)
	event := server.Wait(1)[0]
	require.Equal(t, "main.meanLength", event.Top().Name())
	require.True(t, event.Top().InApp)
	require.Equal(t, module+"/cli/command.go", event.Top().Filename)
	require.Equal(t, "cli@1.2.3", event.Release)
	require.Equal(t, "production", event.Environment)
	require.Equal(t, "cli", event.Tags["context.name"])
	require.Equal(t, "v1.2.3", event.Tags["context.version"])
	require.Equal(t, commit, event.Tags["vcs.revision"])
}
