package sentrytest

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// These are the size limits of a request in bytes. They are those of Relay (relay-config/src/config.rs, Limits).
const (
	// MaxRequestSize is the limit for the body as it is sent.
	MaxRequestSize = 20 << 20
	// MaxEnvelopeSize is the limit for the body after decompression.
	MaxEnvelopeSize = 100 << 20
	// MaxEventSize is the limit for one event.
	MaxEventSize = 1 << 20
	// MaxClientReportSize is the limit for one client report.
	MaxClientReportSize = 4 << 10
)

// projectID is the only project that the server has.
const projectID = "1"

// envelopePath is the path to which SDKs send. There is no older /store/: it is deprecated, and a test should notice a client that
// still uses it.
const envelopePath = "/api/" + projectID + "/envelope/"

// refusal is Sentry's response to a request that it refuses.
type refusal struct {
	status int
	reason string
}

func (r *refusal) Error() string { return r.reason }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{status: status, reason: fmt.Sprintf(format, args...)}
}

// refusalBody returns the body that Sentry sends with a refusal.
func refusalBody(reason string) string {
	body, err := json.Marshal(map[string]string{"detail": reason})
	if err != nil {
		return "{}" // cannot happen, because a string can always be encoded
	}
	return string(body)
}

// delivery is an envelope and its event. The event is nil if the envelope has none.
type delivery struct {
	envelope *Envelope
	event    *Event
}

// inspect parses a request, and returns a refusal if Sentry would refuse it. It also returns the delivery if it can parse the
// envelope, but refuses it for its content.
func (s *Server) inspect(r *http.Request, body []byte) (delivery, *refusal) {
	if refused := checkEndpoint(r); refused != nil {
		return delivery{}, refused
	}
	if len(body) > MaxRequestSize {
		return delivery{}, refuse(http.StatusRequestEntityTooLarge, "body of more than %d bytes", MaxRequestSize)
	}
	plain, refused := inflate(r.Header.Get("Content-Encoding"), body, MaxEnvelopeSize)
	if refused != nil {
		return delivery{}, refused
	}
	envelope, err := ParseEnvelope(plain)
	if refused := s.checkKey(r, envelope); refused != nil {
		return delivery{}, refused
	}
	if err != nil {
		return delivery{}, refuse(http.StatusBadRequest, "%v", err)
	}
	if refused := checkItems(envelope); refused != nil {
		return delivery{envelope: envelope}, refused
	}
	event, refused := checkEvent(envelope)
	return delivery{envelope: envelope, event: event}, refused
}

// checkEndpoint checks the method and the path:
//
//	POST /api/1/envelope/
func checkEndpoint(r *http.Request) *refusal {
	api, isAPI := strings.CutPrefix(r.URL.Path, "/api/")
	project, endpoint, _ := strings.Cut(strings.TrimSuffix(api, "/"), "/")
	switch {
	case !isAPI || endpoint != "envelope":
		return refuse(http.StatusNotFound, "no such endpoint: clients send to %s", envelopePath)
	case r.Method != http.MethodPost:
		return refuse(http.StatusMethodNotAllowed, "method %s: clients POST", r.Method)
	case project != projectID:
		return refuse(http.StatusForbidden, "no project %q", abbreviate(project))
	default:
		return nil
	}
}

// inflate decodes the content encoding. It stops after most bytes, because a small body can expand to a huge envelope.
func inflate(encoding string, body []byte, most int) ([]byte, *refusal) {
	var reader io.Reader
	var err error
	switch strings.ToLower(encoding) {
	case "", "identity":
		return body, nil
	case "gzip":
		reader, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		reader, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return nil, refuse(http.StatusUnsupportedMediaType, "content encoding %q", abbreviate(encoding))
	}
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "inflate %s: %v", encoding, err)
	}
	plain, err := io.ReadAll(io.LimitReader(reader, int64(most)+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "inflate %s: %v", encoding, err)
	}
	if len(plain) > most {
		return nil, refuse(http.StatusRequestEntityTooLarge, "envelope of more than %d bytes", most)
	}
	return plain, nil
}

// checkKey compares the key of the client with that of the server. The envelope is nil if it could not be parsed.
func (s *Server) checkKey(r *http.Request, envelope *Envelope) *refusal {
	var dsn string
	if envelope != nil {
		dsn = envelope.Header.DSN
	}
	key := requestKey(r)
	if key == "" {
		key = dsnKey(dsn)
	}
	switch {
	case key == "":
		return refuse(http.StatusUnauthorized, "missing authorization information")
	case key != s.key:
		return refuse(http.StatusForbidden, "the key is not that of the project")
	case dsn != "" && dsnKey(dsn) != key:
		return refuse(http.StatusBadRequest, "public key mismatch between envelope and request")
	default:
		return nil
	}
}

// requestKey returns the key from a header or from the query:
//
//	X-Sentry-Auth: Sentry sentry_version=7, sentry_client=sentry.go/0.50.0, sentry_key=9ec79c33ec9942ab8353589fcb2e04dc
func requestKey(r *http.Request) string {
	for _, name := range []string{"X-Sentry-Auth", "Authorization"} {
		scheme, pairs, _ := strings.Cut(r.Header.Get(name), " ")
		if !strings.EqualFold(scheme, "Sentry") {
			continue
		}
		for pair := range strings.SplitSeq(pairs, ",") {
			if key, ok := strings.CutPrefix(strings.TrimSpace(pair), "sentry_key="); ok {
				return key
			}
		}
	}
	return r.URL.Query().Get("sentry_key")
}

func dsnKey(dsn string) string {
	parsed, err := url.Parse(dsn)
	if err != nil {
		return ""
	}
	return parsed.User.Username()
}

// checkItems checks all items, but of the event only the size.
func checkItems(envelope *Envelope) *refusal {
	for _, item := range envelope.Items {
		switch {
		case item.Type == itemEvent && len(item.Payload) > MaxEventSize:
			return refuse(http.StatusRequestEntityTooLarge, "event of %d bytes, at most %d", len(item.Payload), MaxEventSize)
		case item.Type == itemClientReport && len(item.Payload) > MaxClientReportSize:
			return refuse(http.StatusRequestEntityTooLarge,
				"client report of %d bytes, at most %d", len(item.Payload), MaxClientReportSize)
		case item.Type == itemTransaction && !json.Valid(item.Payload):
			return refuse(http.StatusBadRequest, "transaction is not JSON")
		}
	}
	if _, err := envelope.ClientReports(); err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	if _, err := envelope.Sessions(); err != nil {
		return refuse(http.StatusBadRequest, "%v", err)
	}
	return nil
}

// checkEvent decodes the event, if there is one.
func checkEvent(envelope *Envelope) (*Event, *refusal) {
	if len(envelope.ItemsOfType(itemEvent)) == 0 {
		return nil, nil
	}
	event, err := envelope.Event()
	switch {
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "%v", err)
	case !isEventID(event.EventID):
		return nil, refuse(http.StatusBadRequest,
			"event id %q is not 32 lower-case hexadecimal digits", abbreviate(event.EventID))
	case envelope.Header.EventID != "" && envelope.Header.EventID != event.EventID:
		return nil, refuse(http.StatusBadRequest, "event id %s mismatches %s in the envelope's header",
			event.EventID, envelope.Header.EventID)
	}
	return event, nil
}
