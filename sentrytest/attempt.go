package sentrytest

import (
	"fmt"
	"net/http"
	"time"
)

// Outcome tells what the server did with an [Attempt].
type Outcome string

const (
	// Pending means that the server has the request and has not decided yet.
	Pending Outcome = "pending"
	// Accepted means that the server accepted everything in the envelope.
	Accepted Outcome = "accepted"
	// Duplicate means that the server dropped the event, because it had accepted one with the same id before. It accepted
	// everything else in the envelope.
	Duplicate Outcome = "duplicate"
	// Refused means that the server accepted nothing. The reason is in Err, or in the [Answer] if Err is nil.
	Refused Outcome = "refused"
	// HungUp means that the server accepted nothing, and that the server or the client closed the connection before there was a
	// response.
	HungUp Outcome = "hung up"
)

// Attempt is one request of a client, accepted or not.
type Attempt struct {
	// Time is when the server had read the header of the request.
	Time time.Time
	// RemoteAddr is the client's address, host:port.
	RemoteAddr string
	// Method and URL are those of the request line.
	Method, URL string
	// Header is the header of the request. It must not be changed.
	Header http.Header
	// Body is the part of the body that arrived, still compressed. It is cut off after [MaxRequestSize]. It must not be changed.
	Body []byte
	// Envelope is nil if Err is not, except for an envelope that could be parsed but was refused for its content.
	Envelope *Envelope
	// Err tells why Sentry would refuse the request. It is nil for a valid request.
	Err error
	// Outcome is what the server decided.
	Outcome Outcome
	// Status is the status code of the response. It is 0 if there was no complete response, or none yet.
	Status int
}

// String returns the attempt as one line for a log.
func (a Attempt) String() string {
	line := fmt.Sprintf("%s %s %s: %s", a.Time.Format("15:04:05.000"), a.Method, show(a.URL), a.Outcome)
	if a.Status != 0 {
		line += fmt.Sprintf(", answered %d", a.Status)
	}
	if a.Err != nil {
		line += ": " + show(a.Err.Error())
	}
	return line
}
