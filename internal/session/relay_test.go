package session_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/session"
	"github.com/panicreport/sentry/sentrytest"
)

// What Relay, the entrance of every Sentry server, makes of a session: it drops and
// changes those that break a rule, without a word. The rules are those of Relay 26.9.0
// (sentry-relay 0.10.1 of PyPI), read from its source, getsentry/relay:
//
//	relay-event-schema/src/protocol/session.rs            fields, types, defaults
//	relay-server/src/processing/sessions/process.rs       times, attributes
//	relay-config/src/config.rs                            5 days in the past, 60 s in the future
//	validate_release, validate_environment                of the crate sentry-release-parser 1.4.0
//
// e2e runs that source on testdata/relay.txt, and TestRelayRules holds that the rules say
// the same. Relay also corrects times by the sent_at of an envelope, if a clock is wrong by
// 55 minutes. Ours have none: they may be sent long after they were made.

const (
	relayPast   = 5 * 24 * time.Hour
	relayFuture = time.Minute
)

// What Relay makes of an item. It does not read the duration, and any seq and status.
const (
	kept    = "kept"
	changed = "changed"
	dropped = "dropped"
)

var (
	relaySID  = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`) // it takes other forms, too
	relayName = regexp.MustCompile(`^[^\\/\x00-\x1f\x7f]*$`)
)

// relayTakesName is the rule for a release and an environment.
func relayTakesName(name string, maxBytes int, reserved string) bool {
	return len(name) <= maxBytes && name != "." && name != ".." && !strings.EqualFold(name, reserved) && relayName.MatchString(name)
}

// An item is one of either type.
type item struct {
	SID                *string `json:"sid"`
	Seq, Errors        uint64
	Init               bool
	Started, Timestamp *time.Time // which RFC 3339 is for; Relay takes other forms, too
	Status             string
	Aggregates         []struct {
		Started                                       *time.Time
		Exited, Errored, Abnormal, Unhandled, Crashed uint32
	}
	Attrs struct {
		Release, Environment *string
	}
}

// relayMakes is what Relay makes of an item that comes at a time.
func relayMakes(kind string, payload []byte, received time.Time) string {
	inTime := func(at time.Time) bool { return received.Sub(at) <= relayPast && at.Sub(received) <= relayFuture }
	var i item
	if err := json.Unmarshal(payload, &i); err != nil || i.Attrs.Release == nil || !relayTakesName(*i.Attrs.Release, 200, "latest") {
		return dropped
	}
	verdict := kept
	if kind == "sessions" {
		for _, a := range i.Aggregates {
			switch {
			case a.Started == nil:
				return dropped
			case !inTime(*a.Started):
				verdict = changed // without this one
			}
		}
	} else {
		switch {
		case i.Started == nil || i.SID != nil && !relaySID.MatchString(*i.SID):
			return dropped
		case i.Timestamp == nil || i.Timestamp.Before(*i.Started):
			i.Timestamp, verdict = i.Started, changed
		case i.SID == nil:
			verdict = changed // it makes one
		}
		if !inTime(*i.Started) || !inTime(*i.Timestamp) {
			return dropped
		}
	}
	if env := i.Attrs.Environment; env != nil && !relayTakesName(*env, 64, "none") {
		return changed // without it
	}
	return verdict
}

// TestRelayRules: the rules say what Relay's own code says.
func TestRelayRules(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("testdata", "relay.txt"))
	require.NoError(t, err)
	said := map[string]int{}
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.SplitN(line, " ", 3); len(fields) == 3 && !strings.HasPrefix(line, "#") {
			require.Equal(t, fields[0], relayMakes(fields[1], []byte(fields[2]), noon), line)
			said[fields[0]]++
		}
	}
	require.Len(t, said, 3)
}

// countsRight is what Relay does not look at, and a server counts by.
func countsRight(kind string, payload []byte) error {
	var i struct {
		item
		Duration *float64
	}
	if err := json.Unmarshal(payload, &i); err != nil {
		return err
	}
	switch {
	case kind == "sessions" && len(i.Aggregates) == 0:
		return errors.New("it counts nothing")
	case kind == "sessions":
		return nil
	case i.Init != (i.Status == "ok"):
		return errors.New("the first update, and no other, is ok: a server counts runs by init")
	case i.Init != (i.Seq == 0):
		return errors.New("the first update, and no other, has number 0")
	case !slices.Contains([]string{"ok", "exited", "crashed", "abnormal"}, i.Status):
		return errors.New("status")
	case i.SID == nil || i.Timestamp == nil:
		return errors.New("it says too little")
	case i.Duration != nil && *i.Duration < 0:
		return errors.New("it ran for less than no time")
	}
	return nil
}

// TestRelayTakesIt: everything that this package makes.
func TestRelayTakesIt(t *testing.T) {
	t.Parallel()
	take := func(envelope []byte, received time.Time) string {
		e, err := sentrytest.ParseEnvelope(envelope)
		require.NoError(t, err)
		require.True(t, e.Header.SentAt.IsZero())
		require.Len(t, e.Items, 1)
		require.NoError(t, countsRight(e.Items[0].Type, e.Items[0].Payload), string(envelope))
		return relayMakes(e.Items[0].Type, e.Items[0].Payload, received)
	}
	for _, environment := range []string{"", "production"} {
		s := session.New("github.com-acme-app@1.0.0", environment, noon)
		_, start := s.Start()
		require.Equal(t, kept, take(start, noon.Add(time.Second)))
		for _, status := range []ending.Status{ending.Exited, ending.Crashed, ending.Abnormal} {
			for _, ran := range []time.Duration{0, time.Nanosecond, time.Hour} {
				_, end := s.End(session.End{Status: status, At: noon.Add(ran), Errors: 3, Ran: ran})
				require.Equal(t, kept, take(end, noon.Add(time.Hour)), "%s %s", status, end)
			}
		}
		var r session.Requests
		r.Add(noon.Add(30*time.Second), true)
		r.Add(noon.Add(time.Minute), false)
		require.Equal(t, kept, take(r.Take("app@1.0.0", environment), noon.Add(2*time.Minute)))
	}
	// A clock that was set back while the program ran.
	s := session.New("app@1.0.0", "", noon)
	_, end := s.End(session.End{Status: ending.Exited, At: noon.Add(-time.Hour), Ran: -time.Hour})
	require.Equal(t, kept, take(end, noon))

	// What it does not take: docs/release-health.md says so.
	_, end = s.End(session.End{Status: ending.Crashed, At: noon.Add(relayPast)})
	require.Equal(t, kept, take(end, noon.Add(relayPast)))
	require.Equal(t, dropped, take(end, noon.Add(relayPast+time.Millisecond)))
	_, start := s.Start()
	require.Equal(t, kept, take(start, noon.Add(-relayFuture)))
	require.Equal(t, dropped, take(start, noon.Add(-relayFuture-time.Millisecond)))
}

// TestCountsRight: what it holds can be wrong.
func TestCountsRight(t *testing.T) {
	t.Parallel()
	const good = `{"sid":"7c7b6585-f901-4351-bf8d-02711b721929","init":true,"seq":0,"started":"2026-11-21T12:00:00.000Z",` +
		`"timestamp":"2026-11-21T12:00:00.000Z","status":"ok","duration":1}`
	require.NoError(t, countsRight("session", []byte(good)))
	for old, bad := range map[string]string{
		`"init":true`:  `"init":false`,
		`"seq":0`:      `"seq":1`,
		`"ok"`:         `"exited"`,
		`"sid":`:       `"id":`,
		`"timestamp":`: `"time":`,
		`:1}`:          `:-1}`,
	} {
		require.Contains(t, good, old)
		require.Error(t, countsRight("session", []byte(strings.ReplaceAll(good, old, bad))), bad)
	}
	done := strings.NewReplacer(`"init":true`, `"init":false`, `"seq":0`, `"seq":1`)
	require.NoError(t, countsRight("session", []byte(done.Replace(strings.ReplaceAll(good, `"ok"`, `"exited"`)))))
	require.Error(t, countsRight("session", []byte(done.Replace(strings.ReplaceAll(good, `"ok"`, `"fine"`)))))
	require.Error(t, countsRight("sessions", []byte(`{"aggregates":[]}`)))
}
