//go:build linux

package sentry_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// TestBrowser: in a browser, Recover reports with fetch, and options that need
// files or processes say so.
func TestBrowser(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("no node")
	}
	program := testprogram.Source{Dir: "testdata/web", Output: "web.wasm", Env: []string{"GOOS=js", "GOARCH=wasm"}}.Build(t)
	server := sentrytest.NewServer(t)
	support := filepath.Join(testprogram.Go(t, ".", "env", "GOROOT"), "lib", "wasm", "wasm_exec.js")
	cmd := exec.Command(node, "--stack-size=8192", "testdata/web/browser.js", support, program)
	cmd.Env = append(os.Environ(), "SENTRY_TEST_DSN="+server.DSN())
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, 2, cmd.ProcessState.ExitCode(), "%s", out)
	require.Regexp(t, `spool: init sentry: .*not (implemented|supported)`, string(out))
	require.Contains(t, string(out), "monitor: init sentry: WithCrashMonitor: ")
	require.Contains(t, string(out), "plain: <nil>")
	require.Len(t, server.Events(), 1)
	e := server.Events()[0]
	require.Equal(t, "runtime error: invalid memory address or nil pointer dereference", e.Title())
	require.Equal(t, "main.explode", e.Culprit().Name())
	require.Equal(t, "js", e.Contexts["os"]["name"])
}
