//go:build unix

package sentrytest_test

import (
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

// TestPortOfAServerThatIsDown is nobody else's: a client could get it for its end of a
// connection.
func TestPortOfAServerThatIsDown(t *testing.T) {
	t.Parallel()
	server, other := sentrytest.NewServer(t), sentrytest.NewServer(t)
	server.Down()
	here, err := net.ResolveTCPAddr("tcp4", sentrytest.Addr(server))
	require.NoError(t, err)
	_, err = (&net.Dialer{LocalAddr: here}).Dial("tcp4", sentrytest.Addr(other))
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	_, err = net.Dial("tcp4", here.String())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.NoError(t, server.Up())
	conn, err := net.Dial("tcp4", here.String())
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}
