//go:build unix

package contain_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
)

const stoppedWait = 2 * time.Second

// TestLaneOfAStoppedProcess: a disk does not hang because its process was stopped for
// longer than a call waits.
func TestLaneOfAStoppedProcess(t *testing.T) {
	t.Parallel()
	if os.Getenv("CONTAIN_STOPPED") != "" {
		in := bufio.NewReader(os.Stdin)
		_, ok := contain.In(contain.NewLane(1), stoppedWait, func() error {
			fmt.Println("inside")
			_, err := in.ReadByte()
			return err
		}, func(error) {})
		fmt.Println("ended", ok)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestLaneOfAStoppedProcess$")
	cmd.Env = append(os.Environ(), "CONTAIN_STOPPED=1")
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	said := bufio.NewScanner(stdout)
	require.True(t, said.Scan())
	require.Equal(t, "inside", said.Text())
	require.NoError(t, cmd.Process.Signal(syscall.SIGSTOP))
	<-time.After(stoppedWait + stoppedWait/8) // its clock goes on
	_, err = stdin.Write([]byte("x"))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGCONT))
	require.True(t, said.Scan())
	require.Equal(t, "ended true", said.Text())
	require.NoError(t, cmd.Wait())
}
