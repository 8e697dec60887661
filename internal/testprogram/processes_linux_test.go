package testprogram_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

func TestProcesses(t *testing.T) {
	t.Parallel()
	mark := "OF_TEST=" + t.TempDir()
	marked := func(environ string) bool { return strings.Contains(environ, mark) }
	require.Empty(t, testprogram.Processes(t, marked))
	p := testprogram.Start(t, command(t, "wait"), mark)
	require.Equal(t, "up", p.Line())
	require.Equal(t, []int{p.Pid()}, testprogram.Processes(t, marked))
	p.CloseInput()
	testprogram.UntilGone(t, marked)
	require.Equal(t, 7, p.End().Status)

	p = testprogram.Start(t, command(t, "wait"), mark)
	require.Equal(t, "up", p.Line())
	testprogram.KillAll(t, marked)
	require.Equal(t, "signal: killed", p.End().State)
}
