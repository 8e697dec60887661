package sentrytest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

// decode returns the event for a payload, which may have more than one line.
func decode(t *testing.T, payload string) *sentrytest.Event {
	t.Helper()
	parsed, err := sentrytest.ParseEnvelope([]byte(envelope(firstID, item("event", payload))))
	require.NoError(t, err)
	event, err := parsed.Event()
	require.NoError(t, err)
	return event
}

func TestEventInTheFormsOfOtherClients(t *testing.T) {
	t.Parallel()
	plain := decode(t, `{"message":"m","tags":{"a":"b"},"timestamp":"2026-01-02T15:04:05.25Z","exception":[{"type":"T"}],
		"threads":[{"id":7}],"breadcrumbs":[{"message":"c","timestamp":1767366245.25}]}`)
	wrapped := decode(t, `{"logentry":{"formatted":"m","message":"%s"},"tags":[["a","b"]],"timestamp":1767366245.25,
		"exception":{"values":[{"type":"T"}]},"threads":{"values":[{"id":"7"}]},
		"breadcrumbs":{"values":[{"message":"c","timestamp":"2026-01-02T15:04:05.25Z"}]}}`)

	require.Empty(t, plain.Invalid)
	require.Empty(t, wrapped.Invalid)
	require.Equal(t, time.Date(2026, 1, 2, 15, 4, 5, 250e6, time.UTC), plain.Timestamp)
	require.Equal(t, firstID, plain.EventID, "that of the envelope")
	plain.Raw, wrapped.Raw, plain.Envelope, wrapped.Envelope = nil, nil, nil, nil
	require.Equal(t, plain, wrapped)
}

func TestEventWithInvalidFields(t *testing.T) {
	t.Parallel()
	event := decode(t, `{"level":"fatal","tags":{"a":1,"b":"c"},"timestamp":1e30,"exception":"boom","user":null,"release":["x"]}`)

	require.Equal(t, "fatal", event.Level)
	require.Equal(t, "c", event.Tags["b"])
	require.Len(t, event.Invalid, 4)
	for i, field := range []string{"exception: ", "release: ", "tags: ", "timestamp: "} {
		require.Contains(t, event.Invalid[i], field)
	}
}

func TestTitle(t *testing.T) {
	t.Parallel()
	for payload, title := range map[string]string{
		`{}`:                            "<unlabeled event>",
		`{"message":"one\ntwo"}`:        "one",
		`{"message":{"message":"one"}}`: "one",
		`{"exception":[{"type":"cause"},{"type":"panic","value":"\r\none\r\ntwo"}]}`: "panic: one",
		`{"exception":[{"type":"*app.Error"}],"message":"m"}`:                        "*app.Error",
		`{"exception":[{"value":"boom"}]}`:                                           "<unknown>: boom",
	} {
		require.Equal(t, title, decode(t, payload).Title(), payload)
	}
}

func TestFramesOfAnEvent(t *testing.T) {
	t.Parallel()
	event := decode(t, `{"exception":[
		{"type":"cause","stacktrace":{"frames":[{"function":"elsewhere"}]},"mechanism":{"handled":true}},
		{"type":"panic","mechanism":{"handled":false},"stacktrace":{"frames":[
			{"function":"main","module":"main","in_app":true},
			{"function":"Run","module":"example.org/app","in_app":true},
			{"function":"cgo"}]}}]}`)

	require.Equal(t, "panic", event.Exception().Type)
	require.Len(t, event.Frames(), 3)
	require.Equal(t, "cgo", event.Top().Name())
	require.Equal(t, "example.org/app.Run", event.Culprit().Name())
	require.True(t, event.Unhandled())

	empty := decode(t, `{}`)
	require.Zero(t, empty.Exception())
	require.Zero(t, empty.Top())
	require.Zero(t, empty.Culprit())
	require.Empty(t, empty.Frames())
	require.False(t, empty.Unhandled())
}
