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

// Answer is how the server meets one request. The zero Answer is what Sentry does when all is well: 200 and {"id":"<event id>"}.
//
// An answer that accepts does not make a bad request good: what Sentry would refuse is refused with Sentry's status and reason.
// Every other answer is given to good and bad requests alike.
type Answer struct {
	// Status is from 200 to 599. By default, and if it is out of these bounds, 200.
	Status int
	// Header is added to the answer, for instance X-Sentry-Rate-Limits. By default, nothing is added.
	Header http.Header
	// Body is sent as it is. By default, what Sentry sends with the status. A 2xx with a body of its own is not Sentry's, so it
	// does not accept the event.
	Body string
	// Delay is how long the server thinks, from the end of the request on. By default, not at all. Only then it decides: an event
	// whose client did not wait so long is not accepted.
	Delay time.Duration
	// Until holds the server back, after the Delay, until the channel is closed. It is for tests that must not depend on time.
	// By default, nothing holds it.
	Until <-chan struct{}

	fault fault
	// bytes is where the fault strikes, see CutRequest and CutAnswer.
	bytes int
}

// fault is what happens to the connection.
type fault int

const (
	noFault fault = iota
	faultHangUp
	faultReset
	faultCutRequest
	faultCutAnswer
)

// Accept answers as Sentry does when all is well. It is the zero Answer by a name that reads well after others.
func Accept() Answer { return Answer{} }

// Status answers with the code, from 200 to 599, and with the body that Sentry sends with it.
func Status(code int) Answer { return Answer{Status: code} }

// RateLimited answers 429 and tells the client to leave off for d, rounded up to seconds, in Retry-After and in
// X-Sentry-Rate-Limits. It concerns the categories named, such as "error" and "session". By default, it concerns all.
func RateLimited(d time.Duration, categories ...string) Answer {
	seconds := strconv.Itoa(int(math.Ceil(d.Seconds())))
	return Answer{Status: http.StatusTooManyRequests, Header: http.Header{
		"Retry-After":          {seconds},
		"X-Sentry-Rate-Limits": {seconds + ":" + strings.Join(categories, ";") + ":key"},
	}}
}

// CaptivePortal answers 200 with a page of HTML, as a hotel's network does before its guest has logged in. Nothing is accepted.
func CaptivePortal() Answer {
	return Answer{
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body:   "<!DOCTYPE html><title>Welcome</title><p>Please accept our terms to use this network.</p>\n",
	}
}

// HangUp reads the request and closes the connection without a word. Nothing is accepted.
func HangUp() Answer { return Answer{fault: faultHangUp} }

// Reset is HangUp, but the client finds the connection reset instead of closed.
func Reset() Answer { return Answer{fault: faultReset} }

// CutRequest closes the connection after n bytes of the request's body, or after all if it has fewer. Nothing is accepted.
// Delay and Until do not apply. What the client sees is a reset or an end of file, as the network would have it.
func CutRequest(n int) Answer { return Answer{fault: faultCutRequest, bytes: max(n, 0)} }

// CutAnswer accepts the event, but closes the connection after n bytes of the answer, counted from the start of its status line.
// If n is negative, only the last -n bytes are left out.
func CutAnswer(n int) Answer { return Answer{fault: faultCutAnswer, bytes: n} }

// LoseAnswer accepts the event, but closes the connection without a word: the client can not know and has to send it again.
func LoseAnswer() Answer { return CutAnswer(0) }

// Never reads the request and does not answer, until the client gives up or the server is closed. Nothing is accepted.
func Never() Answer { return Answer{fault: faultHangUp, Until: make(chan struct{})} }

// status is the one that is sent.
func (a Answer) status() int {
	if a.Status < 200 || a.Status > 599 {
		return http.StatusOK
	}
	return a.Status
}

// accepts reports whether Sentry itself has the event after this answer.
func (a Answer) accepts() bool {
	return (a.fault == noFault || a.fault == faultCutAnswer) && a.status() < 300 && a.Body == ""
}

// speaks reports whether the client gets a whole answer.
func (a Answer) speaks() bool { return a.fault == noFault }

// read reads as much of the request as the answer lets in, and one byte beyond MaxRequestSize at most.
func (a Answer) read(body io.Reader) ([]byte, error) {
	limit := int64(MaxRequestSize + 1)
	if a.fault == faultCutRequest {
		limit = min(limit, int64(a.bytes))
	}
	return io.ReadAll(io.LimitReader(body, limit))
}

// wait lets Delay and Until pass. It returns false if the client or the server is gone before.
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

// send writes the answer, as whole as the fault leaves it.
func (a Answer) send(w http.ResponseWriter, r *http.Request, body string) {
	if a.speaks() {
		writeAnswer(w, a.status(), a.Header, body)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the connection is gone already, which is what was wanted
	}
	defer conn.Close()
	switch a.fault {
	case faultCutAnswer:
		a.sendCut(conn, r, body)
	case faultReset:
		if tcp, ok := conn.(*net.TCPConn); ok {
			// Close then discards what was not sent and sends RST instead of FIN.
			_ = tcp.SetLinger(0)
		}
	}
}

// sendCut writes the first bytes of what net/http would have written.
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

// body is what is sent: Body, or Sentry's own. An envelope that belongs to no event has the eventID "".
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
	_, _ = io.WriteString(w, body) // fails if the client is gone, or for a status such as 204 that has no body
}

// answerHeader returns a copy of header with the content type that Sentry's own answers have.
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
