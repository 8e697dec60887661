package testprogram_test

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
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

// TestOrphans: a process whose parent ended gets this test's parent, and leaves
// no zombie behind.
func TestOrphans(t *testing.T) {
	t.Parallel()
	said, err := exec.Command("sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!").Output()
	require.NoError(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(said)))
	require.NoError(t, err)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	require.Contains(t, string(status), fmt.Sprintf("\nPPid:\t%d\n", os.Getppid()))
	testprogram.Eventually(t, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
}
