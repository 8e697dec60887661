package sentrytest

import (
	"fmt"
	"net/http"
	"time"
)

// Outcome is what became of an [Attempt].
type Outcome string

const (
	// Pending: the server has the request and has not decided.
	Pending Outcome = "pending"
	// Accepted: everything in the envelope was taken.
	Accepted Outcome = "accepted"
	// Duplicate: the event was dropped because its id had been accepted before; everything else in the envelope was taken.
	Duplicate Outcome = "duplicate"
	// Refused: nothing was taken. Err says why; it is nil if the [Answer] did it.
	Refused Outcome = "refused"
	// HungUp: nothing was taken and the connection ended before an answer, by the server's doing or the client's.
	HungUp Outcome = "hung up"
)

// Attempt is one request that a client made, whatever came of it.
type Attempt struct {
	// Time is when the header of the request had arrived.
	Time time.Time
	// RemoteAddr is the client's address, host:port.
	RemoteAddr string
	// Method and URL are those of the request line.
	Method, URL string
	// Header is the request's; it must not be changed.
	Header http.Header
	// Body is what arrived of the body, still compressed; it must not be changed. It is cut off after [MaxRequestSize].
	Body []byte
	// Envelope is nil if Err is not, except for an envelope that could be read and was refused for what is in it.
	Envelope *Envelope
	// Err says what is wrong with the request, in the eyes of Sentry; nil if nothing is.
	Err error
	// Outcome is what the server decided.
	Outcome Outcome
	// Status is what was answered, 0 if no whole answer was given (yet).
	Status int
}

// String returns the attempt as one line of a log.
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
