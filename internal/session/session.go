// Package session tells a Sentry server how the runs of a program end, for the health
// of its releases: what crashed, and what did not. It makes the envelopes, and knows
// nothing of how they travel.
//
// A run is told of twice, when it starts and when it has ended, whoever sees the end.
// There is nothing in it about the person who runs the program: the id is random, and
// of this run alone. https://develop.sentry.dev/sdk/telemetry/sessions/
package session

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/envelope"
)

// A Session is one run.
type Session struct {
	ID          string    `json:"sid"`
	Started     time.Time `json:"started"`
	Release     string    `json:"release"`
	Environment string    `json:"environment,omitempty"`
}

// New returns the session of a run that starts now.
func New(release, environment string, now time.Time) Session {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	h := hex.EncodeToString(id[:])
	sid := h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
	return Session{ID: sid, Started: now, Release: release, Environment: environment}
}

// An End is how a run has ended.
type End struct {
	Status ending.Status `json:"status"`
	At     time.Time     `json:"at"`
	Errors int           `json:"errors,omitempty"` // that it has reported
	Ran    time.Duration `json:"ran,omitempty"`    // 0 if it is not known
}

// update is the payload of an item.
//
//	{"sid":"7c7b6585-f901-4351-bf8d-02711b721929","init":true,"seq":0,"started":"2026-11-21T12:00:00.000Z",
//	 "timestamp":"2026-11-21T12:00:00.000Z","status":"ok","errors":0,
//	 "attrs":{"release":"app@1.0","environment":"production"}}
type update struct {
	ID        string        `json:"sid"`
	Init      bool          `json:"init"`
	Seq       int           `json:"seq"`
	Started   string        `json:"started"`
	Timestamp string        `json:"timestamp"`
	Status    ending.Status `json:"status"`
	Errors    int           `json:"errors"`
	Duration  float64       `json:"duration,omitempty"` // in seconds
	Attrs     attrs         `json:"attrs"`
}

type attrs struct {
	Release     string `json:"release"`
	Environment string `json:"environment,omitempty"`
}

// Start is the envelope of the start, and its id.
func (s Session) Start() (id string, data []byte) {
	return s.envelope("start", update{Init: true, Timestamp: stamp(s.Started), Status: ending.Ok})
}

// End is the envelope of the end, and its id. Whoever makes it of the same end makes
// the same envelope.
func (s Session) End(e End) (id string, data []byte) {
	// Without their monotonic clocks, which are never set back.
	if e.At, s.Started = e.At.Round(0), s.Started.Round(0); e.At.Before(s.Started) {
		e.At = s.Started // the clock was set back, and a server would doubt it
	}
	e.Ran = max(e.Ran, 0) // by the clock of whoever has found it dead
	return s.envelope("end", update{
		Seq: 1, Timestamp: stamp(e.At), Status: e.Status, Errors: e.Errors, Duration: e.Ran.Round(time.Millisecond).Seconds(),
	})
}

func (s Session) envelope(what string, u update) (id string, data []byte) {
	u.ID, u.Started, u.Attrs = s.ID, stamp(s.Started), attrs{s.Release, s.Environment}
	payload, _ := json.Marshal(u) // of strings and numbers
	e := envelope.Envelope{Header: map[string]any{}}
	e.Add(map[string]any{"type": "session"}, payload)
	sum := sha256.Sum256([]byte(what + " of " + s.ID))
	return hex.EncodeToString(sum[:16]), e.Bytes()
}

// stamp writes a time as the protocol wants it.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
