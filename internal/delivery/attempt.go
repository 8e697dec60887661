package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

const (
	// requestTimeout is sentry-go's own. It bounds a goroutine, not a panic.
	requestTimeout = 30 * time.Second

	// maxAnswer of the server's answer is read; Sentry's own has 50 bytes.
	maxAnswer = 4 << 10
)

// A verdict is what an attempt says about a report.
type verdict int

const (
	failed    verdict = iota // no answer, or one that is not about the report
	unreached                // there was no server to be tried
	accepted                 // 2xx of a Sentry server
	refused                  // 4xx: it will never be accepted
	limited                  // 429: later
	withdrawn                // not sent at all
)

// An outcome is that of one attempt.
type outcome struct {
	verdict verdict
	err     error     // why not accepted
	pause   time.Time // no report before this

	noCounts time.Time // nothing that tells how runs go
}

// A server makes attempts at a target.
type server struct{ Target }

// attempt sends an envelope, with a client and a consent function of the
// application's.
func (s server) attempt(ctx context.Context, envelope []byte) outcome {
	o := outcome{err: errors.New("the HTTP client or the consent function panicked")}
	contain.Call(func() { o = s.try(ctx, envelope) })
	return o
}

func (s server) try(ctx context.Context, envelope []byte) outcome {
	if !s.Allowed() {
		return outcome{verdict: withdrawn}
	}
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	// Without a connection nothing can be said about the report: a notebook that
	// is offline for a day must not use up the attempts of what it has stored.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL, bytes.NewReader(envelope))
	if err != nil {
		return outcome{verdict: refused, err: errors.New("the DSN makes no valid address")}
	}
	req.Header.Set("Content-Type", "application/x-sentry-envelope")
	req.Header.Set("User-Agent", s.UserAgent)
	req.Header.Set("X-Sentry-Auth", s.Auth)
	resp, err := s.Client.Do(req)
	if err != nil && !connected.Load() {
		return outcome{verdict: unreached, err: reasonOf(err)}
	}
	if err != nil {
		return outcome{err: reasonOf(err)}
	}
	defer resp.Body.Close()
	// Read in full, or the connection is not used again. Half an answer is none.
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return outcome{err: fmt.Errorf("the answer was cut off: %w", reasonOf(err))}
	}
	return judgeAnswer(resp, body, s.reason(resp.Header), time.Now())
}

// reason is the server's own for a refusal, unless it repeats what no log may have.
func (s server) reason(h http.Header) string {
	reason := h.Get("X-Sentry-Error")
	_, key, _ := strings.Cut(s.Auth, "sentry_key=")
	key, secret, _ := strings.Cut(key, ", sentry_secret=")
	for _, private := range []string{key, secret, s.host()} {
		if private != "" && strings.Contains(reason, private) {
			return ""
		}
	}
	return reason
}

func (s server) host() string {
	u, err := url.Parse(s.URL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// judgeAnswer tells what an answer means. reason is the server's own, or empty.
func judgeAnswer(resp *http.Response, body []byte, reason string, now time.Time) outcome {
	o := outcome{
		pause:    pauseOf(resp.Header, resp.StatusCode, now, concernsErrors, concernsSessions),
		noCounts: pauseOf(resp.Header, resp.StatusCode, now, concernsSessions, concernsErrors),
	}
	isAccepted := resp.StatusCode >= 200 && resp.StatusCode < 300
	if isAccepted && !isPortal(resp.Header, body) {
		o.verdict = accepted
		return o
	}
	o.err = fmt.Errorf("the server answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	if reason != "" {
		o.err = fmt.Errorf("%w: %.200q", o.err, reason)
	}
	switch code := resp.StatusCode; {
	case isAccepted:
		o.verdict = unreached
		o.err = errors.New("a web page answered in place of the server: a captive portal or a wrong DSN")
	case code == http.StatusTooManyRequests:
		o.verdict = limited
	case code == http.StatusRequestTimeout || code == http.StatusProxyAuthRequired:
		// Not about the report: of a gateway on the way.
	case code >= 400 && code < 500:
		o.verdict = refused
	}
	return o
}

// isPortal tells a web page from the answer of a Sentry server, which is JSON
// or empty. Hotel networks answer every request with 200 and their login page.
func isPortal(h http.Header, body []byte) bool {
	const byteOrderMark = "\ufeff"
	return strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/html") ||
		bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(body, []byte(byteOrderMark))), []byte("<"))
}
