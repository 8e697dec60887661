package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/panicreport/sentry/internal/envelope"
)

// others takes the envelopes that sentry-go makes itself, of transactions, logs,
// metrics and check-ins, through gate and scrubber.
type others struct {
	client *Client
	ctx    context.Context // ends with the client
	next   *http.Client
}

func (o *others) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		if err != nil || resp.StatusCode >= 300 {
			o.client.othersLost.Add(1)
		}
	}()
	body, err := o.scrubbed(req)
	if err != nil {
		return nil, fmt.Errorf("scrub envelope: %w", err)
	}
	out := req.Clone(o.ctx)
	out.RequestURI = ""
	out.Body, out.ContentLength, out.GetBody = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	return o.next.Do(out)
}

var errNoConsent = errors.New("there is no consent")

// scrubbed reads the envelope of a request. What it can not read is not sent.
func (o *others) scrubbed(req *http.Request) ([]byte, error) {
	defer req.Body.Close()
	if !o.client.reporter.Allows() {
		return nil, errNoConsent
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	e, err := envelope.Parse(body)
	if err != nil {
		return nil, err
	}
	if trace, ok := e.Header["trace"].(map[string]any); ok {
		delete(trace, "transaction") // as in ownTrace
	}
	if err := o.client.reporter.Scrub(e); err != nil {
		return nil, err
	}
	return e.Bytes(), nil
}
