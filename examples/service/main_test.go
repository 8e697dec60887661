package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

// TestServiceDies of concurrent map writes, which its monitor reports.
func TestServiceDies(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "service.exe")
	out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	server := sentrytest.NewServer(t)
	cmd := exec.Command(bin, "die")
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DO_NOT_TRACK") && !strings.HasPrefix(v, "GOTRACEBACK") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	home, err := os.MkdirTemp("", "service-") // the monitor may still work in it
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	cmd.Env = append(cmd.Env, "SENTRY_DSN="+server.DSN(), "HOME="+home, "XDG_CONFIG_HOME="+home, "AppData="+home)
	require.Error(t, cmd.Run())
	e := server.Wait(1)[0]
	require.Equal(t, "fatal error: concurrent map writes", e.Title())
	require.Equal(t, "main.count", e.Culprit().Name())
}
