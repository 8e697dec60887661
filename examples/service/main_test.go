package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// TestServiceDies of concurrent map writes, which its monitor reports.
func TestServiceDies(t *testing.T) {
	bin := testprogram.Source{}.Build(t)
	server := sentrytest.NewServer(t)
	home, err := os.MkdirTemp("", "service-") // the monitor may still work in it
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(home) })
	ended := testprogram.Run(t, testprogram.Command(t, bin, "die"),
		"SENTRY_DSN="+server.DSN(), "HOME="+home, "XDG_CONFIG_HOME="+home, "AppData="+home)
	require.NotZero(t, ended.Status)
	e := server.Wait(1)[0]
	require.Equal(t, "fatal error: concurrent map writes", e.Title())
	require.Equal(t, "main.count", e.Culprit().Name())
}
