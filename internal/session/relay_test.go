package session_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/session"
	"github.com/panicreport/sentry/sentrytest"
)

// What Relay, the entrance of every Sentry server, makes of a session: it drops those
// that break a rule, without a word. sentry-relay of PyPI has no function for it, so the
// rules are read from its source (getsentry/relay):
//
//	relay-event-schema/src/protocol/session.rs       fields, types, statuses
//	relay-server/src/services/processor/session.rs   sequence, times, attributes
//	relay-config/src/config.rs                       5 days in the past, 60 s in the future

const (
	relayPast   = 5 * 24 * time.Hour
	relayFuture = time.Minute
)

var (
	relaySID     = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	relayRelease = regexp.MustCompile(`^[^\\/\r\n\t\f]{1,250}$`)
	relayStatus  = map[string]bool{"ok": true, "exited": true, "crashed": true, "abnormal": true, "errored": true, "unhandled": true}
)

// relayTakes returns why Relay drops an item that comes at a time, or changes it.
func relayTakes(item string, payload []byte, received time.Time) error {
	var doc struct {
		SID                string     `json:"sid"`
		Seq                uint64     `json:"seq"`
		Init               bool       `json:"init"`
		Started, Timestamp *time.Time // which RFC 3339 is for
		Duration           *float64
		Status             string
		Errors             uint64
		Aggregates         []struct {
			Started                                       *time.Time
			Exited, Errored, Abnormal, Unhandled, Crashed uint32
		}
		Attrs struct {
			Release     string
			Environment *string
		}
	}
	if err := json.Unmarshal(payload, &doc); err != nil {
		return err
	}
	times := []*time.Time{doc.Started, doc.Timestamp}
	if item == "sessions" {
		times = nil
		for _, a := range doc.Aggregates {
			times = append(times, a.Started)
		}
	}
	if len(times) == 0 {
		return errors.New("empty")
	}
	for _, at := range times {
		if at == nil || received.Sub(*at) > relayPast || at.Sub(received) > relayFuture {
			return fmt.Errorf("time %v", at)
		}
	}
	release := doc.Attrs.Release
	switch {
	case !relayRelease.MatchString(release) || release == "." || release == ".." || strings.EqualFold(release, "latest"):
		return errors.New("release")
	case doc.Attrs.Environment != nil && (!regexp.MustCompile(`^[^/\r\n\t\f]{1,64}$`).MatchString(*doc.Attrs.Environment) ||
		*doc.Attrs.Environment == "none"):
		return errors.New("environment")
	case item == "sessions":
		return nil
	case !relaySID.MatchString(doc.SID):
		return errors.New("sid")
	case doc.Seq == math.MaxUint64:
		return errors.New("seq")
	case doc.Timestamp.Before(*doc.Started):
		return errors.New("timestamp before started")
	case doc.Duration != nil && *doc.Duration < 0:
		return errors.New("it ran for less than no time")
	case !relayStatus[doc.Status]:
		return errors.New("status")
	case doc.Init != (doc.Status == "ok"):
		return errors.New("the first update, and no other, is ok: a server counts runs by init")
	}
	return nil
}

// TestRelayTakesIt: everything that this package makes.
func TestRelayTakesIt(t *testing.T) {
	t.Parallel()
	take := func(envelope []byte, received time.Time) error {
		e, err := sentrytest.ParseEnvelope(envelope)
		require.NoError(t, err)
		require.Len(t, e.Items, 1)
		return relayTakes(e.Items[0].Type, e.Items[0].Payload, received)
	}
	for _, environment := range []string{"", "production"} {
		s := session.New("github.com-acme-app@1.0.0", environment, noon)
		_, start := s.Start()
		require.NoError(t, take(start, noon.Add(time.Second)))
		for _, status := range []ending.Status{ending.Exited, ending.Crashed, ending.Abnormal} {
			for _, ran := range []time.Duration{0, time.Nanosecond, time.Hour} {
				_, end := s.End(session.End{Status: status, At: noon.Add(ran), Errors: 3, Ran: ran})
				require.NoError(t, take(end, noon.Add(time.Hour)), "%s %s", status, end)
			}
		}
		var r session.Requests
		r.Add(noon.Add(30*time.Second), true)
		r.Add(noon.Add(time.Minute), false)
		require.NoError(t, take(r.Take("app@1.0.0", environment), noon.Add(2*time.Minute)))
	}
	// A clock that was set back while the program ran.
	s := session.New("app@1.0.0", "", noon)
	_, end := s.End(session.End{Status: ending.Exited, At: noon.Add(-time.Hour), Ran: -time.Hour})
	require.NoError(t, take(end, noon))

	// What it does not take: docs/release-health.md says so.
	_, end = s.End(session.End{Status: ending.Crashed, At: noon.Add(relayPast)})
	require.NoError(t, take(end, noon.Add(relayPast)))
	require.EqualError(t, take(end, noon.Add(relayPast+time.Second)), "time "+noon.String())
}

// TestRelayDrops: the rules above can fail.
func TestRelayDrops(t *testing.T) {
	t.Parallel()
	const good = `{"sid":"7c7b6585-f901-4351-bf8d-02711b721929","init":true,"seq":0,"started":"2026-11-21T12:00:00.000Z",` +
		`"timestamp":"2026-11-21T12:00:00.000Z","status":"ok","errors":0,"attrs":{"release":"app@1.0.0","environment":"production"}}`
	require.NoError(t, relayTakes("session", []byte(good), noon))
	for old, bad := range map[string]string{
		`"status":"ok"`:           `"status":"fine"`,
		`"seq":0`:                 `"seq":18446744073709551615`,
		`"errors":0`:              `"errors":-1`,
		`app@1.0.0`:               `acme/app@1.0.0`,
		`"production"`:            `"a/b"`,
		`7c7b6585-`:               `7c7b6585`,
		`"init":true`:             `"init":"yes"`,
		`"init":true,`:            ``,
		`"started":"2026-11-21T`:  `"started":"2026-11-21 `,
		`"started":"2026`:         `"started":"2025`,
		`"timestamp":"2026-11-21`: `"timestamp":"2026-11-20`,
	} {
		require.Contains(t, good, old)
		require.Error(t, relayTakes("session", []byte(strings.ReplaceAll(good, old, bad)), noon), bad)
	}
	require.Error(t, relayTakes("sessions", []byte(`{"aggregates":[],"attrs":{"release":"app"}}`), noon))
}
