package sentrytest_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/panicreport/sentry/sentrytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newClient returns a plain sentry-go client whose calls return when the server has answered.
func newClient(t *testing.T, server *sentrytest.Server) *sentrygo.Hub {
	t.Helper()
	transport := sentrygo.NewHTTPSyncTransport()
	transport.Timeout = time.Minute
	client, err := sentrygo.NewClient(sentrygo.ClientOptions{
		Dsn: server.DSN(), Transport: transport, Release: "wallet@1.4.2", Environment: "test",
		ServerName: "host", DisableClientReports: true,
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return sentrygo.NewHub(client, sentrygo.NewScope())
}

func TestAClientOfSentryGo(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	hub := newClient(t, server)

	hub.Scope().SetTag("tenant", "blue")
	hub.Scope().AddAttachment(&sentrygo.Attachment{Filename: "app.log", ContentType: "text/plain", Payload: []byte("one\ntwo\n")})
	hub.CaptureException(errors.Join(errors.New("disk full"), errors.New("clock wrong")))

	events := server.Wait(1)
	require.Len(t, events, 1)
	event := events[0]
	t.Log("\n" + event.String())
	require.Empty(t, event.Invalid)
	require.Equal(t, "error", event.Level)
	require.Equal(t, "wallet@1.4.2", event.Release)
	require.Equal(t, "blue", event.Tags["tenant"])
	require.Equal(t, "TestAClientOfSentryGo", event.Top().Function)
	require.Equal(t, "github.com/panicreport/sentry/sentrytest_test", event.Top().Module)
	require.False(t, event.Unhandled())
	require.WithinDuration(t, time.Now(), event.Timestamp, time.Minute)
	require.Equal(t, event.EventID, event.Envelope.Header.EventID)
	require.Equal(t, server.DSN(), event.Envelope.Header.DSN)
	require.NotEmpty(t, event.Envelope.Header.Trace["trace_id"])
	require.True(t, bytes.Equal([]byte("one\ntwo\n"), event.Envelope.Attachments()[0].Payload))
}
