package scrub_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/getsentry/sentry-go"
	"github.com/getsentry/sentry-go/attribute"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
)

func encoded(t testing.TB, v any) string {
	t.Helper()
	doc, err := json.Marshal(v)
	require.NoError(t, err)
	return string(doc)
}

func TestCleanEventStays(t *testing.T) {
	t.Parallel()
	e := scrubtest.Crash()
	newScrubber().Event(e)
	require.Equal(t, scrubtest.Crash(), e)
}

func TestEventIsScrubbedByName(t *testing.T) {
	t.Parallel()
	e := &sentry.Event{
		Tags:     map[string]string{"db_password": "hunter2", "mode": "fast", "context.version": "1.2.3.4"},
		Contexts: map[string]sentry.Context{"app": {"api_key": int64(12345678901), "name": "x"}, "session": {"id": "abc"}},
		User: sentry.User{
			ID: "5", Email: "bob@example.com", IPAddress: "10.1.2.3", Data: map[string]string{"token": "abc", "plan": "free"},
		},
		Breadcrumbs: []*sentry.Breadcrumb{{Category: "http", Data: map[string]any{"cookie": "abc", "status": 200}}},
		Request: &sentry.Request{
			URL: "https://bob:hunter2@10.1.2.3:8080/x?token=abc", Cookies: "a=b", QueryString: "token=abc&x=1",
			Headers: map[string]string{"Authorization": "Basic abc", "Accept": "*/*", "X-Forwarded-For": "10.1.2.3"},
			Data:    `{"password":"hunter2","n":1}`, Env: map[string]string{"DB_PASSWORD": "hunter2", "REMOTE_PORT": "80"},
		},
		Exception: []sentry.Exception{{
			Type: "*main.PasswordError", Value: "password=hunter2 rejected",
			Mechanism: &sentry.Mechanism{Type: "panic", Data: map[string]any{"secret": "hunter2"}},
			Stacktrace: &sentry.Stacktrace{Frames: []sentry.Frame{{
				Function: "login", Module: "example.org/password", Filename: "example.org/password/token.go",
				AbsPath: "/home/bob/token.go", Vars: map[string]any{"password": "hunter2", "n": 1},
				ContextLine: `	password := "hunter2"`,
			}}},
		}},
	}
	newScrubber().Event(e)
	want := &sentry.Event{
		Tags:     map[string]string{"db_password": "[Filtered]", "mode": "fast", "context.version": "1.2.3.4"},
		Contexts: map[string]sentry.Context{"app": {"api_key": "[Filtered]", "name": "x"}, "session": {"value": "[Filtered]"}},
		User:     sentry.User{ID: "5", Data: map[string]string{"token": "[Filtered]", "plan": "free"}},
		Breadcrumbs: []*sentry.Breadcrumb{
			{Category: "http", Data: map[string]any{"cookie": "[Filtered]", "status": 200}},
		},
		Request: &sentry.Request{
			URL: "https://ip.invalid:8080/x?token=[Filtered]", QueryString: "token=[Filtered]&x=1",
			Headers: map[string]string{"Authorization": "[Filtered]", "Accept": "*/*", "X-Forwarded-For": "[ip]"},
			Data:    `{"n":1,"password":"[Filtered]"}`, Env: map[string]string{"DB_PASSWORD": "[Filtered]", "REMOTE_PORT": "80"},
		},
		Exception: []sentry.Exception{{
			Type: "*main.PasswordError", Value: "password=[Filtered] rejected",
			Mechanism: &sentry.Mechanism{Type: "panic", Data: map[string]any{"secret": "[Filtered]"}},
			Stacktrace: &sentry.Stacktrace{Frames: []sentry.Frame{{
				Function: "login", Module: "example.org/password", Filename: "example.org/password/token.go",
				Vars: map[string]any{"password": "[Filtered]", "n": 1}, ContextLine: `	password := "[Filtered]"`,
			}}},
		}},
	}
	require.Equal(t, want, e)
}

// TestSharedPartsStay holds on to what sentry-go shares between an event and
// the scopes of the application.
func TestSharedPartsStay(t *testing.T) {
	t.Parallel()
	const text = "password=hunter2 10.1.2.3"
	e := eventWith(text)
	shared := *e
	before := encoded(t, e)
	newScrubber().Event(e)
	require.NotContains(t, encoded(t, e), "hunter2")
	require.Equal(t, before, encoded(t, &shared))
	require.Equal(t, text, string(shared.Attachments[0].Payload))
}

func TestStructureStays(t *testing.T) {
	t.Parallel()
	trace := sentry.TraceContext{
		TraceID: sentry.TraceID{0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11}, SpanID: sentry.SpanID{0x41, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11},
		Op: "http.server", Status: sentry.SpanStatusOK,
	}
	e := scrubtest.Crash()
	e.Release, e.Environment, e.Dist = "app@1.2.3.4", "staging", "1.2.3.4"
	e.Contexts["trace"] = trace.Map()
	e.Contexts["replay"] = sentry.Context{"replay_id": "41111111111111111111111111111111", "trace_id": "4111111111111111"}
	before := encoded(t, e)
	newScrubber().Event(e)
	require.JSONEq(t, before, encoded(t, e))
}

func TestTagsStayValid(t *testing.T) {
	t.Parallel()
	e := &sentry.Event{Tags: map[string]string{
		"long": strings.Repeat("é", 300), "lines": "a\nb\r\nc", "bob@example.com": "x", strings.Repeat("k", 300): "x", "ok": "x",
	}}
	newScrubber().Event(e)
	require.Len(t, e.Tags, 3)
	require.Equal(t, "a b c", e.Tags["lines"])
	require.LessOrEqual(t, len(e.Tags["long"]), scrub.MaxTag)
	require.True(t, strings.HasSuffix(e.Tags["long"], "…"))

	for i := range 1000 {
		e.Tags[fmt.Sprintf("tag%d", i)] = "x"
	}
	newScrubber().Event(e)
	require.Len(t, e.Tags, 200)
}

func TestRequestURLStaysOne(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for raw, want := range map[string]string{
		"":                                          "",
		"https://example.com/x?a=b":                 "https://example.com/x?a=b",
		"http://10.1.2.3/x":                         "http://ip.invalid/x",
		"http://10.1.2.3:8080":                      "http://ip.invalid:8080",
		"http://[2001:db8::1]:8080/x":               "http://ip.invalid:8080/x",
		"http://[fe80::1%25eth0]/x":                 "http://ip.invalid/x",
		"http://127.0.0.1:8080/x":                   "http://127.0.0.1:8080/x",
		"https://token@example.com/x":               "https://example.com/x",
		"https://example.com/?ip=10.1.2.3":          "https://example.com/?ip=[ip]",
		"https://example.com/home?user=a@b.example": "https://example.com/home?user=[email]",
		"https://exam ple.com/x":                    "",
		"https://example.com/\x00":                  "",
		"/x?password=hunter2":                       "/x?password=[Filtered]",
	} {
		e := &sentry.Event{Request: &sentry.Request{URL: raw}}
		s.Event(e)
		require.Equal(t, want, e.Request.URL, raw)
		_, err := url.Parse(e.Request.URL)
		require.NoError(t, err)
	}
}

func TestRequestData(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for data, want := range map[string]string{
		`{"a":1,"b":[{"password":"x"}]}`:        `{"a":1,"b":[{"password":"[Filtered]"}]}`,
		`[{"name":"token","value":"abc"}]`:      `[{"name":"token","value":"[Filtered]"}]`,
		`{"id":12345678901234567890}`:           `{"id":12345678901234567890}`,
		`{"password":"cut off`:                  `{"password":"[Filtered]`,
		"password=hunter2%26x&user=bob":         "password=[Filtered]&user=bob",
		"j=%7B%22secret%22%3A%22x1x%22%7D&n=1":  "j=%7B%22secret%22%3A%22[Filtered]%22%7D&n=1",
		"q=a%20b%20to%20c%40d.example&password": "q=a%20b%20to%20[email]&password",
		"user said password: hunter2":           "user said password: [Filtered]",
		`<a><password>x1x</password></a>`:       `<a><password>[Filtered]</password></a>`,
	} {
		e := &sentry.Event{Request: &sentry.Request{Data: data}}
		s.Event(e)
		require.Equal(t, want, e.Request.Data)
	}
}

func TestAttachments(t *testing.T) {
	t.Parallel()
	e := &sentry.Event{Attachments: []*sentry.Attachment{
		nil,
		{Filename: "/home/bob/x.log", ContentType: "text/plain", Payload: []byte("password=hunter2\n")},
		{Filename: "x.json", Payload: []byte(`{"password":"hunter2"}`)},
		{Filename: "x.bin", Payload: []byte("\x00\xff\x01\x02\x03\x04password=hunter2")},
		{Filename: "x.png", ContentType: "image/png", Payload: []byte("password=hunter2")},
		{Filename: "bad.log", Payload: []byte("password=hunter2 \xff and a line")},
		{Filename: "windows.log", Payload: []byte("\xff\xfep\x00w\x00d\x00=\x00h\x00u\x00n\x00t\x00e\x00r\x002\x00")},
		{Filename: "big.log", Payload: []byte(strings.Repeat("a line of a log\n", 200_000))},
	}}
	newScrubber().Event(e)
	require.Equal(t, "~/x.log", e.Attachments[1].Filename)
	require.Equal(t, "password=[Filtered]\n", string(e.Attachments[1].Payload))
	require.Equal(t, `{"password":"[Filtered]"}`, string(e.Attachments[2].Payload))
	require.Contains(t, string(e.Attachments[3].Payload), "hunter2")
	require.Contains(t, string(e.Attachments[4].Payload), "hunter2")
	require.Equal(t, "password=[Filtered] \ufffd and a line", string(e.Attachments[5].Payload))
	require.Equal(t, "pwd=[Filtered]", string(e.Attachments[6].Payload))
	require.LessOrEqual(t, len(e.Attachments[7].Payload), scrub.MaxAttachment)
}

func TestLogsAndMetrics(t *testing.T) {
	t.Parallel()
	attributes := map[string]attribute.Value{
		"password": attribute.StringValue("hunter2"), "n": attribute.IntValue(5), "hosts": attribute.StringSliceValue([]string{"10.1.2.3"}),
		"pin.secret": attribute.IntValue(1234567),
	}
	e := &sentry.Event{
		Logs:    []sentry.Log{{Body: "from 10.1.2.3", Attributes: attributes}},
		Metrics: []sentry.Metric{{Name: "m", Attributes: attributes}},
	}
	newScrubber().Event(e)
	require.Equal(t, "from [ip]", e.Logs[0].Body)
	for _, got := range []map[string]attribute.Value{e.Logs[0].Attributes, e.Metrics[0].Attributes} {
		require.Equal(t, map[string]attribute.Value{
			"password": attribute.StringValue("[Filtered]"), "n": attribute.IntValue(5),
			"hosts": attribute.StringSliceValue([]string{"[ip]"}), "pin.secret": attribute.StringValue("[Filtered]"),
		}, got)
	}
	require.Equal(t, "hunter2", attributes["password"].AsString())
}

// TestSerialized scrubs an event that sentry-go has encoded before, as its
// telemetry buffer does.
func TestSerialized(t *testing.T) {
	t.Parallel()
	e := scrubtest.Crash()
	e.Tags["note"] = "password=hunter2"
	e.Type = "transaction"
	e.Spans = []*sentry.Span{{Description: "x", Data: map[string]any{"password": "hunter2"}}}
	e.MakeSerializationSafe()
	newScrubber().Event(e)
	require.NotContains(t, encoded(t, e), "hunter2")
	require.Contains(t, encoded(t, e), "[Filtered]")
	require.Contains(t, encoded(t, e), "9ec79c33ec9942ab8353589fcb2e04dc")
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("marshal") }

// TestHostileValuesMarshal puts values into an event that can not be encoded.
func TestHostileValuesMarshal(t *testing.T) {
	t.Parallel()
	e := scrubtest.Crash()
	cycle := map[string]any{}
	cycle["self"] = cycle
	hostile := map[string]any{
		"cycle": cycle, "panic": panicking{}, "chan": make(chan int), "func": func() {}, "any": map[any]any{1: errors.New("x")},
	}
	e.Contexts["mine"] = hostile
	e.Breadcrumbs = []*sentry.Breadcrumb{nil, {Data: hostile}}
	e.Exception[1].Mechanism.Data = hostile
	e.Exception[1].Stacktrace.Frames[0].Vars = hostile
	newScrubber().Event(e)
	require.Contains(t, encoded(t, e), "index out of range")
}
