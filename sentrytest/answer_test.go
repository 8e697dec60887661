package sentrytest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

func TestAnswersThatAccept(t *testing.T) {
	t.Parallel()
	limits := http.Header{"x-sentry-rate-limits": {"60:error:key"}}
	for name, answer := range map[string]sentrytest.Answer{
		"Accept":        sentrytest.Accept(),
		"Status":        sentrytest.Status(200),
		"header":        {Header: limits},
		"out of bounds": sentrytest.Status(42),
	} {
		server := sentrytest.NewServer(t)
		server.Answer(answer)
		got := mustPost(t, server, eventEnvelope(firstID))

		require.Equal(t, 200, got.status, name)
		require.JSONEq(t, `{"id":"`+firstID+`"}`, got.body, name)
		require.Equal(t, name == "header", got.header.Get("X-Sentry-Rate-Limits") == "60:error:key", name)
		require.Len(t, server.Events(), 1, name)
		require.Equal(t, []sentrytest.Outcome{sentrytest.Accepted}, outcomes(server.Attempts()), name)
	}
}

func TestAnswersThatRefuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer sentrytest.Answer
		status int
		body   string
	}{
		"500":             {answer: sentrytest.Status(500), status: 500, body: `{"detail":"Internal Server Error"}`},
		"413":             {answer: sentrytest.Status(413), status: 413, body: `{"detail":"Request Entity Too Large"}`},
		"redirect":        {answer: sentrytest.Status(304), status: 304},
		"rate limit":      {answer: sentrytest.RateLimited(30*time.Second, "error", "session"), status: 429, body: `{"detail":"Too Many Requests"}`},
		"captive portal":  {answer: sentrytest.CaptivePortal(), status: 200, body: "<!DOCTYPE html>"},
		"a body of ours":  {answer: sentrytest.Answer{Status: 503, Body: "maintenance"}, status: 503, body: "maintenance"},
		"not Sentry's OK": {answer: sentrytest.Answer{Body: "ok"}, status: 200, body: "ok"},
	} {
		server := sentrytest.NewServer(t)
		server.Answer(test.answer)
		got := mustPost(t, server, eventEnvelope(firstID))

		require.Equal(t, test.status, got.status, name)
		require.True(t, strings.HasPrefix(got.body, test.body), "%s: %s", name, got.body)
		require.Empty(t, server.Events(), name)
		attempt := server.Attempts()[0]
		require.Equal(t, sentrytest.Refused, attempt.Outcome, name)
		require.Equal(t, test.status, attempt.Status, name)
		require.NoError(t, attempt.Err, name)
	}
}

func TestRateLimitedHeaders(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.RateLimited(1500*time.Millisecond, "error", "session"), sentrytest.RateLimited(time.Minute))

	some := mustPost(t, server, eventEnvelope(firstID))
	require.Equal(t, "2", some.header.Get("Retry-After"))
	require.Equal(t, "2:error;session:key", some.header.Get("X-Sentry-Rate-Limits"))

	all := mustPost(t, server, eventEnvelope(firstID))
	require.Equal(t, "60::key", all.header.Get("X-Sentry-Rate-Limits"))
}

func TestAnswersThatHangUp(t *testing.T) {
	t.Parallel()
	body := eventEnvelope(firstID)
	for name, test := range map[string]struct {
		answer sentrytest.Answer
		closed bool // a plain end of file
	}{
		"HangUp":      {answer: sentrytest.HangUp(), closed: true},
		"Reset":       {answer: sentrytest.Reset()},
		"all of it":   {answer: sentrytest.CutRequest(1 << 20), closed: true},
		"all but one": {answer: sentrytest.CutRequest(len(body) - 1)},
		"at once":     {answer: sentrytest.CutRequest(0)},
	} {
		server := sentrytest.NewServer(t)
		server.Answer(test.answer)
		_, err := post(t, server, body)

		require.Error(t, err, name)
		if test.closed {
			require.ErrorIs(t, err, io.EOF, name)
		}
		require.Empty(t, server.Events(), name)
		attempt := server.Attempts()[0]
		require.Equal(t, sentrytest.HungUp, attempt.Outcome, name)
		require.Zero(t, attempt.Status, name)
	}
}

func TestCutRequestKeepsWhatCame(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.CutRequest(10))

	_, err := post(t, server, envelope(firstID, item("attachment", strings.Repeat("x", 4<<20))))

	require.Error(t, err)
	require.Equal(t, `{"event_id`, string(server.Attempts()[0].Body))
}

func TestAnswersThatAreCutAreAccepted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer sentrytest.Answer
		status int
		body   string
	}{
		"LoseAnswer":            {answer: sentrytest.LoseAnswer()},
		"within the status":     {answer: sentrytest.CutAnswer(7)},
		"within the header":     {answer: sentrytest.CutAnswer(20)},
		"the last bytes":        {answer: sentrytest.CutAnswer(-3), status: 200, body: `{"id":"` + firstID[:31]},
		"more than there are":   {answer: sentrytest.CutAnswer(-1000)},
		"nothing after its end": {answer: sentrytest.CutAnswer(1000), status: 200, body: `{"id":"` + firstID + `"}`},
	} {
		server := sentrytest.NewServer(t)
		server.Answer(test.answer, sentrytest.Accept())
		got, err := post(t, server, eventEnvelope(firstID))

		require.Equal(t, name == "nothing after its end", err == nil, "%s: %v", name, err)
		require.Equal(t, test.status, got.status, name)
		require.Equal(t, test.body, got.body, name)
		require.Len(t, server.Events(), 1, name)

		mustPost(t, server, eventEnvelope(firstID))
		require.Len(t, server.Events(), 1, name)
		require.Equal(t, []sentrytest.Outcome{sentrytest.Accepted, sentrytest.Duplicate}, outcomes(server.Attempts()), name)
	}
}

func TestNeverUntilTheClientGivesUp(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]sentrytest.Answer{
		"Never": sentrytest.Never(),
		"Delay": {Delay: time.Hour},
		"Until": {Until: make(chan struct{})},
	} {
		server := sentrytest.NewServer(t)
		server.Answer(answer)
		giveUp, result := inBackground(t, server, eventEnvelope(firstID))
		require.Equal(t, sentrytest.Pending, server.WaitAttempts(1)[0].Outcome, name)

		giveUp()

		require.Error(t, <-result, name)
		server.WaitUntil("the end of the attempt", func() bool { return server.Attempts()[0].Outcome == sentrytest.HungUp })
		require.Empty(t, server.Events(), name)
	}
}

func TestDelayAndUntil(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	open := make(chan struct{})
	const delay = 10 * time.Millisecond
	server.Answer(sentrytest.Answer{Delay: delay, Until: open})
	before := time.Now()
	_, result := inBackground(t, server, eventEnvelope(firstID))
	server.WaitAttempts(1)
	require.Empty(t, server.Events())

	close(open)

	require.NoError(t, <-result)
	require.GreaterOrEqual(t, time.Since(before), delay)
	require.Len(t, server.Events(), 1)
}

func TestAnswersComeInTurn(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	ask := func() int { return mustPost(t, server, eventEnvelope(firstID)).status }

	server.Answer(sentrytest.Status(503), sentrytest.Status(502), sentrytest.Accept())
	require.Equal(t, []int{503, 502, 200, 200}, []int{ask(), ask(), ask(), ask()})

	server.Answer(sentrytest.Status(500))
	require.Equal(t, []int{500, 500}, []int{ask(), ask()})

	server.Answer()
	require.Equal(t, 200, ask())
}

func TestBadRequestsAndAnswers(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	server.Answer(sentrytest.CutAnswer(5), sentrytest.Status(503))
	require.Equal(t, 400, mustPost(t, server, "bad").status, "no answer makes it good")
	require.Equal(t, 503, mustPost(t, server, "bad").status, "a server in trouble does not look")
	require.Error(t, server.Attempts()[1].Err)
}
