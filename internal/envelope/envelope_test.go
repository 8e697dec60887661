package envelope_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/envelope"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	e := envelope.Envelope{Header: map[string]any{"event_id": "1"}}
	e.Add(map[string]any{"type": "event"}, []byte("{\"a\":\n1}"))
	e.Add(map[string]any{"type": "attachment", "filename": "a"}, nil)
	parsed, err := envelope.Parse(e.Bytes())
	require.NoError(t, err)
	require.Equal(t, e.Bytes(), parsed.Bytes())
	implicit, err := envelope.Parse([]byte("{}\n{\"type\":\"log\"}\n{\"items\":[]}\n{\"type\":\"x\"}\n"))
	require.NoError(t, err)
	require.Len(t, implicit.Items, 2)
	require.JSONEq(t, `{"items":[]}`, string(implicit.Items[0].Payload))
}

func TestNoEnvelope(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		"", "null", "[]", "{}\nx", "{}\n{\"length\":5}\nabc", "{}\n{\"length\":-1}\nabc", "{}\n{\"length\":\"1\"}\nabc", "{}\n{\"length\":1.5}\nabc",
	} {
		_, err := envelope.Parse([]byte(data))
		require.Error(t, err, strconv.Quote(data))
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("{\"event_id\":\"1\"}\n{\"type\":\"event\",\"length\":2}\n{}\n"))
	f.Add([]byte("{}\n{\"type\":\"log\"}\n{}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := envelope.Parse(data)
		if err != nil {
			return
		}
		again, err := envelope.Parse(e.Bytes())
		require.NoError(t, err)
		require.Len(t, again.Items, len(e.Items))
		for i := range e.Items {
			require.True(t, bytes.Equal(e.Items[i].Payload, again.Items[i].Payload))
		}
	})
}

// TestHeadersAreJSON, byte for byte as encoding/json writes them.
func TestHeadersAreJSON(t *testing.T) {
	t.Parallel()
	for _, header := range []map[string]any{
		{},
		{"b": 1, "a": "x", "c": map[string]string{"z": "1", "y": "<&>"}},
		{"quote\"": "back\\slash", "line": "a\nb", "umlaut": "größe", "bad": "\xff", "sep": "\u2028"},
		{"number": json.Number("12345678901234567890"), "none": nil, "list": []any{1.5, true}},
	} {
		want, err := json.Marshal(header)
		require.NoError(t, err)
		e := envelope.Envelope{Header: header}
		require.Equal(t, string(want)+"\n", string(e.Bytes()))
	}
}
