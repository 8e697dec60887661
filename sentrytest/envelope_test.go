package sentrytest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

func TestParseEnvelope(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text     string
		payloads []string
	}{
		"header alone":               {text: "{}"},
		"header and newline":         {text: "{}\n"},
		"length":                     {text: "{}\n{\"type\":\"a\",\"length\":2}\nab\n", payloads: []string{"ab"}},
		"length, no newline":         {text: "{}\n{\"type\":\"a\",\"length\":2}\nab", payloads: []string{"ab"}},
		"newlines in it":             {text: "{}\n{\"type\":\"a\",\"length\":4}\n\na\n\n\n", payloads: []string{"\na\n\n"}},
		"an item in it":              {text: "{}\n{\"type\":\"a\",\"length\":14}\n{\"type\":\"b\"}\nx\n", payloads: []string{"{\"type\":\"b\"}\nx"}},
		"no length":                  {text: "{}\n{\"type\":\"a\"}\nab\n{\"type\":\"b\"}\nc", payloads: []string{"ab", "c"}},
		"no length, carriage return": {text: "{}\n{\"type\":\"a\"}\nab\r\n", payloads: []string{"ab\r"}},
		"null length":                {text: "{}\n{\"type\":\"a\",\"length\":null}\nab\n", payloads: []string{"ab"}},
		"empty":                      {text: "{}\n{\"type\":\"a\",\"length\":0}\n\n{\"type\":\"b\",\"length\":0}\n", payloads: []string{"", ""}},
		"empty at the end":           {text: "{}\n{\"type\":\"a\",\"length\":0}", payloads: []string{""}},
		"no length at the end":       {text: "{}\n{\"type\":\"a\"}", payloads: []string{""}},
		"binary":                     {text: "{}\n{\"type\":\"a\",\"length\":3}\n\x00\xff\n\n", payloads: []string{"\x00\xff\n"}},
	} {
		parsed, err := sentrytest.ParseEnvelope([]byte(test.text))
		require.NoError(t, err, name)
		var payloads []string
		for _, item := range parsed.Items {
			payloads = append(payloads, string(item.Payload))
		}
		require.Equal(t, test.payloads, payloads, name)
	}
}

func TestEnvelopeHeaders(t *testing.T) {
	t.Parallel()
	header := `{"event_id":"` + firstID + `","sent_at":"2026-01-02T15:04:05Z","dsn":"http://key@host/1",` +
		`"sdk":{"name":"sentry.go","version":"0.50.0"},"trace":{"trace_id":"abc"},"more":1}`
	itemHeader := `{"type":"attachment","length":1,"filename":"a.txt","content_type":"text/plain",` +
		`"attachment_type":"event.view_hierarchy","item_count":2,"more":1}`

	parsed, err := sentrytest.ParseEnvelope([]byte(header + "\n" + itemHeader + "\nx\n"))

	require.NoError(t, err)
	require.Equal(t, sentrytest.Header{
		EventID: firstID, SentAt: time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC), DSN: "http://key@host/1",
		SDK: sentrytest.SDK{Name: "sentry.go", Version: "0.50.0"}, Trace: map[string]string{"trace_id": "abc"},
		Raw: json.RawMessage(header),
	}, parsed.Header)
	require.Equal(t, []sentrytest.Item{{
		Type: "attachment", ContentType: "text/plain", Filename: "a.txt", AttachmentType: "event.view_hierarchy", ItemCount: 2,
		Header: json.RawMessage(itemHeader), Payload: []byte("x"),
	}}, parsed.Items)
	require.Equal(t, parsed.Items, parsed.ItemsOfType("attachment"))
	require.Empty(t, parsed.ItemsOfType("event"))

	_, err = parsed.Event()
	require.ErrorContains(t, err, "0 event items")

	odd, err := sentrytest.ParseEnvelope([]byte(`{"trace":{"sampled":true}}`))
	require.NoError(t, err)
	require.Nil(t, odd.Header.Trace, "Sentry accepts a trace that it cannot decode")
}

// FuzzParseEnvelope checks that an envelope which can be parsed is the same after it was serialised and parsed again. It also checks
// that no event makes Format panic, or print a character that a terminal could obey.
func FuzzParseEnvelope(f *testing.F) {
	payload, err := os.ReadFile("testdata/panic.json")
	require.NoError(f, err)
	f.Add([]byte(envelope(firstID, item("event", string(payload)), item("attachment", "a\nb"))))
	f.Add([]byte(eventEnvelope(secondID)))
	f.Add([]byte("{}\n{\"type\":\"session\"}\n{\"sid\":\"s\",\"duration\":1e300}\n{\"type\":\"client_report\",\"length\":0}"))
	f.Add([]byte("{}\n{\"type\":\"event\"}\n" + `{"timestamp":1e18,"tags":[["a","b"]],"exception":[{"mechanism":{"parent_id":-1}},null,` +
		`{"stacktrace":{"frames_omitted":[1,0],"frames":[null,{"function":"\u001b]0;\u0007"}]}}],"threads":[{"id":"main"}]}`))
	f.Add([]byte("{}\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parsed, err := sentrytest.ParseEnvelope(data)
		if err != nil {
			require.Nil(t, parsed)
			return
		}
		again, err := sentrytest.ParseEnvelope(serialise(t, parsed))
		require.NoError(t, err)
		require.Equal(t, string(parsed.Header.Raw), string(again.Header.Raw))
		require.Len(t, again.Items, len(parsed.Items))
		for i, item := range parsed.Items {
			require.Equal(t, item.Type, again.Items[i].Type)
			require.True(t, bytes.Equal(item.Payload, again.Items[i].Payload))
		}
		_, _ = parsed.ClientReports()
		_, _ = parsed.Sessions()
		if event, err := parsed.Event(); err == nil {
			requirePlain(t, event.String())
		}
	})
}

// serialise returns an envelope as bytes. It writes the length of every item, also if the original did not have it.
func serialise(t *testing.T, e *sentrytest.Envelope) []byte {
	t.Helper()
	var text bytes.Buffer
	text.Write(e.Header.Raw)
	text.WriteByte('\n')
	for _, item := range e.Items {
		itemType, err := json.Marshal(item.Type)
		require.NoError(t, err)
		fmt.Fprintf(&text, "{\"type\":%s,\"length\":%d}\n", itemType, len(item.Payload))
		text.Write(item.Payload)
		text.WriteByte('\n')
	}
	return text.Bytes()
}

// requirePlain checks that text has only newlines and printable characters.
func requirePlain(t *testing.T, text string) {
	t.Helper()
	hostile := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) })
	require.Negative(t, hostile, "hostile character in %q", text[max(hostile, 0):min(max(hostile, 0)+10, len(text))])
}
