package sentrytest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Answer describes how the server responds to one request. The zero Answer responds as Sentry does when it accepts an event:
// with status 200 and {"id":"<event id>"}.
//
// An Answer that accepts requests only does so for valid ones. A request that Sentry would refuse is refused, with the status
// and the reason that Sentry gives. Every other Answer is given to valid and invalid requests alike.
type Answer struct {
	// Status is the status code, from 200 to 599. By default, and if it is out of these bounds, it is 200.
	Status int
	// Header is added to the header of the response, for example X-Sentry-Rate-Limits. By default, nothing is added.
	Header http.Header
	// Body is the body of the response. By default, it is what Sentry sends with the status. If Body is set, the server does not
	// accept the event, even with a 2xx status, because the response is not one of Sentry's.
	Body string
	// Delay is how long the server waits after it has read the request. By default, it does not wait. The server decides after
	// the Delay: it does not accept an event whose client gave up before.
	Delay time.Duration
	// Until makes the server wait, after the Delay, until the channel is closed. It is for tests that must not depend on time.
	// By default, it does not wait.
	Until <-chan struct{}

	fault fault
	// bytes is the argument of CutRequest and CutAnswer.
	bytes int
}

// fault is what the server does to the connection.
type fault int

const (
	noFault fault = iota
	faultHangUp
	faultReset
	faultCutRequest
	faultCutAnswer
)

// Accept responds as Sentry does when it accepts an event. It returns the zero Answer, and reads well in a list of answers.
func Accept() Answer { return Answer{} }

// Status responds with the status code, from 200 to 599, and with the body that Sentry sends with it.
func Status(code int) Answer { return Answer{Status: code} }

// RateLimited responds with status 429. The headers Retry-After and X-Sentry-Rate-Limits tell the client to send nothing for d,
// rounded up to seconds. The limit is for the given categories, such as "error" and "session". By default, it is for all.
func RateLimited(d time.Duration, categories ...string) Answer {
	seconds := strconv.Itoa(int(math.Ceil(d.Seconds())))
	return Answer{Status: http.StatusTooManyRequests, Header: http.Header{
		"Retry-After":          {seconds},
		"X-Sentry-Rate-Limits": {seconds + ":" + strings.Join(categories, ";") + ":key"},
	}}
}

// CaptivePortal responds with status 200 and a page of HTML, as the network of a hotel does before the guest has logged in.
// Nothing is accepted.
func CaptivePortal() Answer {
	return Answer{
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body:   "<!DOCTYPE html><title>Welcome</title><p>Please accept our terms to use this network.</p>\n",
	}
}

// HangUp reads the request and closes the connection without a response. Nothing is accepted.
func HangUp() Answer { return Answer{fault: faultHangUp} }

// Reset is like [HangUp], but resets the connection instead of closing it.
func Reset() Answer { return Answer{fault: faultReset} }

// CutRequest closes the connection after n bytes of the request's body, or after the whole body if it is shorter. Nothing is
// accepted. Delay and Until have no effect. The client sees a reset or an end of file, depending on the network.
func CutRequest(n int) Answer { return Answer{fault: faultCutRequest, bytes: max(n, 0)} }

// CutAnswer accepts the event, but closes the connection after n bytes of the response, counted from the start of its status
// line. If n is negative, only the last -n bytes are missing.
func CutAnswer(n int) Answer { return Answer{fault: faultCutAnswer, bytes: n} }

// LoseAnswer accepts the event, but closes the connection without a response. The client cannot know that the event was
// accepted, and has to send it again.
func LoseAnswer() Answer { return CutAnswer(0) }

// Never reads the request and does not respond until the client gives up or the server is closed. Nothing is accepted.
func Never() Answer { return Answer{fault: faultHangUp, Until: make(chan struct{})} }

// status returns the status code to send.
func (a Answer) status() int {
	if a.Status < 200 || a.Status > 599 {
		return http.StatusOK
	}
	return a.Status
}

// accepts reports whether the server accepts the event of a valid request.
func (a Answer) accepts() bool {
	return (a.fault == noFault || a.fault == faultCutAnswer) && a.status() < 300 && a.Body == ""
}

// speaks reports whether the client gets a complete response.
func (a Answer) speaks() bool { return a.fault == noFault }

// read reads the body of a request, or the part that CutRequest allows. It reads at most one byte more than MaxRequestSize.
func (a Answer) read(body io.Reader) ([]byte, error) {
	limit := int64(MaxRequestSize + 1)
	if a.fault == faultCutRequest {
		limit = min(limit, int64(a.bytes))
	}
	return io.ReadAll(io.LimitReader(body, limit))
}

// wait waits for Delay and Until. It returns false if the client gives up or the server is closed before.
func (a Answer) wait(ctx context.Context) bool {
	if a.Delay > 0 {
		timer := time.NewTimer(a.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	}
	if a.Until != nil {
		select {
		case <-a.Until:
		case <-ctx.Done():
			return false
		}
	}
	return ctx.Err() == nil
}

// send writes the response, or the part of it that the fault allows.
func (a Answer) send(w http.ResponseWriter, r *http.Request, body string) {
	if a.speaks() {
		writeAnswer(w, a.status(), a.Header, body)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the connection is closed already, as the answer wants it
	}
	defer conn.Close()
	switch a.fault {
	case faultCutAnswer:
		a.sendCut(conn, r, body)
	case faultReset:
		if tcp, ok := conn.(*net.TCPConn); ok {
			// With this, Close discards unsent data and sends RST instead of FIN.
			_ = tcp.SetLinger(0)
		}
	}
}

// sendCut writes a part of the response that net/http would write.
func (a Answer) sendCut(conn net.Conn, r *http.Request, body string) {
	recorded := http.Response{
		StatusCode: a.status(), ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: answerHeader(a.Header), Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
	var whole bytes.Buffer
	if err := recorded.Write(&whole); err != nil {
		return
	}
	n := a.bytes
	if n < 0 {
		n += whole.Len()
	}
	_, _ = conn.Write(whole.Bytes()[:min(max(n, 0), whole.Len())])
}

// body returns the body to send: Body, or what Sentry sends. eventID is "" for an envelope without an event.
func (a Answer) body(eventID string) string {
	switch {
	case a.Body != "":
		return a.Body
	case a.status() >= 300:
		return refusalBody(http.StatusText(a.status()))
	case eventID == "":
		return "{}"
	default:
		return fmt.Sprintf(`{"id":%q}`, eventID)
	}
}

func writeAnswer(w http.ResponseWriter, status int, header http.Header, body string) {
	for name, values := range answerHeader(header) {
		w.Header()[name] = values
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body) // fails if the client has gone, or for a status without a body, such as 204
}

// answerHeader returns a copy of header. If it has no content type, it gets the one that Sentry sends.
func answerHeader(header http.Header) http.Header {
	whole := http.Header{}
	for name, values := range header {
		whole[http.CanonicalHeaderKey(name)] = values
	}
	if whole.Get("Content-Type") == "" {
		whole.Set("Content-Type", "application/json")
	}
	return whole
}
