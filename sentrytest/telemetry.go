package sentrytest

import (
	"encoding/json"
	"fmt"
	"time"
)

// ClientReport tells what a client did not send.
type ClientReport struct {
	// Timestamp is when the client made the report, by its clock.
	Timestamp time.Time
	// Discarded has one entry for each reason and category.
	Discarded []Discarded
}

// Discarded is the number of items that a client did not send for one reason.
type Discarded struct {
	// Reason is one of those at https://develop.sentry.dev/sdk/telemetry/client-reports/, such as "ratelimit_backoff".
	Reason string `json:"reason"`
	// Category is the kind of item, such as "error".
	Category string `json:"category"`
	// Quantity is the number of items.
	Quantity int64 `json:"quantity"`
}

// Session is an update about one run of a program, for Sentry's release health.
// See https://develop.sentry.dev/sdk/telemetry/sessions/.
type Session struct {
	// ID is the same in all updates about a run.
	ID string
	// DistinctID identifies a person or an installation. It is empty if the client does not tell them apart.
	DistinctID string
	// Sequence gives the order of the updates. It is 0 if the client did not send it.
	Sequence uint64
	// Init marks the first update about a run.
	Init bool
	// Started is when the run began. Timestamp is when the client made this update.
	Started, Timestamp time.Time
	// Duration is how long the run lasted. It is 0 if the client did not tell.
	Duration time.Duration
	// Status is "ok" (still running), "exited", "crashed", "abnormal" or "unhandled".
	Status string
	// AbnormalMechanism is what ended a run with the status "abnormal", such as "anr_foreground".
	AbnormalMechanism string
	// Errors is the number of errors that the run has reported so far.
	Errors int
	// Release and Environment are those of the run.
	Release, Environment string
}

// ClientReports decodes the envelope's client reports.
func (e *Envelope) ClientReports() ([]ClientReport, error) {
	return decodeItems[ClientReport](e, itemClientReport)
}

// Sessions decodes the envelope's session updates.
func (e *Envelope) Sessions() ([]Session, error) {
	return decodeItems[Session](e, itemSession)
}

// UnmarshalJSON decodes the form in which clients send a report:
//
//	{"timestamp":"2026-01-02T15:04:05Z","discarded_events":[{"reason":"ratelimit_backoff","category":"error","quantity":3}]}
func (r *ClientReport) UnmarshalJSON(data []byte) error {
	var wire struct {
		Timestamp instant     `json:"timestamp"`
		Discarded []Discarded `json:"discarded_events"`
	}
	if err := unmarshalObject(data, &wire); err != nil {
		return err
	}
	*r = ClientReport{Timestamp: time.Time(wire.Timestamp), Discarded: wire.Discarded}
	return nil
}

// UnmarshalJSON decodes the form in which clients send a session:
//
//	{"sid":"7c7b6585-f901-4351-bf8d-02711b721929","init":true,"started":"2026-01-02T15:04:05Z","status":"crashed","errors":1,
//	 "duration":60,"attrs":{"release":"app@1.0","environment":"production"}}
func (s *Session) UnmarshalJSON(data []byte) error {
	var wire struct {
		ID         string  `json:"sid"`
		DistinctID string  `json:"did"`
		Sequence   uint64  `json:"seq"`
		Init       bool    `json:"init"`
		Started    instant `json:"started"`
		Timestamp  instant `json:"timestamp"`
		Duration   float64 `json:"duration"` // seconds
		Status     string  `json:"status"`
		Mechanism  string  `json:"abnormal_mechanism"`
		Errors     int     `json:"errors"`
		Attributes struct {
			Release     string `json:"release"`
			Environment string `json:"environment"`
		} `json:"attrs"`
	}
	if err := unmarshalObject(data, &wire); err != nil {
		return err
	}
	*s = Session{
		ID: wire.ID, DistinctID: wire.DistinctID, Sequence: wire.Sequence, Init: wire.Init,
		Started: time.Time(wire.Started), Timestamp: time.Time(wire.Timestamp),
		Duration: time.Duration(wire.Duration * float64(time.Second)),
		Status:   wire.Status, AbnormalMechanism: wire.Mechanism, Errors: wire.Errors,
		Release: wire.Attributes.Release, Environment: wire.Attributes.Environment,
	}
	return nil
}

func decodeItems[T any](e *Envelope, itemType string) ([]T, error) {
	var all []T
	for _, item := range e.ItemsOfType(itemType) {
		var one T
		if err := json.Unmarshal(item.Payload, &one); err != nil {
			return nil, fmt.Errorf("decode %s: %w", itemType, err)
		}
		all = append(all, one)
	}
	return all, nil
}
