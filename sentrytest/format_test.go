package sentrytest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

var update = flag.Bool("update", false, "write the golden files")

func TestFormat(t *testing.T) {
	t.Parallel()
	payload, err := os.ReadFile("testdata/panic.json")
	require.NoError(t, err)
	parsed, err := sentrytest.ParseEnvelope([]byte(envelope(firstID,
		item("event", string(payload)),
		"{\"type\":\"attachment\",\"filename\":\"app.log\",\"content_type\":\"text/plain\"}\nlast words\n")))
	require.NoError(t, err)
	event, err := parsed.Event()
	require.NoError(t, err)

	var page bytes.Buffer
	require.NoError(t, event.Format(&page))

	const golden = "testdata/panic.golden"
	if *update {
		require.NoError(t, os.WriteFile(golden, page.Bytes(), 0o600))
	}
	expected, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(expected), page.String())
	require.Equal(t, page.String(), event.String())
	requirePlain(t, page.String())
}

func TestFormatOfAnEmptyEvent(t *testing.T) {
	t.Parallel()
	require.Equal(t, "<unlabeled event>\n  event        "+firstID+"\n", decode(t, `{}`).String())
}

func TestFormatOfInvalidFields(t *testing.T) {
	t.Parallel()
	require.Contains(t, decode(t, `{"level":1}`).String(), "Fields that Sentry would drop\n  level: json: cannot unmarshal")
}

// TestFormatIsBounded puts a long and harmful text into every field of an event. The report must be short and harmless.
func TestFormatIsBounded(t *testing.T) {
	t.Parallel()
	evil := strings.Repeat("\x1b]0;\u202e\r", 120)
	list := func(n int, element any) []any {
		all := make([]any, n)
		for i := range all {
			all[i] = element
		}
		return all
	}
	fields := map[string]any{evil: evil}
	frame := map[string]any{"function": evil, "module": evil, "filename": evil, "lineno": 1}
	payload, err := json.Marshal(map[string]any{
		"message": evil, "level": evil, "release": evil, "dist": evil, "environment": evil, "server_name": evil, "logger": evil,
		"transaction": evil, "platform": evil, "tags": fields, "extra": fields, "user": map[string]any{"id": evil, "data": fields},
		"fingerprint": []string{evil}, "contexts": map[string]any{evil: fields}, "sdk": map[string]any{"name": evil},
		"request": map[string]any{"url": evil, "method": evil, "headers": fields, "data": fields, "cookies": evil, "env": fields},
		"exception": list(3, map[string]any{"type": evil, "value": evil + "\n" + evil,
			"mechanism": map[string]any{"type": evil, "source": evil}, "stacktrace": map[string]any{"frames": list(110, frame)}}),
		"threads":     list(30, map[string]any{"id": evil, "name": evil, "state": evil}),
		"breadcrumbs": list(30, map[string]any{"message": evil, "data": fields}),
	})
	require.NoError(t, err)

	text := decode(t, string(payload)).String()

	requirePlain(t, text)
	require.Less(t, len(text), 1<<20)
	for _, line := range strings.Split(text, "\n") {
		require.Less(t, len(line), 8<<10)
	}
	require.Equal(t, 2, strings.Count(text, "    and 10 more\n"), "frames and threads")
	require.Contains(t, text, "    10 earlier ones\n", "breadcrumbs")
}

func TestScrubbedPlaces(t *testing.T) {
	t.Parallel()
	text := decode(t, `{"message":"~ and ~/a and C:~\\b and a~ ~user and x/~ and ~~/ and [ip][ip]","tags":{"n":"[ip]"}}`).String()
	require.Contains(t, text, "  [ip]         3 in message, tags.n\n")
	require.Contains(t, text, "  ~            3 in message\n")

	crumbs := strings.Repeat(`{"message":"[email]"},`, 12)
	text = decode(t, `{"breadcrumbs":[`+strings.TrimSuffix(crumbs, ",")+`]}`).String()
	require.Contains(t, text, "breadcrumbs[9].message and 2 more places\n")
	require.NotContains(t, text, "breadcrumbs[10].message")
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("pipe closed") }

func TestFormatToABrokenWriter(t *testing.T) {
	t.Parallel()
	require.EqualError(t, decode(t, `{}`).Format(brokenWriter{}), "pipe closed")
}

func TestAttemptString(t *testing.T) {
	t.Parallel()
	require.Equal(t, `00:00:00.000 GET /\x1b: refused, answered 404: no such endpoint`, fmt.Sprint(sentrytest.Attempt{
		Method: "GET", URL: "/\x1b", Outcome: sentrytest.Refused, Status: 404, Err: errors.New("no such endpoint"),
	}))
}
