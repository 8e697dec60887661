// Package e2e asks real servers of the Sentry protocol what they make of our
// reports: what no server that we wrote ourselves can tell.
package e2e

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// What the program die says of itself.
const (
	release     = "e2e-app@1.2.3"
	environment = "production"
	source      = "github.com/panicreport/sentry/e2e/die/main.go"
)

func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }

var program = testprogram.Source{Dir: "die"}.Once()

// die lets the program die in the way of kind, with dsn and env, and holds that
// it did: with Go's exit status of a panic.
func die(t *testing.T, dsn, kind string, env ...string) {
	t.Helper()
	ended := run(t, dsn, kind, env...)
	require.Equal(t, 2, ended.Status, ended.Stderr)
}

// run runs the program to its end.
func run(t *testing.T, dsn, kind string, env ...string) testprogram.Ending {
	t.Helper()
	return testprogram.Run(t, testprogram.Command(t, program(t), kind), append(env, "E2E_DSN="+dsn)...)
}

// A witness stands between the program and a real server and writes down what
// the server answered.
type witness struct {
	dsn string // that of the server, at the witness's address

	mu      sync.Mutex
	answers []answer
	lose    bool
}

type answer struct {
	status int
	body   string
}

// watch starts a witness before the server that dsn names.
func watch(t *testing.T, dsn string) *witness {
	t.Helper()
	target, err := url.Parse(dsn)
	require.NoError(t, err)
	server := &url.URL{Scheme: target.Scheme, Host: target.Host}
	w := &witness{}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(server) },
		ModifyResponse: w.note,
		ErrorHandler:   func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) },
	}
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	target.Host = strings.TrimPrefix(front.URL, "http://")
	w.dsn = target.String()
	return w
}

var errLost = errors.New("the answer is lost")

func (w *witness) note(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers = append(w.answers, answer{r.StatusCode, string(body)})
	if w.lose {
		w.lose = false
		return errLost
	}
	return nil
}

// loseNext lets the program believe once that the server is broken, while the
// server has what it was sent.
func (w *witness) loseNext() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lose = true
}

// seen returns the answers since the last call.
func (w *witness) seen() []answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer func() { w.answers = nil }()
	return w.answers
}

// unusedAddress is one on which nobody listens.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}
