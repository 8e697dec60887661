package delivery

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/panicreport/sentry/internal/envelope"
	"github.com/panicreport/sentry/internal/spool"
)

// An account counts the reports that were given up, until the server is told.
type account struct {
	store Store // has counts of its own; may be nil

	mu   sync.Mutex
	lost map[spool.Reason]int // those that the store does not count
}

// lose counts a loss; an empty reason is none.
func (a *account) lose(why spool.Reason) {
	if why != "" {
		a.add(map[spool.Reason]int{why: 1})
	}
}

// add adds losses.
func (a *account) add(losses map[spool.Reason]int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.lost == nil {
		a.lost = make(map[spool.Reason]int)
	}
	for why, n := range losses {
		a.lost[why] += n
	}
}

// take hands out the counts of this process, once.
func (a *account) take() map[spool.Reason]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	lost := a.lost
	a.lost = nil
	return lost
}

// takeAll hands out those of the store, too. An error is the store's.
func (a *account) takeAll() (map[spool.Reason]int, error) {
	lost := a.take()
	if a.store == nil {
		return lost, nil
	}
	stored, err := a.store.TakeLost()
	if lost == nil {
		return stored, err
	}
	for why, n := range stored {
		lost[why] += n
	}
	return lost, err
}

// leave leaves the counts of this process to the next run, if that is allowed.
func (a *account) leave(allowed func() bool) error {
	lost := a.take()
	if a.store == nil || len(lost) == 0 || !allowed() {
		return nil
	}
	return a.store.AddLost(lost)
}

// clientReport is the envelope for losses.
// https://develop.sentry.dev/sdk/telemetry/client-reports/
//
//	{}
//	{"type":"client_report","length":134}
//	{"timestamp":"2026-11-21T12:00:00Z","discarded_events":[{"reason":"cache_overflow","category":"error","quantity":3}]}
func clientReport(lost map[spool.Reason]int, now time.Time) []byte {
	type discarded struct {
		Reason   spool.Reason `json:"reason"`
		Category string       `json:"category"`
		Quantity int          `json:"quantity"`
	}
	var events []discarded
	for _, why := range slices.Sorted(maps.Keys(lost)) {
		category, reason := why.Split()
		events = append(events, discarded{Reason: reason, Category: category, Quantity: lost[why]})
	}
	payload, _ := json.Marshal(map[string]any{ // of strings and numbers
		"timestamp":        now.UTC().Format(time.RFC3339),
		"discarded_events": events,
	})
	e := envelope.Envelope{Header: map[string]any{}}
	e.Add(map[string]any{"type": "client_report"}, payload)
	return e.Bytes()
}
