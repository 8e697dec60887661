package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/session"
	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// healthEnvelopes are one of each that the library sends for release health.
func healthEnvelopes() (all [][]byte) {
	now := time.Now()
	s := session.New(release, environment, now)
	_, start := s.Start()
	all = append(all, start)
	for _, status := range []ending.Status{ending.Exited, ending.Crashed, ending.Abnormal} {
		_, end := s.End(session.End{Status: status, At: now.Add(time.Minute), Errors: 1, Ran: time.Minute})
		all = append(all, end)
	}
	var r session.Requests
	r.Add(now, false)
	r.Add(now.Add(-time.Minute), true)
	return append(all, r.Take(release, environment))
}

// TestRelayKnowsSessions: the Python package of Sentry's ingest has no schema of a
// session, so TestRelayTakesSessions builds one. It knows the category of our rate
// limits and client reports, and the release by which sessions are counted.
func TestRelayKnowsSessions(t *testing.T) {
	t.Parallel()
	cmd := python(t, installed(t, pythonPackages), t.TempDir(), "session.py")
	cmd.Stdin = strings.NewReader(release)
	ended := testprogram.Run(t, cmd)
	require.Zero(t, ended.Status, ended.Stderr)
	var got struct {
		Category string `json:"category"`
		Package  string `json:"package"`
		Version  string `json:"version_raw"`
	}
	require.NoError(t, json.Unmarshal([]byte(ended.Stdout), &got))
	require.Equal(t, "session", got.Category)
	require.Equal(t, []string{"e2e-app", "1.2.3"}, []string{got.Package, got.Version})
}

// TestServersTakeSessions: a server that does not count sessions accepts them all the
// same, and the server for tests finds nothing wrong with them.
func TestServersTakeSessions(t *testing.T) {
	t.Parallel()
	b := startBugsink(t)
	test := sentrytest.NewServer(t)
	for _, dsn := range []string{b.newProject(t).DSN, test.DSN()} {
		u, err := url.Parse(dsn)
		require.NoError(t, err)
		for _, data := range healthEnvelopes() {
			to := "http://" + u.Host + "/api" + u.Path + "/envelope/"
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, bytes.NewReader(data))
			require.NoError(t, err)
			r.Header.Set("X-Sentry-Auth", "Sentry sentry_version=7, sentry_key="+u.User.Username())
			r.Header.Set("Content-Type", "application/x-sentry-envelope")
			resp, err := http.DefaultClient.Do(r)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
			require.Equal(t, http.StatusOK, resp.StatusCode, string(data))
		}
	}
	require.Len(t, test.Sessions(), 4)
	require.Len(t, test.ItemsOfType("sessions"), 1)
}
