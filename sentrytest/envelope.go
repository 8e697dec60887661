package sentrytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// These are the types of items that this package knows. An [Item] may have any other type.
const (
	itemEvent        = "event"
	itemTransaction  = "transaction"
	itemSession      = "session"
	itemClientReport = "client_report"
	itemAttachment   = "attachment"
)

// Envelope is the content of one request of a client: a header and any number of items.
// The format is described at https://develop.sentry.dev/sdk/foundations/transport/envelopes/.
type Envelope struct {
	Header Header
	// Items are in the order of the envelope.
	Items []Item
}

// Header is the first line of an envelope. Fields that it does not name are in Raw.
type Header struct {
	// EventID is the id of the event to which the items belong, 32 lower-case hexadecimal digits. It is empty if they belong to
	// none.
	EventID string `json:"event_id"`
	// SentAt is when the client sent the envelope, by the client's clock. It is zero if the client did not tell.
	SentAt time.Time `json:"sent_at"`
	// DSN is the DSN for which the client made the envelope. It is empty if the client did not tell.
	DSN string `json:"dsn"`
	// SDK is the library that made the envelope.
	SDK SDK `json:"sdk"`
	// Trace is the dynamic sampling context: trace_id, public_key, release and others. It is nil if there is none, and also if
	// it is not an object of strings, which Sentry does not refuse.
	Trace map[string]string `json:"-"`
	// Raw is the line as it arrived, without its newline.
	Raw json.RawMessage `json:"-"`
}

// Item is one part of an envelope: an event, an attachment, a session, a client report or anything else.
type Item struct {
	// Type is never empty.
	Type string `json:"type"`
	// ContentType is the media type of the payload. It is empty if the client did not tell.
	ContentType string `json:"content_type"`
	// Filename is the name of an attachment.
	Filename string `json:"filename"`
	// AttachmentType is the kind of an attachment. It is empty for an ordinary one.
	AttachmentType string `json:"attachment_type"`
	// ItemCount is the number of entries in a batch of logs or metrics.
	ItemCount int `json:"item_count"`
	// Header is the item's header as it arrived, without its newline.
	Header json.RawMessage `json:"-"`
	// Payload is the content of the item as it arrived.
	Payload []byte `json:"-"`
}

// ParseEnvelope parses an envelope. The data must not be compressed:
//
//	{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}
//	{"type":"event","length":41}
//	{"message":"hello world","level":"error"}
//	{"type":"attachment","filename":"a.txt"}
//	no length: the payload ends with the line
//
// ParseEnvelope checks only the form. It does not look at the content of the items. The result shares its memory with data.
func ParseEnvelope(data []byte) (*Envelope, error) {
	if len(data) == 0 {
		return nil, errors.New("parse envelope: it is empty")
	}
	line, rest := cutLine(data)
	header, err := parseHeader(line)
	if err != nil {
		return nil, fmt.Errorf("parse envelope header: %w", err)
	}
	envelope := &Envelope{Header: header}
	for len(rest) > 0 {
		var item Item
		item, rest, err = parseItem(rest)
		if err != nil {
			return nil, fmt.Errorf("parse envelope item %d: %w", len(envelope.Items), err)
		}
		envelope.Items = append(envelope.Items, item)
	}
	return envelope, nil
}

// ItemsOfType returns the items with the type itemType, in the order of the envelope.
func (e *Envelope) ItemsOfType(itemType string) []Item {
	var items []Item
	for _, item := range e.Items {
		if item.Type == itemType {
			items = append(items, item)
		}
	}
	return items
}

// Event decodes the envelope's event. It returns an error if there is none, or more than one, or if the payload is not a JSON
// object. A field with the wrong type is not an error, but an entry in [Event.Invalid].
func (e *Envelope) Event() (*Event, error) {
	items := e.ItemsOfType(itemEvent)
	if len(items) != 1 {
		return nil, fmt.Errorf("decode event: %d event items in the envelope", len(items))
	}
	event, err := decodeEvent(items[0].Payload)
	if err != nil {
		return nil, fmt.Errorf("decode event: %w", err)
	}
	if event.EventID == "" {
		event.EventID = e.Header.EventID
	}
	event.Envelope = e
	return event, nil
}

// parseHeader reads the header of an envelope:
//
//	{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc","sent_at":"2026-01-02T15:04:05Z","trace":{"trace_id":"…"}}
func parseHeader(line []byte) (Header, error) {
	header := Header{Raw: line}
	if err := unmarshalObject(line, &header); err != nil {
		return header, err
	}
	if header.EventID != "" && !isEventID(header.EventID) {
		return header, fmt.Errorf("event_id %q is not 32 lower-case hexadecimal digits", abbreviate(header.EventID))
	}
	// The trace is decoded separately, because Relay ignores one that it cannot decode (ErrorBoundary in
	// relay-server/src/envelope/mod.rs).
	var tolerated struct {
		Trace map[string]string `json:"trace"`
	}
	if json.Unmarshal(line, &tolerated) == nil {
		header.Trace = tolerated.Trace
	}
	return header, nil
}

// parseItem reads one item at the start of data, and returns it and the rest of data:
//
//	{"type":"event","length":41}
//	{"message":"hello world","level":"error"}
func parseItem(data []byte) (Item, []byte, error) {
	line, rest := cutLine(data)
	header := struct {
		Item
		Length *int `json:"length"`
	}{}
	header.Header = line
	if err := unmarshalObject(line, &header); err != nil {
		return Item{}, nil, fmt.Errorf("header: %w", err)
	}
	if header.Type == "" {
		return Item{}, nil, errors.New("header: no type")
	}
	item := header.Item
	if header.Length == nil {
		item.Payload, rest = cutLine(rest)
		return item, rest, nil
	}
	var err error
	item.Payload, rest, err = cutPayload(rest, *header.Length)
	return item, rest, err
}

// cutPayload splits data after a payload of length bytes. A newline or the end of data must follow the payload.
func cutPayload(data []byte, length int) (payload, rest []byte, err error) {
	if length < 0 || length > len(data) {
		return nil, nil, fmt.Errorf("length %d, but %d bytes are left", length, len(data))
	}
	payload, rest = data[:length:length], data[length:]
	if len(rest) > 0 && rest[0] != '\n' {
		return nil, nil, errors.New("no newline after the payload")
	}
	return payload, bytes.TrimPrefix(rest, []byte("\n")), nil
}

// cutLine splits data at its first newline, which is in neither part.
func cutLine(data []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	return line[:len(line):len(line)], rest
}

// unmarshalObject is like json.Unmarshal, but returns an error if data is not an object. json.Unmarshal alone accepts null.
func unmarshalObject(data []byte, into any) error {
	if trimmed := bytes.TrimLeft(data, " \t\r"); len(trimmed) == 0 || trimmed[0] != '{' {
		return fmt.Errorf("%q is not a JSON object", abbreviate(string(data)))
	}
	return json.Unmarshal(data, into)
}

// isEventID reports whether id has the form of an event id. Sentry also accepts dashes and capitals. Its documentation
// (https://develop.sentry.dev/sdk/foundations/transport/event-payloads/) has neither, so a test should fail for them.
func isEventID(id string) bool {
	if len(id) != 32 {
		return false
	}
	for _, c := range id {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// abbreviate shortens a text for an error message. A header that was made to do harm may have megabytes.
func abbreviate(text string) string {
	const most = 64 // bytes, as two event ids have: enough to recognise the text
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
