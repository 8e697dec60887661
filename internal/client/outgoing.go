package client

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/envelope"
)

// ownTrace gives an event a trace of its own, unless a span was active. All events
// of one scope would have the same otherwise, and for the current hub also that of
// a span that has ended: sentry-go leaves it there. It returns the trace header of
// the envelope.
func ownTrace(event *sentry.Event) map[string]string {
	trace := event.GetDynamicSamplingContext()
	if trace["sampled"] == "" || isShared(event.Contexts["trace"]["trace_id"]) {
		if event.Contexts == nil {
			event.Contexts = make(map[string]sentry.Context)
		}
		event.Contexts["trace"] = sentry.NewPropagationContext().Map()
		return nil
	}
	delete(trace, "transaction") // a text of the application's; the event has it, scrubbed
	return trace
}

// isShared tells whether the trace id of a context, a text or sentry-go's bytes, is that
// of all events of the current hub.
func isShared(id any) bool {
	text, _, _ := strings.Cut(sentry.CurrentHub().GetTraceparent(), "-")
	switch id := id.(type) {
	case sentry.TraceID:
		var written [2 * len(id)]byte
		hex.Encode(written[:], id[:])
		return string(written[:]) == text
	default:
		return fmt.Sprint(id) == text
	}
}

// Envelope encodes an event and its attachments. There is no sent_at: the
// server corrects the time of an event by it, and an envelope may be sent long
// after it was made.
//
// last changes the parts of it, if it is not nil.
func Envelope(event *sentry.Event, trace map[string]string, last Last) ([]byte, error) {
	payload, files := encode(event), event.Attachments
	e := envelope.Envelope{Header: map[string]any{
		"event_id": event.EventID,
		"sdk":      map[string]string{"name": event.Sdk.Name, "version": event.Sdk.Version},
	}}
	if len(trace) > 0 {
		e.Header["trace"] = trace
	}
	if last != nil {
		var err error
		if payload, files, err = last(e.Header, payload, files); err != nil {
			return nil, err
		}
	}
	e.Add(map[string]any{"type": "event"}, payload)
	for _, a := range files {
		e.Add(map[string]any{"type": "attachment", "filename": a.Filename, "content_type": a.ContentType}, a.Payload)
	}
	return e.Bytes(), nil
}

// A Last is the last that sees what is sent: the header of an envelope, its payload
// and the attachments.
type Last func(header map[string]any, payload []byte, files []*sentry.Attachment) ([]byte, []*sentry.Attachment, error)

// encode writes the exceptions as {"values": […]}, the form of the protocol's
// documents: sentry-go's bare list is known to Sentry, but not to Spotlight.
// https://develop.sentry.dev/sdk/data-model/event-payloads/exception/
func encode(event *sentry.Event) []byte {
	values := event.Exception
	event.Exception = nil
	payload, err := event.MarshalJSON()
	if err != nil { // a value that the scrubber lets pass and JSON does not
		event.Contexts, event.Breadcrumbs, event.Request = nil, nil, nil
		payload, _ = event.MarshalJSON()
	}
	if len(values) == 0 {
		return payload
	}
	exceptions, _ := json.Marshal(values) // of strings and numbers
	payload = append(payload[:len(payload)-1], `,"exception":{"values":`...)
	return append(append(payload, exceptions...), "}}"...)
}
