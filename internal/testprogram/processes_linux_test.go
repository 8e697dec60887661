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

// TestOrphans: a process whose parent ended gets this test's parent, leaves no
// zombie behind, and does not outlive the tests.
func TestOrphans(t *testing.T) {
	t.Parallel()
	orphan(t)
	again := exec.Command(os.Args[0], "-test.v", "-test.run=^TestOrphanOfAnotherRun$")
	again.Env = testprogram.Environment("TESTPROGRAM_ORPHANS=", "OF_ANOTHER_RUN=1")
	said, err := again.CombinedOutput()
	require.NoError(t, err, string(said))
	_, after, ok := strings.Cut(string(said), "orphan ")
	require.True(t, ok, string(said))
	pid, err := strconv.Atoi(strings.Fields(after)[0])
	require.NoError(t, err)
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

// TestOrphanOfAnotherRun is run by TestOrphans.
func TestOrphanOfAnotherRun(t *testing.T) {
	if os.Getenv("OF_ANOTHER_RUN") == "" {
		t.Skip("TestOrphans runs it")
	}
	fmt.Println("orphan", orphan(t))
}

// orphan starts a process that loses its parent, and checks that it gets another.
func orphan(t *testing.T) (pid int) {
	t.Helper()
	said, err := exec.Command("sh", "-c", "sleep 600 >/dev/null 2>&1 & echo $!").Output()
	require.NoError(t, err)
	pid, err = strconv.Atoi(strings.TrimSpace(string(said)))
	require.NoError(t, err)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(t, err)
	require.Contains(t, string(status), fmt.Sprintf("\nPPid:\t%d\n", os.Getppid()))
	return pid
}
