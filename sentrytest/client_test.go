package sentrytest_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

const (
	firstID  = "9ec79c33ec9942ab8353589fcb2e04dc"
	secondID = "fc6d8c0c43fc4630ad850ee518f1b9d0"
)

// reply is what a client received.
type reply struct {
	status int
	header http.Header
	body   string
}

// request returns a request that the server accepts. A test can change it.
func request(t *testing.T, server *sentrytest.Server, body string) *http.Request {
	t.Helper()
	dsn, err := url.Parse(server.DSN())
	require.NoError(t, err)
	target := "http://" + dsn.Host + "/api" + dsn.Path + "/envelope/"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("X-Sentry-Auth", "Sentry sentry_version=7, sentry_client=test/1.0, sentry_key="+dsn.User.Username())
	return r
}

// do sends a request over a new connection, so that tests do not share connections.
func do(r *http.Request) (reply, error) {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{status: response.StatusCode, header: response.Header, body: string(body)}, err
}

func post(t *testing.T, server *sentrytest.Server, body string) (reply, error) {
	t.Helper()
	return do(request(t, server, body))
}

// mustPost is like post, but requires a response.
func mustPost(t *testing.T, server *sentrytest.Server, body string) reply {
	t.Helper()
	got, err := post(t, server, body)
	require.NoError(t, err)
	return got
}

// inBackground posts in another goroutine. It returns a function that makes the client give up, and a channel with the result.
func inBackground(t *testing.T, server *sentrytest.Server, body string) (context.CancelFunc, <-chan error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := request(t, server, body).WithContext(ctx)
	result := make(chan error, 1)
	go func() {
		_, err := do(r)
		result <- err
	}()
	return cancel, result
}

// eventEnvelope returns a small envelope with an event.
func eventEnvelope(id string) string {
	return envelope(id, item("event", `{"event_id":"`+id+`","message":"hello"}`))
}

func envelope(id string, items ...string) string {
	return fmt.Sprintf("{\"event_id\":%q}\n%s", id, strings.Join(items, ""))
}

func item(itemType, payload string) string {
	return fmt.Sprintf("{\"type\":%q,\"length\":%d}\n%s\n", itemType, len(payload), payload)
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var compressed bytes.Buffer
	writer := gzip.NewWriter(&compressed)
	_, err := io.WriteString(writer, text)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return compressed.String()
}

func outcomes(attempts []sentrytest.Attempt) []sentrytest.Outcome {
	var all []sentrytest.Outcome
	for _, attempt := range attempts {
		all = append(all, attempt.Outcome)
	}
	return all
}
