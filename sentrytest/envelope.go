package sentrytest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// The types of items that this package knows by name. An [Item] may have any other.
const (
	itemEvent        = "event"
	itemTransaction  = "transaction"
	itemSession      = "session"
	itemClientReport = "client_report"
)

// Envelope is what a client sends in one request: a header and any number of items.
// The format is described at https://develop.sentry.dev/sdk/foundations/transport/envelopes/.
type Envelope struct {
	Header Header
	// Items are in the order of the envelope.
	Items []Item
}

// Header is the first line of an envelope. What it does not name stands in Raw.
type Header struct {
	// EventID is the id of the event that the items belong to, 32 lower-case hexadecimal digits; empty if they belong to none.
	EventID string `json:"event_id"`
	// SentAt is the client's clock when it sent the envelope; zero if the client did not say.
	SentAt time.Time `json:"sent_at"`
	// DSN is where the envelope was meant to go; empty if the client did not say.
	DSN string `json:"dsn"`
	// SDK is the library that made the envelope.
	SDK SDK `json:"sdk"`
	// Trace is the dynamic sampling context: trace_id, public_key, release and others. It is nil if there is none, and also if
	// it is not an object of strings, which Sentry forgives.
	Trace map[string]string `json:"-"`
	// Raw is the line as it arrived, without its newline.
	Raw json.RawMessage `json:"-"`
}

// Item is one part of an envelope: an event, an attachment, a session, a client report or anything else.
type Item struct {
	// Type is never empty.
	Type string `json:"type"`
	// ContentType is the media type of the payload, empty if the client did not say.
	ContentType string `json:"content_type"`
	// Filename is the name of an attachment.
	Filename string `json:"filename"`
	// AttachmentType is the kind of an attachment; empty for an ordinary one.
	AttachmentType string `json:"attachment_type"`
	// ItemCount is the number of entries in a batch of logs or metrics.
	ItemCount int `json:"item_count"`
	// Header is the item's header as it arrived, without its newline.
	Header json.RawMessage `json:"-"`
	// Payload is what the header describes, in bytes as they arrived.
	Payload []byte `json:"-"`
}

// ParseEnvelope reads an envelope that is not, or no longer, compressed:
//
//	{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}
//	{"type":"event","length":41}
//	{"message":"hello world","level":"error"}
//	{"type":"attachment","filename":"a.txt"}
//	no length: the payload ends with the line
//
// It asks for no more than the form: what stands in the items is not looked at. The result shares its memory with data.
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

// ItemsOfType returns the items of the type itemType, in the order of the envelope.
func (e *Envelope) ItemsOfType(itemType string) []Item {
	var items []Item
	for _, item := range e.Items {
		if item.Type == itemType {
			items = append(items, item)
		}
	}
	return items
}

// Attachments returns the files that came with the event.
func (e *Envelope) Attachments() []Item { return e.ItemsOfType("attachment") }

// Event decodes the envelope's event. It is an error if there is none, or more than one, or if the payload is not a JSON object.
// A field of an unexpected type is no error but stands in [Event.Invalid].
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

// parseHeader reads
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
	// Apart from the rest: Relay sets a trace aside that it can not read (ErrorBoundary in relay-server/src/envelope/mod.rs).
	var tolerated struct {
		Trace map[string]string `json:"trace"`
	}
	if json.Unmarshal(line, &tolerated) == nil {
		header.Trace = tolerated.Trace
	}
	return header, nil
}

// parseItem reads one item from the start of data and returns what comes after it:
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

// cutPayload splits data after a payload of length bytes, which a newline or the end must follow.
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

// cutLine splits data after its first newline, which belongs to neither part.
func cutLine(data []byte) (line, rest []byte) {
	line, rest, _ = bytes.Cut(data, []byte("\n"))
	return line[:len(line):len(line)], rest
}

// unmarshalObject is json.Unmarshal, but only for an object: null would be taken for an empty one.
func unmarshalObject(data []byte, into any) error {
	if trimmed := bytes.TrimLeft(data, " \t\r"); len(trimmed) == 0 || trimmed[0] != '{' {
		return fmt.Errorf("%q is not a JSON object", abbreviate(string(data)))
	}
	return json.Unmarshal(data, into)
}

// isEventID reports whether id has the form of an event id. Sentry also takes dashes and capitals, but its documentation
// (https://develop.sentry.dev/sdk/foundations/transport/event-payloads/) asks for neither, so a test should not see them pass.
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

// abbreviate shortens text for an error: a hostile header may be megabytes long.
func abbreviate(text string) string {
	const most = 64 // bytes: two event ids, enough to recognise what came
	if len(text) <= most {
		return text
	}
	return text[:most] + "…"
}
