package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// normalized is what Sentry's ingest makes of an event.
type normalized struct {
	Event   map[string]any `json:"event"`
	Release struct {
		Package string         `json:"package"`
		Raw     string         `json:"version_raw"`
		Version map[string]any `json:"version_parsed"`
		Error   string         `json:"error"`
	} `json:"release"`
	Scrubbed []string `json:"scrubbed"`
}

// normalize runs the events through Sentry's ingest, all in one process: it is
// the import that takes the time.
func normalize(t *testing.T, events []*sentrytest.Event) (all []normalized) {
	t.Helper()
	raw := make([]string, len(events))
	for i, e := range events {
		raw[i] = string(e.Raw)
	}
	stdin, err := json.Marshal(raw)
	require.NoError(t, err)
	cmd := python(t, installed(t, pythonPackages), t.TempDir(), "normalize.py")
	cmd.Stdin = bytes.NewReader(stdin)
	ended := testprogram.Run(t, cmd)
	require.Zero(t, ended.Status, ended.Stderr)
	require.NoError(t, json.Unmarshal([]byte(ended.Stdout), &all))
	require.Len(t, all, len(events))
	return all
}

// TestRelayUnderstands: Sentry's own ingest finds nothing wrong with a report of
// ours and drops nothing of it.
func TestRelayUnderstands(t *testing.T) {
	t.Parallel()
	tests := []struct {
		kind  string
		title string   // its beginning
		lost  []string // what Sentry drops of it
	}{
		{kind: "nil", title: "runtime error: invalid memory address or nil pointer dereference"},
		{kind: "index", title: "runtime error: index out of range [5] with length 0"},
		{kind: "string", title: "panic: boom"},
		{kind: "chain", title: "panic: load: open: open wallet.db: file does not exist"},
		{kind: "join", title: "panic: query failed: select 1"},
		{kind: "own", title: "main.queryError: query failed: select 1"},
		{kind: "struct", title: "panic: (main.account)"},
		{kind: "secret", title: "panic: login failed: password=[Filtered]"},
		{kind: "control", title: "panic: first line"},
		// Sentry no longer knows the field that tells that the middle of a stack was left out.
		{kind: "deep", title: "panic: deep", lost: []string{"exception[0].stacktrace.frames_omitted"}},
		{kind: "huge", title: "panic: all work and no play"},
		{kind: "longchain", title: "panic: level 39: "},
		// A tag without a value would mark the event as faulty: it is left out.
		{kind: "emptytag", title: "panic: empty tag"},
		{kind: "request", title: "runtime error: invalid memory address or nil pointer dereference"},
		{kind: "everything", title: "panic: load: query failed: select 1; "},
	}
	installed(t, pythonPackages)
	var sent []*sentrytest.Event
	for _, tt := range tests {
		server := sentrytest.NewServer(t)
		die(t, server.DSN(), tt.kind)
		events := server.Wait(1)
		require.Len(t, events, 1, tt.kind)
		sent = append(sent, events[0])
	}
	for i, got := range normalize(t, sent) {
		tt, e := tests[i], sent[i]
		t.Run(tt.kind, func(t *testing.T) {
			require.Truef(t, strings.HasPrefix(e.Title(), tt.title), "%.200s", e.Title())
			require.NotContains(t, string(e.Raw), "hunter2")
			require.Empty(t, objections(got.Event))
			var payload any
			require.NoError(t, json.Unmarshal(e.Raw, &payload))
			require.Subset(t, tt.lost, lost("", payload, got.Event))
			requireOurs(t, got)
		})
	}
}

// TestRelayTakesNames: what Sentry would refuse as a release or an environment, we have
// changed. It drops an event's field, and all of a session.
func TestRelayTakesNames(t *testing.T) {
	t.Parallel()
	installed(t, pythonPackages)
	var sent []*sentrytest.Event
	for _, name := range []string{"latest", "none", "..", "github.com/acme/app@1", strings.Repeat("é", 150), strings.Repeat("a", 199) + " b"} {
		server := sentrytest.NewServer(t)
		require.Equal(t, 2, run(t, server.DSN(), "string", "E2E_RELEASE="+name, "E2E_ENVIRONMENT="+name).Status)
		require.Len(t, server.Wait(1), 1, name)
		sent = append(sent, server.Events()[0])
	}
	for i, got := range normalize(t, sent) {
		require.NotEmpty(t, sent[i].Release)
		require.Equal(t, sent[i].Release, got.Event["release"])
		require.NotEmpty(t, sent[i].Environment)
		require.Equal(t, sent[i].Environment, got.Event["environment"])
		require.Empty(t, objections(got.Event))
	}
}

// requireOurs holds what is the same in all reports.
func requireOurs(t *testing.T, n normalized) {
	t.Helper()
	require.Equal(t, "fatal", n.Event["level"])
	require.Equal(t, "go", n.Event["platform"])
	require.Equal(t, "error", n.Event["type"])
	require.Equal(t, environment, n.Event["environment"])
	require.Equal(t, release, n.Event["release"])
	require.Empty(t, n.Release.Error)
	require.Equal(t, "e2e-app", n.Release.Package)
	require.Equal(t, "1.2.3", n.Release.Raw)
	require.EqualValues(t, 1, n.Release.Version["major"])
	require.EqualValues(t, 2, n.Release.Version["minor"])
	require.EqualValues(t, 3, n.Release.Version["patch"])
	// Sentry's own scrubbing is a second opinion: what it would remove, we have removed something of. It also takes the words
	// round it, as that is how its rule for "token=" and the like is made.
	for _, text := range n.Scrubbed {
		require.Contains(t, text, "[Filtered]")
	}
	// Sentry knows the address that the report came from: it must not become the user's.
	text, err := json.Marshal(n.Event)
	require.NoError(t, err)
	require.NotContains(t, string(text), "198.51.100.9")
}

// objections are Sentry's, by the field of the event that they concern:
//
//	"errors": [{"type":"invalid_data","name":"tags.3.1","reason":"expected a non-empty value"}]
func objections(event map[string]any) (all []string) {
	list, _ := event["errors"].([]any)
	for _, o := range list {
		o := o.(map[string]any)
		field, _, _ := strings.Cut(fmt.Sprint(o["name"]), ".")
		all = append(all, fmt.Sprintf("%v: %v", field, o["reason"]))
	}
	if meta, ok := event["_meta"].(map[string]any); ok && len(all) == 0 {
		for field := range meta {
			all = append(all, field+": changed")
		}
	}
	return all
}

// lost lists what of sent is not in got. It knows the other forms that Sentry
// gives a value: lists under "values", objects as pairs, times as seconds.
func lost(at string, sent, got any) (all []string) {
	switch sent := sent.(type) {
	case map[string]any:
		if list, ok := sent["values"].([]any); ok && len(sent) == 1 {
			return lost(at, list, got)
		}
		fields := asObject(got)
		for _, name := range slices.Sorted(maps.Keys(sent)) {
			all = append(all, lost(strings.TrimPrefix(at+"."+name, "."), sent[name], fields[name])...)
		}
		return all
	case []any:
		list := asList(got)
		if len(list) != len(sent) {
			return []string{at}
		}
		for i := range sent {
			all = append(all, lost(fmt.Sprintf("%s[%d]", at, i), sent[i], list[i])...)
		}
		return all
	}
	if !same(sent, got) {
		all = []string{at}
	}
	return all
}

// asList reads a list in either of
//
//	[…]
//	{"values": […]}
func asList(v any) []any {
	if object, ok := v.(map[string]any); ok {
		v = object["values"]
	}
	list, _ := v.([]any)
	return list
}

// asObject reads an object in either of
//
//	{"context.name": "e2e-app"}
//	[["context.name", "e2e-app"]]
func asObject(v any) map[string]any {
	if object, ok := v.(map[string]any); ok {
		return object
	}
	pairs, _ := v.([]any)
	object := make(map[string]any, len(pairs))
	for _, pair := range pairs {
		pair := pair.([]any)
		// A tag's name may not contain a space: Sentry writes a dash.
		object[strings.ReplaceAll(pair[0].(string), "-", " ")] = pair[1]
		object[pair[0].(string)] = pair[1]
	}
	return object
}

// same compares what is neither an object nor a list.
func same(sent, got any) bool {
	if reflect.DeepEqual(sent, got) || sent == "" && got == nil {
		return true
	}
	text, ok := sent.(string)
	if !ok {
		return false
	}
	if seconds, ok := got.(float64); ok {
		at, err := time.Parse(time.RFC3339Nano, text)
		return err == nil && math.Abs(seconds-float64(at.UnixNano())/1e9) < 1e-5
	}
	// A query becomes pairs.
	query, err := url.ParseQuery(text)
	if err != nil {
		return false
	}
	pairs, ok := got.([]any)
	for _, pair := range pairs {
		pair := pair.([]any)
		ok = ok && slices.Contains(query[pair[0].(string)], pair[1].(string))
	}
	return ok && len(pairs) == len(query)
}
