package spool

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// tellLost tells the server how many reports it never got: it is there now. A
// kill between the count's leaving the Store and the server's answer loses the
// count. The other way round it would be told twice, and a client report has no
// id by which the server would know.
func (s *Sender) tellLost() {
	lost := s.takeLost()
	if len(lost) == 0 {
		return
	}
	o := s.attempt(clientReport(lost, time.Now()))
	if o.verdict == accepted {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for why, n := range lost {
		s.discarded[why] += n // to be tried again after the next delivery, or left to the next run by Close
	}
}

// takeLost takes the counts of this process and of the Store.
func (s *Sender) takeLost() map[Reason]int {
	s.mu.Lock()
	lost := s.takeDiscarded()
	s.mu.Unlock()
	if s.target.Store == nil {
		return lost
	}
	stored, err := s.target.Store.TakeLost()
	s.warn("", err)
	for why, n := range stored {
		lost[why] += n
	}
	return lost
}

func (s *Sender) takeDiscarded() map[Reason]int {
	lost := s.discarded
	s.discarded = make(map[Reason]int)
	return lost
}

// clientReport is the envelope for losses.
// https://develop.sentry.dev/sdk/telemetry/client-reports/
//
//	{}
//	{"type":"client_report","length":134}
//	{"timestamp":"2026-11-21T12:00:00Z","discarded_events":[{"reason":"cache_overflow","category":"error","quantity":3}]}
func clientReport(lost map[Reason]int, now time.Time) []byte {
	type discarded struct {
		Reason   Reason `json:"reason"`
		Category string `json:"category"`
		Quantity int    `json:"quantity"`
	}
	var events []discarded
	for _, why := range slices.Sorted(maps.Keys(lost)) {
		events = append(events, discarded{Reason: why, Category: "error", Quantity: lost[why]})
	}
	payload, _ := json.Marshal(map[string]any{ // of strings and numbers
		"timestamp":        now.UTC().Format(time.RFC3339),
		"discarded_events": events,
	})
	e := Envelope{Header: map[string]any{}}
	e.Add(map[string]any{"type": "client_report"}, payload)
	return e.Bytes()
}
