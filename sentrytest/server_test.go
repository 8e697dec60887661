package sentrytest_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/panicreport/sentry/sentrytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sentryGo returns a hub of plain sentry-go. Its calls return after the server has responded.
func sentryGo(t *testing.T, server *sentrytest.Server) *sentrygo.Hub {
	t.Helper()
	transport := sentrygo.NewHTTPSyncTransport()
	transport.Timeout = time.Minute
	client, err := sentrygo.NewClient(sentrygo.ClientOptions{
		Dsn: server.DSN(), Transport: transport, Release: "wallet@1.4.2", Environment: "test",
		HTTPTransport: &http.Transport{DisableKeepAlives: true},
	})
	require.NoError(t, err)
	t.Cleanup(client.Close)
	return sentrygo.NewHub(client, sentrygo.NewScope())
}

func TestEventOfSentryGo(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	hub := sentryGo(t, server)

	hub.Scope().SetTag("tenant", "blue")
	hub.Scope().AddAttachment(&sentrygo.Attachment{Filename: "app.log", ContentType: "text/plain", Payload: []byte("one\ntwo\n")})
	hub.CaptureException(errors.Join(errors.New("disk full"), errors.New("clock wrong")))

	events := server.Wait(1)
	require.Len(t, events, 1)
	event := events[0]
	require.Empty(t, event.Invalid)
	require.Equal(t, "*errors.joinError: disk full", event.Title())
	require.Len(t, event.Exceptions, 3)
	require.Equal(t, "error", event.Level)
	require.Equal(t, "wallet@1.4.2", event.Release)
	require.Equal(t, "test", event.Environment)
	require.Equal(t, "go", event.Contexts["runtime"]["name"])
	require.Equal(t, map[string]string{"tenant": "blue"}, event.Tags)
	require.Equal(t, "github.com/panicreport/sentry/sentrytest_test.TestEventOfSentryGo", event.Top().Name())
	require.Equal(t, event.Top(), event.Culprit())
	require.False(t, event.Unhandled())
	require.WithinDuration(t, time.Now(), event.Timestamp, time.Minute)

	header := event.Envelope.Header
	require.Equal(t, event.EventID, header.EventID)
	require.Equal(t, server.DSN(), header.DSN)
	require.Equal(t, "sentry.go", header.SDK.Name)
	require.NotEmpty(t, header.Trace["trace_id"])
	require.WithinDuration(t, time.Now(), header.SentAt, time.Minute)

	attachment := event.Envelope.ItemsOfType("attachment")[0]
	require.Equal(t, "app.log", attachment.Filename)
	require.Equal(t, "text/plain", attachment.ContentType)
	require.Equal(t, "one\ntwo\n", string(attachment.Payload))
}

func TestSentryGoHeedsRateLimit(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.RateLimited(time.Hour, "error"), sentrytest.Accept())
	hub := sentryGo(t, server)

	hub.CaptureMessage("refused")
	hub.CaptureMessage("not even sent")

	require.Len(t, server.Attempts(), 1)
	require.Empty(t, server.Events())
}

func TestCompressedBodies(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	r := request(t, server, gzipped(t, eventEnvelope(firstID)))
	r.Header.Set("Content-Encoding", "gzip")
	got, err := do(r)
	require.NoError(t, err)
	require.Equal(t, 200, got.status)
	require.JSONEq(t, `{"id":"`+firstID+`"}`, got.body)

	var deflated bytes.Buffer
	writer := zlib.NewWriter(&deflated)
	_, err = io.WriteString(writer, eventEnvelope(secondID))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	r = request(t, server, deflated.String())
	r.Header.Set("Content-Encoding", "deflate")
	got, err = do(r)
	require.NoError(t, err)
	require.Equal(t, 200, got.status)

	require.Len(t, server.Wait(2), 2)
	require.Equal(t, gzipped(t, eventEnvelope(firstID)), string(server.Attempts()[0].Body), "as it was sent")
}

func TestEventIsAcceptedOnce(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	session := item("session", `{"sid":"s","started":"2026-01-02T15:04:05Z","status":"ok"}`)

	for _, id := range []string{firstID, secondID, firstID} {
		event := item("event", `{"event_id":"`+id+`"}`)
		got := mustPost(t, server, envelope(id, event, session))
		require.Equal(t, reply{status: 200, header: got.header, body: `{"id":"` + id + `"}`}, got)
	}

	events := server.Events()
	require.Len(t, events, 2)
	require.Equal(t, firstID, events[0].EventID)
	require.Equal(t, secondID, events[1].EventID)
	require.Equal(t,
		[]sentrytest.Outcome{sentrytest.Accepted, sentrytest.Accepted, sentrytest.Duplicate}, outcomes(server.Attempts()))
	require.Len(t, server.Envelopes(), 3)
	require.Len(t, server.Sessions(), 3, "what came with a duplicate counts")
}

func TestWhereTheKeyMayStand(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	key := strings.TrimPrefix(strings.Split(server.DSN(), "@")[0], "http://")
	withDSN := `{"dsn":"` + server.DSN() + "\"}\n"
	withoutDSN := "{}\n"
	otherDSN := `{"dsn":"http://other@127.0.0.1/1"}` + "\n"

	for name, test := range map[string]struct {
		header, value, query, body string
		status                     int
	}{
		"nowhere":            {body: withoutDSN, status: 401},
		"auth header":        {header: "X-Sentry-Auth", value: "Sentry sentry_version=7, sentry_key=" + key, body: withDSN, status: 200},
		"no spaces":          {header: "X-Sentry-Auth", value: "sentry sentry_key=" + key + ",sentry_version=7", body: withoutDSN, status: 200},
		"authorization":      {header: "Authorization", value: "Sentry sentry_key=" + key, body: withoutDSN, status: 200},
		"query":              {query: "?sentry_version=7&sentry_key=" + key, body: withoutDSN, status: 200},
		"envelope":           {body: withDSN, status: 200},
		"basic auth":         {header: "Authorization", value: "Basic " + key, body: withoutDSN, status: 401},
		"wrong":              {header: "X-Sentry-Auth", value: "Sentry sentry_key=other", body: withoutDSN, status: 403},
		"wrong in envelope":  {body: otherDSN, status: 403},
		"wrong and no sense": {header: "X-Sentry-Auth", value: "Sentry sentry_key=other", body: "no envelope", status: 403},
		"mismatch":           {query: "?sentry_key=" + key, body: otherDSN, status: 400},
	} {
		r := request(t, server, test.body)
		r.Header.Del("X-Sentry-Auth")
		if test.header != "" {
			r.Header.Set(test.header, test.value)
		}
		r.URL.RawQuery = strings.TrimPrefix(test.query, "?")
		got, err := do(r)
		require.NoError(t, err, name)
		require.Equal(t, test.status, got.status, "%s: %s", name, got.body)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	event := `{"event_id":"` + firstID + `"}`

	for name, test := range map[string]struct {
		body   string
		change func(*http.Request)
		status int
		reason string
	}{
		"old endpoint": {
			change: func(r *http.Request) { r.URL.Path = "/api/1/store/" }, status: 404, reason: "no such endpoint",
		},
		"other project": {
			change: func(r *http.Request) { r.URL.Path = "/api/2/envelope/" }, status: 403, reason: `no project "2"`,
		},
		"other path": {
			change: func(r *http.Request) { r.URL.Path = "/1/envelope/" }, status: 404, reason: "/api/1/envelope/",
		},
		"GET": {
			change: func(r *http.Request) { r.Method = http.MethodGet }, status: 405, reason: "GET",
		},
		"unknown encoding": {
			change: func(r *http.Request) { r.Header.Set("Content-Encoding", "br") }, status: 415, reason: `"br"`,
		},
		"not gzip": {
			change: func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, status: 400, reason: "inflate gzip",
		},
		"half of a gzip": {
			body:   gzipped(t, eventEnvelope(firstID))[:40],
			change: func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, status: 400, reason: "unexpected EOF",
		},
		"empty":                {body: "", status: 400, reason: "empty"},
		"no envelope":          {body: "hello\n", status: 400, reason: `envelope header: "hello" is not a JSON object`},
		"null for a header":    {body: "null\n", status: 400, reason: "not a JSON object"},
		"broken header":        {body: "{\"event_id\":\n", status: 400, reason: "unexpected end of JSON input"},
		"malformed id":         {body: envelope("1234"), status: 400, reason: `"1234" is not 32`},
		"capital id":           {body: envelope(strings.ToUpper(firstID)), status: 400, reason: "not 32 lower-case"},
		"blank line":           {body: envelope(firstID, item("event", event), "\n"), status: 400, reason: `item 1: header: ""`},
		"item without a type":  {body: envelope(firstID, "{\"length\":2}\n{}\n"), status: 400, reason: "no type"},
		"length beyond end":    {body: envelope(firstID, "{\"type\":\"event\",\"length\":9}\n{}\n"), status: 400, reason: "length 9, but 3"},
		"negative length":      {body: envelope(firstID, "{\"type\":\"event\",\"length\":-1}\n{}\n"), status: 400, reason: "length -1"},
		"length too short":     {body: envelope(firstID, "{\"type\":\"event\",\"length\":1}\n{}\n"), status: 400, reason: "no newline"},
		"length of text":       {body: envelope(firstID, "{\"type\":\"event\",\"length\":\"2\"}\n{}\n"), status: 400, reason: "item 0: header"},
		"event is no JSON":     {body: envelope(firstID, item("event", "hello")), status: 400, reason: "decode event"},
		"event is no object":   {body: envelope(firstID, item("event", "null")), status: 400, reason: "not a JSON object"},
		"event without an id":  {body: "{}\n" + item("event", "{}"), status: 400, reason: `event id ""`},
		"two ids":              {body: envelope(secondID, item("event", event)), status: 400, reason: "mismatches"},
		"two events":           {body: envelope(firstID, item("event", event), item("event", event)), status: 400, reason: "2 event items"},
		"broken session":       {body: "{}\n" + item("session", "[]"), status: 400, reason: "decode session"},
		"broken client report": {body: "{}\n" + item("client_report", "1"), status: 400, reason: "decode client_report"},
		"broken transaction":   {body: envelope(firstID, item("transaction", "{")), status: 400, reason: "transaction"},
	} {
		r := request(t, server, test.body)
		if test.change != nil {
			test.change(r)
		}
		got, err := do(r)
		require.NoError(t, err, name)
		require.Equal(t, test.status, got.status, "%s: %s", name, got.body)
		require.Equal(t, "application/json", got.header.Get("Content-Type"), name)

		attempts := server.Attempts()
		last := attempts[len(attempts)-1]
		require.Equal(t, sentrytest.Refused, last.Outcome, name)
		require.Equal(t, test.status, last.Status, name)
		require.ErrorContains(t, last.Err, test.reason, name)
	}
	require.Empty(t, server.Events())
	require.Empty(t, server.Envelopes())
}

func TestBounds(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	eventOf := func(size int) string {
		frame := `{"event_id":"` + firstID + `","message":""}`
		return envelope(firstID, item("event", strings.Replace(frame, `""}`, `"`+strings.Repeat("x", size-len(frame))+`"}`, 1)))
	}

	require.Equal(t, 413, mustPost(t, server, eventOf(sentrytest.MaxEventSize+1)).status)
	require.Equal(t, 200, mustPost(t, server, eventOf(sentrytest.MaxEventSize)).status)

	report := `{"discarded_events":[]` + strings.Repeat(" ", sentrytest.MaxClientReportSize) + "}"
	require.Equal(t, 413, mustPost(t, server, "{}\n"+item("client_report", report)).status)

	bomb := []byte(gzipped(t, strings.Repeat(" ", 1000)))
	require.Equal(t, 413, sentrytest.InflatedStatus(bomb, 999))
	require.Zero(t, sentrytest.InflatedStatus(bomb, 1000))
}

func TestBodyOverItsBound(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	// The server may close the connection before the client has sent everything. The client then gets no response.
	_, _ = post(t, server, strings.Repeat(" ", sentrytest.MaxRequestSize+1))

	attempt := server.WaitAttempts(1)[0]
	require.Len(t, attempt.Body, sentrytest.MaxRequestSize+1)
	require.ErrorContains(t, attempt.Err, "body of more than")
}

func TestOtherItems(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	mustPost(t, server, "{}\n"+
		item("session", `{"sid":"7c7b","did":"d","seq":2,"init":true,"started":"2026-01-02T15:04:05Z","timestamp":1767366305,
			"status":"crashed","errors":1,"duration":60.5,"attrs":{"release":"wallet@1.4.2","environment":"production"}}`)+
		item("client_report", `{"timestamp":"2026-01-02T15:04:05Z","discarded_events":[
			{"reason":"ratelimit_backoff","category":"error","quantity":3}]}`)+
		item("log", `{"items":[]}`)+
		item("something_new", "\x00\n\xff"))

	require.Empty(t, server.Events())
	started := time.Date(2026, 1, 2, 15, 4, 5, 0, time.UTC)
	require.Equal(t, []sentrytest.Session{{
		ID: "7c7b", DistinctID: "d", Sequence: 2, Init: true, Started: started, Timestamp: started.Add(time.Minute),
		Duration: 60500 * time.Millisecond, Status: "crashed", Errors: 1, Release: "wallet@1.4.2", Environment: "production",
	}}, server.Sessions())
	require.Equal(t, []sentrytest.ClientReport{{
		Timestamp: started,
		Discarded: []sentrytest.Discarded{{Reason: "ratelimit_backoff", Category: "error", Quantity: 3}},
	}}, server.ClientReports())
	require.Equal(t, `{"items":[]}`, string(server.ItemsOfType("log")[0].Payload))
	require.Equal(t, "\x00\n\xff", string(server.ItemsOfType("something_new")[0].Payload))
}

func TestDownAndUp(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	dsn := server.DSN()

	server.Down()
	_, err := post(t, server, eventEnvelope(firstID))
	require.Error(t, err)
	server.Down() // a second call does nothing

	require.NoError(t, server.Up())
	require.NoError(t, server.Up())
	require.Equal(t, dsn, server.DSN())
	mustPost(t, server, eventEnvelope(firstID))
	require.Len(t, server.Events(), 1)

	server.Close()
	server.Close()
	require.ErrorContains(t, server.Up(), "closed")
	require.Len(t, server.Events(), 1, "what has arrived remains")
}

func TestCloseEndsWhatIsPending(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Never())
	_, result := inBackground(t, server, eventEnvelope(firstID))
	require.Equal(t, sentrytest.Pending, server.WaitAttempts(1)[0].Outcome)

	server.Close()

	require.Error(t, <-result)
	require.Equal(t, sentrytest.HungUp, server.Attempts()[0].Outcome)
}
