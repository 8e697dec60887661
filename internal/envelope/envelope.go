// Package envelope encodes and decodes what a Sentry server takes: a header, and
// items with headers. It knows the frame of an envelope, not what its items say.
// https://develop.sentry.dev/sdk/data-model/envelopes/
package envelope

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An Envelope is one request to a Sentry server:
//
//	{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}
//	{"type":"event","length":41}
//	{"message":"hello world","level":"error"}
type Envelope struct {
	Header map[string]any
	Items  []Item
}

// An Item is one payload. Its length is written from the payload.
type Item struct {
	Header  map[string]any
	Payload []byte
}

// Add appends an item.
func (e *Envelope) Add(header map[string]any, payload []byte) {
	e.Items = append(e.Items, Item{Header: header, Payload: payload})
}

// Bytes encodes the envelope.
func (e *Envelope) Bytes() []byte {
	const headers = 256 // bytes that a header usually takes
	size := headers
	for _, item := range e.Items {
		size += headers + len(item.Payload)
	}
	b := bytes.NewBuffer(make([]byte, 0, size))
	writeLine(b, e.Header)
	for _, item := range e.Items {
		item.Header["length"] = len(item.Payload)
		writeLine(b, item.Header)
		b.Write(item.Payload)
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func writeLine(b *bytes.Buffer, header map[string]any) {
	b.Write(appendObject(b.AvailableBuffer(), header, appendValue))
	b.WriteByte('\n')
}

// appendObject writes what json.Marshal does. Headers are few plain values: those
// are written without its detours, which would take a quarter of a report's time.
func appendObject[V any](to []byte, object map[string]V, appendValue func([]byte, V) []byte) []byte {
	keys := slices.AppendSeq(make([]string, 0, len(object)), maps.Keys(object))
	slices.Sort(keys)
	to = append(to, '{')
	for i, key := range keys {
		if i > 0 {
			to = append(to, ',')
		}
		to = append(appendString(to, key), ':')
		to = appendValue(to, object[key])
	}
	return append(to, '}')
}

func appendValue(to []byte, value any) []byte {
	switch value := value.(type) {
	case string:
		return appendString(to, value)
	case int:
		return strconv.AppendInt(to, int64(value), 10)
	case map[string]string:
		return appendObject(to, value, appendString)
	default:
		return appendJSON(to, value)
	}
}

func appendString(to []byte, text string) []byte {
	if strings.IndexFunc(text, needsEscape) >= 0 {
		return appendJSON(to, text)
	}
	return append(append(append(to, '"'), text...), '"')
}

func appendJSON(to []byte, value any) []byte {
	text, err := json.Marshal(value)
	if err != nil { // not of JSON's kinds: a mistake of ours
		text = []byte("null")
	}
	return append(to, text...)
}

// needsEscape is true for more than need one.
func needsEscape(r rune) bool {
	return r < ' ' || r > '~' || strings.ContainsRune(`"\<>&`, r)
}

// Parse reads what Bytes or another client has written.
func Parse(data []byte) (*Envelope, error) {
	var e Envelope
	line, rest, _ := bytes.Cut(data, []byte("\n"))
	if err := unmarshalHeader(line, &e.Header); err != nil {
		return nil, fmt.Errorf("read envelope header: %w", err)
	}
	for len(bytes.TrimSpace(rest)) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\n"))
		var item Item
		if err := unmarshalHeader(line, &item.Header); err != nil {
			return nil, fmt.Errorf("read item header: %w", err)
		}
		n, err := payloadLength(item.Header, rest)
		if err != nil {
			return nil, err
		}
		item.Payload = rest[:n:n]
		rest = bytes.TrimPrefix(rest[n:], []byte("\n"))
		e.Items = append(e.Items, item)
	}
	return &e, nil
}

// payloadLength is that of the item's header, or up to the end of the line.
func payloadLength(header map[string]any, rest []byte) (int, error) {
	length, ok := header["length"]
	if !ok {
		if end := bytes.IndexByte(rest, '\n'); end >= 0 {
			return end, nil
		}
		return len(rest), nil
	}
	n, ok := length.(json.Number)
	if !ok {
		return 0, errors.New("read item header: length is not a number")
	}
	size, err := n.Int64()
	if err != nil || size < 0 || size > int64(len(rest)) {
		return 0, errors.New("read item: its length is not that of the payload")
	}
	return int(size), nil
}

// unmarshalHeader keeps numbers as they are written.
func unmarshalHeader(line []byte, header *map[string]any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	if err := d.Decode(header); err != nil {
		return err
	}
	if *header == nil {
		return errors.New("it is null")
	}
	return nil
}
