package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

var update = flag.Bool("update", false, "write what Relay makes of sessions into internal/session/testdata")

// An offer is an item for Relay, and when it comes.
type offer struct {
	Type     string    `json:"type"`
	Payload  string    `json:"payload"`
	Received time.Time `json:"received"`
}

// A judgement is what Relay makes of an offer.
type judgement struct {
	Kept    json.RawMessage `json:"kept"` // null: dropped
	Counted []struct {
		Name      string            `json:"name"`
		Value     any               `json:"value"`
		Tags      map[string]string `json:"tags"`
		Timestamp int64             `json:"timestamp"`
	} `json:"counted"`
}

// relayBounds are what Relay says of itself.
type relayBounds struct {
	Version      string `json:"version"`
	Past, Future int    // in seconds
}

// judge has Relay's own code look at the offers.
func judge(t *testing.T, offers ...offer) (bounds relayBounds, all []judgement) {
	t.Helper()
	var stdin bytes.Buffer
	for _, o := range offers {
		require.NoError(t, json.NewEncoder(&stdin).Encode(o))
	}
	cmd := exec.Command(filepath.Join(installed(t, relaySessions), "relay", "relay-sessions"))
	cmd.Stdin = &stdin
	ended := testprogram.Run(t, cmd)
	require.Zero(t, ended.Status, ended.Stderr)
	d := json.NewDecoder(strings.NewReader(ended.Stdout))
	require.NoError(t, d.Decode(&bounds))
	for range offers {
		var j judgement
		require.NoError(t, d.Decode(&j))
		all = append(all, j)
	}
	return bounds, all
}

// A sessionItem is what is said by an item of either type, without the duration, which Relay
// does not read.
type sessionItem struct {
	ID                 string `json:"sid"`
	Init               bool
	Seq, Errors        uint64
	Started, Timestamp time.Time
	Status             string
	Attrs              struct {
		Release     string
		Environment *string
	}
	Aggregates []struct {
		Started                                       time.Time
		Exited, Errored, Abnormal, Unhandled, Crashed uint64
	}
}

func sessionOf(t *testing.T, payload string) (s sessionItem) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(payload), &s), payload)
	if len(s.Aggregates) == 0 {
		s.Aggregates = nil
	}
	return s
}

// verdict is "kept" for an item of which Relay changes nothing, else "changed" or
// "dropped".
func (j judgement) verdict(t *testing.T, o offer) string {
	t.Helper()
	switch {
	case string(j.Kept) == "null":
		return "dropped"
	case reflect.DeepEqual(sessionOf(t, o.Payload), sessionOf(t, string(j.Kept))):
		return "kept"
	}
	return "changed"
}

// counted lists what Relay counts: "init 1", or "error" for the id of a run.
func (j judgement) counted() (all []string) {
	for _, c := range j.Counted {
		switch c.Name {
		case "c:sessions/session@none":
			all = append(all, fmt.Sprint(c.Tags["session.status"], " ", c.Value))
		default:
			all = append(all, strings.TrimSuffix(strings.TrimPrefix(c.Name, "s:sessions/"), "@none"))
		}
	}
	return all
}

// TestRelayTakesSessions: Relay's own schema and normalisation keep each of our session
// envelopes as it is meant, and count what it says.
func TestRelayTakesSessions(t *testing.T) {
	t.Parallel()
	var offers []offer
	for _, data := range healthEnvelopes() {
		e, err := sentrytest.ParseEnvelope(data)
		require.NoError(t, err)
		require.Len(t, e.Items, 1)
		offers = append(offers, offer{e.Items[0].Type, string(e.Items[0].Payload), time.Now()})
	}
	counted := [][]string{
		{"init 1"},
		{"error"}, // that exited, with an error
		{"error", "crashed 1"},
		{"error", "abnormal 1"},
		// The minutes are told apart; the older is first.
		{"init 1", "errored_preaggr 1", "crashed 1", "init 1"},
	}
	_, all := judge(t, offers...)
	require.Len(t, all, len(counted))
	for i, j := range all {
		require.Equal(t, "kept", j.verdict(t, offers[i]), "%s became %s", offers[i].Payload, j.Kept)
		require.Equal(t, counted[i], j.counted())
		kept := sessionOf(t, string(j.Kept))
		for _, c := range j.Counted {
			require.Equal(t, release, c.Tags["release"])
			require.Equal(t, environment, c.Tags["environment"])
			if len(kept.Aggregates) == 0 {
				require.Equal(t, kept.Started.Unix(), c.Timestamp)
			}
		}
		if i > 0 && i < len(all)-1 {
			require.Equal(t, all[1].Counted[0].Value, j.Counted[0].Value, "one run, whatever its end")
		}
	}
	require.Contains(t, offers[1].Payload, "duration")
	require.NotContains(t, string(all[1].Kept), "duration", "Relay does not read it")
}

// TestRelayJudgesSessions: the rules of internal/session's tests are Relay's. The file
// has the judgements of this version of Relay, and those rules give the same.
func TestRelayJudgesSessions(t *testing.T) {
	t.Parallel()
	file := filepath.Join("..", "internal", "session", "testdata", "relay.txt")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var offers []offer
	lines := strings.Split(string(text), "\n")
	for _, line := range lines {
		if fields := strings.SplitN(line, " ", 3); len(fields) == 3 && !strings.HasPrefix(line, "#") {
			offers = append(offers, offer{fields[1], fields[2], time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)})
		}
	}
	bounds, all := judge(t, offers...)
	require.Equal(t, relayBounds{"26.9.0", 5 * 24 * 60 * 60, 60}, bounds)
	for i, line := range lines {
		if fields := strings.SplitN(line, " ", 3); len(fields) == 3 && !strings.HasPrefix(line, "#") {
			lines[i] = all[0].verdict(t, offers[0]) + " " + offers[0].Type + " " + offers[0].Payload
			all, offers = all[1:], offers[1:]
		}
	}
	if now := strings.Join(lines, "\n"); *update {
		require.NoError(t, os.WriteFile(file, []byte(now), 0o644))
	} else {
		require.Equal(t, string(text), now)
	}
}
