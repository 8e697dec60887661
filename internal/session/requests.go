package session

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/panicreport/sentry/internal/envelope"
)

// maxMinutes bounds the minutes that are counted apart. They are told every minute
// while there are requests, so there are more only during an outage of the caller's.
const maxMinutes = 60

// Requests counts what a server has handled, by the minute. Its zero value is ready,
// and it may be used from several goroutines.
type Requests struct {
	mu      sync.Mutex
	minutes map[int64]*minute // by its number since 1970
}

// A minute is what was handled in one.
type minute struct {
	Started string `json:"started"`
	Exited  int    `json:"exited,omitempty"`
	Crashed int    `json:"crashed,omitempty"`
}

// Add counts a request that began at a time. It tells whether there is a minute before
// that, which is over and can be told.
func (r *Requests) Add(began time.Time, crashed bool) (isDue bool) {
	n := began.Unix() / 60
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.minutes == nil {
		r.minutes = make(map[int64]*minute)
	}
	m := r.minutes[n]
	if m == nil {
		isDue = len(r.minutes) > 0
		m = &minute{Started: stamp(time.Unix(n*60, 0))}
		r.minutes[n] = m
	}
	if crashed {
		m.Crashed++
	} else {
		m.Exited++
	}
	r.bound()
	return isDue
}

// IsDue tells whether a minute is over that was not told.
func (r *Requests) IsDue(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := range r.minutes {
		if n < now.Unix()/60 {
			return true
		}
	}
	return false
}

// bound counts the oldest minute with the next one.
func (r *Requests) bound() {
	if len(r.minutes) <= maxMinutes {
		return
	}
	numbers := slices.Sorted(maps.Keys(r.minutes))
	oldest, next := r.minutes[numbers[0]], r.minutes[numbers[1]]
	next.Exited += oldest.Exited
	next.Crashed += oldest.Crashed
	delete(r.minutes, numbers[0])
}

// Take hands out the envelope of what was counted, once; nil for nothing.
//
//	{"aggregates":[{"started":"2026-11-21T12:00:00.000Z","exited":17,"crashed":1}],"attrs":{"release":"app@1.0"}}
func (r *Requests) Take(release, environment string) (data []byte) {
	r.mu.Lock()
	minutes := r.minutes
	r.minutes = nil
	r.mu.Unlock()
	if len(minutes) == 0 {
		return nil
	}
	var all []*minute
	for _, n := range slices.Sorted(maps.Keys(minutes)) {
		all = append(all, minutes[n])
	}
	payload, _ := json.Marshal(map[string]any{ // of strings and numbers
		"aggregates": all, "attrs": attrs{release, environment},
	})
	e := envelope.Envelope{Header: map[string]any{}}
	e.Add(map[string]any{"type": "sessions"}, payload)
	return e.Bytes()
}
