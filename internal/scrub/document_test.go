package scrub_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for name, c := range map[string]struct{ doc, want string }{
		"transaction": {
			`{"type":"transaction","event_id":"41111111111111111111111111111111","release":"app@1.2.3.4","transaction":"GET /x",
			  "start_timestamp":1767322645.123,"timestamp":"2026-01-02T03:04:05Z","environment":"production","platform":"go",
			  "contexts":{"trace":{"trace_id":"41111111111111111111111111111111","span_id":"4111111111111111","op":"http","status":"ok",
			    "data":{"http.url":"https://bob:hunter2@example.com","password":"hunter2"}}},
			  "spans":[{"span_id":"4111111111111111","parent_span_id":"4111111111111111","description":"SELECT 1 -- 10.1.2.3","status":"ok","data":{"token":"abc"}}],
			  "user":{"id":"5","username":"bob","name":"Bob Smith","email":"bob@example.com","ip_address":"{{auto}}"},
			  "request":{"url":"http://10.1.2.3/x","cookies":"a=b","headers":{"Authorization":"x","Accept":"y"}},
			  "sdk":{"name":"sentry.go","version":"0.50.0"}}`,
			`{"type":"transaction","event_id":"41111111111111111111111111111111","release":"app@1.2.3.4","transaction":"GET /x",
			  "start_timestamp":1767322645.123,"timestamp":"2026-01-02T03:04:05Z","environment":"production","platform":"go",
			  "contexts":{"trace":{"trace_id":"41111111111111111111111111111111","span_id":"4111111111111111","op":"http","status":"ok",
			    "data":{"http.url":"https://[Filtered]@example.com","password":"[Filtered]"}}},
			  "spans":[{"span_id":"4111111111111111","parent_span_id":"4111111111111111","description":"SELECT 1 -- [ip]","status":"ok","data":{"token":"[Filtered]"}}],
			  "user":{"id":"5"},
			  "request":{"url":"http://ip.invalid/x","headers":{"Authorization":"[Filtered]","Accept":"y"}},
			  "sdk":{"name":"sentry.go","version":"0.50.0"}}`,
		},
		"logs": {
			`{"items":[{"timestamp":1767322645.1,"trace_id":"41111111111111111111111111111111","level":"info","severity_number":9,"body":"from 10.1.2.3",
			  "attributes":{"password":{"value":"hunter2","type":"string"},"pin.secret":{"value":5,"type":"integer"},"pan":{"value":4111111111111111,"type":"integer"},
			  "user.name":{"value":"Bob","type":"string"},"sentry.message.parameters.0":{"value":"hunter2","type":"string"},
			  "n":{"value":5,"type":"integer"},"sentry.release":{"value":"app@1.2.3","type":"string"}}}]}`,
			`{"items":[{"timestamp":1767322645.1,"trace_id":"41111111111111111111111111111111","level":"info","severity_number":9,"body":"from [ip]",
			  "attributes":{"password":{"value":"[Filtered]","type":"string"},"pin.secret":{"value":"[Filtered]","type":"string"},"pan":{"value":"[Filtered]","type":"string"},
			  "n":{"value":5,"type":"integer"},"sentry.release":{"value":"app@1.2.3","type":"string"}}}]}`,
		},
		"check-in": {
			`{"check_in_id":"41111111111111111111111111111111","monitor_slug":"nightly","status":"ok","duration":1.5,
			  "monitor_config":{"schedule":{"type":"crontab","value":"0 0 * * *"}}}`,
			`{"check_in_id":"41111111111111111111111111111111","monitor_slug":"nightly","status":"ok","duration":1.5,
			  "monitor_config":{"schedule":{"type":"crontab","value":"0 0 * * *"}}}`,
		},
		"check-in with an address": {
			`{"check_in_id":"41111111111111111111111111111111","monitor_slug":"backup-of-bob@example.com","status":"ok"}`,
			`{"check_in_id":"41111111111111111111111111111111","monitor_slug":"[email]","status":"ok"}`,
		},
		"session": {
			`{"sid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","did":"bob@example.com","started":"2026-01-02T03:04:05Z","status":"exited","errors":0,
			  "attrs":{"release":"app@1.2.3.4","environment":"production"}}`,
			`{"sid":"3f2504e0-4f89-41d3-9a0c-0305e82c3301","did":"[email]","started":"2026-01-02T03:04:05Z","status":"exited","errors":0,
			  "attrs":{"release":"app@1.2.3.4","environment":"production"}}`,
		},
		"list":   {`[{"password":"hunter2"}]`, `[{"password":"[Filtered]"}]`},
		"number": {`12345678901234567890`, `12345678901234567890`},
		"text":   {`"password=hunter2"`, `"password=[Filtered]"`},
		"null":   {`null`, `null`},
	} {
		got, err := s.JSON([]byte(c.doc))
		require.NoError(t, err, name)
		require.JSONEq(t, c.want, string(got), name)
		again, err := s.JSON(got)
		require.NoError(t, err)
		require.Equal(t, string(got), string(again), name)
	}
}

func TestJSONThatIsNone(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for _, doc := range []string{"", "{", `{"password":"hunter2"`, "hunter2", `{} {}`, "\xff"} {
		_, err := s.JSON([]byte(doc))
		require.Error(t, err, doc)
		require.NotContains(t, err.Error(), "hunter2")
	}
}

func TestJSONIsBounded(t *testing.T) {
	t.Parallel()
	doc := "[" + strings.Repeat(`{"a":"`+strings.Repeat("x", 1000)+`"},`, 5000) + "1]"
	got, err := newScrubber().JSON([]byte(doc))
	require.NoError(t, err)
	require.Less(t, len(got), 2<<20)
	require.True(t, json.Valid(got))
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	got, err = newScrubber().JSON([]byte(deep))
	require.NoError(t, err)
	require.Less(t, len(got), 100)
}
