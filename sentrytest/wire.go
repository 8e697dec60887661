package sentrytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// decodeEvent decodes each field by itself, because Sentry drops a field with the wrong type and keeps the event.
func decodeEvent(payload []byte) (*Event, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(payload, &fields); err != nil {
		return nil, err
	}
	if fields == nil {
		return nil, fmt.Errorf("%s is not a JSON object", bytes.TrimSpace(payload))
	}
	event := &Event{Raw: payload}
	targets := event.targets()
	for _, name := range slices.Sorted(maps.Keys(targets)) {
		raw, ok := fields[name]
		if !ok {
			continue
		}
		if err := json.Unmarshal(raw, targets[name]); err != nil {
			event.Invalid = append(event.Invalid, name+": "+err.Error())
		}
	}
	return event, nil
}

// targets returns where to decode each field of the payload. The names are those of
// https://develop.sentry.dev/sdk/foundations/transport/event-payloads/.
func (e *Event) targets() map[string]any {
	return map[string]any{
		"event_id":    &e.EventID,
		"timestamp":   (*instant)(&e.Timestamp),
		"platform":    &e.Platform,
		"level":       &e.Level,
		"logger":      &e.Logger,
		"transaction": &e.Transaction,
		"message":     (*message)(&e.Message),
		"logentry":    (*message)(&e.Message),
		"release":     &e.Release,
		"dist":        &e.Dist,
		"environment": &e.Environment,
		"server_name": &e.ServerName,
		"fingerprint": &e.Fingerprint,
		"tags":        (*tags)(&e.Tags),
		"contexts":    &e.Contexts,
		"extra":       &e.Extra,
		"modules":     &e.Modules,
		"user":        &e.User,
		"request":     &e.Request,
		"breadcrumbs": (*list[Breadcrumb])(&e.Breadcrumbs),
		"exception":   (*list[Exception])(&e.Exceptions),
		"threads":     (*list[Thread])(&e.Threads),
		"sdk":         &e.SDK,
	}
}

// list decodes the two forms in which clients send exceptions, threads and breadcrumbs:
//
//	[…]
//	{"values": […]}
type list[T any] []T

func (l *list[T]) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, (*[]T)(l))
	}
	var wrapped struct {
		Values []T `json:"values"`
	}
	err := json.Unmarshal(data, &wrapped)
	*l = wrapped.Values
	return err
}

// message decodes a text, or an object that also has the parameters of the text:
//
//	"hello world"
//	{"message":"hello %s","params":["world"],"formatted":"hello world"}
type message string

func (m *message) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("{")) {
		return json.Unmarshal(data, (*string)(m))
	}
	var entry struct{ Message, Formatted string }
	err := json.Unmarshal(data, &entry)
	*m = message(entry.Formatted)
	if entry.Formatted == "" {
		*m = message(entry.Message)
	}
	return err
}

// tags decodes an object, or the list of pairs that some clients send:
//
//	{"context.name":"wallet"}
//	[["context.name","wallet"]]
type tags map[string]string

func (t *tags) UnmarshalJSON(data []byte) error {
	if !bytes.HasPrefix(data, []byte("[")) {
		return json.Unmarshal(data, (*map[string]string)(t))
	}
	var pairs [][2]string
	err := json.Unmarshal(data, &pairs)
	*t = make(tags, len(pairs))
	for _, pair := range pairs {
		(*t)[pair[0]] = pair[1]
	}
	return err
}

// instant decodes a time, as text or as seconds since 1970:
//
//	"2026-01-02T15:04:05.999Z"
//	1767366245.999
type instant time.Time

// latestInstant is the end of the year 9999, in seconds since 1970. A later time.Time cannot be encoded as JSON.
const latestInstant = 253402300799

func (i *instant) UnmarshalJSON(data []byte) error {
	var seconds float64
	if json.Unmarshal(data, &seconds) != nil || bytes.Equal(data, []byte("null")) {
		return (*time.Time)(i).UnmarshalJSON(data)
	}
	if math.Abs(seconds) > latestInstant {
		return fmt.Errorf("%s seconds since 1970 is no time", data)
	}
	// A float64 has no better resolution than microseconds for a time of today.
	*i = instant(time.UnixMicro(int64(math.Round(seconds * 1e6))).UTC())
	return nil
}

// UnmarshalJSON decodes a number or a text.
func (id *ThreadID) UnmarshalJSON(data []byte) error {
	var number json.Number // also decodes a number in quotes
	if json.Unmarshal(data, &number) == nil {
		*id = ThreadID(number)
		return nil
	}
	return json.Unmarshal(data, (*string)(id))
}

// UnmarshalJSON decodes the form in which clients send a breadcrumb:
//
//	{"type":"http","category":"request","message":"GET /","level":"info","timestamp":1767366245.999,"data":{"status":200}}
func (b *Breadcrumb) UnmarshalJSON(data []byte) error {
	var wire struct {
		Type      string         `json:"type"`
		Category  string         `json:"category"`
		Message   string         `json:"message"`
		Level     string         `json:"level"`
		Timestamp instant        `json:"timestamp"`
		Data      map[string]any `json:"data"`
	}
	err := json.Unmarshal(data, &wire)
	*b = Breadcrumb{
		Type: wire.Type, Category: wire.Category, Message: wire.Message,
		Level: wire.Level, Timestamp: time.Time(wire.Timestamp), Data: wire.Data,
	}
	return err
}
