package sentry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// A secret is a text of the corpus, with what must be gone and what must stay.
type secret struct {
	text       string
	gone, kept []string
}

// corpus reads internal/scrub/scrubtest/secrets.txt, which tells its own form.
// The key of the DSN that its texts name becomes that of dsn.
func corpus(t *testing.T, dsn string) (secrets []secret) {
	t.Helper()
	data, err := os.ReadFile("internal/scrub/scrubtest/secrets.txt")
	require.NoError(t, err)
	key, _, _ := strings.Cut(strings.TrimPrefix(dsn, "http://"), "@")
	keys := strings.NewReplacer("c0ffeec0ffeec0ffeec0ffeec0ffee00", key, "c0ffee", key)
	var s *secret
	inText := false
	for line := range strings.Lines(string(data)) {
		line = keys.Replace(line)
		mark, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case mark == ">" && inText:
			s.text += "\n" + rest
		case mark == ">":
			secrets = append(secrets, secret{text: rest})
			s = &secrets[len(secrets)-1]
		case mark == "-":
			s.gone = append(s.gone, rest)
		case mark == "+":
			s.kept = append(s.kept, rest)
		}
		inText = mark == ">"
	}
	return secrets
}

// places are where an application can have text in a report. Each puts text
// there, and panics or reports.
var places = map[string]func(hub *sentrygo.Hub, text string){
	"panic text": func(_ *sentrygo.Hub, text string) { survive(text) },
	"breadcrumb": func(h *sentrygo.Hub, text string) { h.AddBreadcrumb(&sentrygo.Breadcrumb{Message: text}, nil) },
	"breadcrumb data": func(h *sentrygo.Hub, text string) {
		h.AddBreadcrumb(&sentrygo.Breadcrumb{Data: map[string]any{"note": text}}, nil)
	},
	"tag": func(h *sentrygo.Hub, text string) { h.Scope().SetTag("note", text) },
	"context": func(h *sentrygo.Hub, text string) {
		h.Scope().SetContext("state", sentrygo.Context{"note": text, "list": []string{text}, "struct": struct{ Note string }{text}})
	},
	"header": func(h *sentrygo.Hub, text string) {
		req, _ := http.NewRequest(http.MethodPost, "http://shop.invalid/", nil)
		req.Header["X-Note"] = []string{text}
		h.Scope().SetRequest(req)
	},
	"body": func(h *sentrygo.Hub, text string) {
		req, _ := http.NewRequest(http.MethodPost, "http://shop.invalid/", strings.NewReader(text))
		h.Scope().SetRequest(req)
		_, _ = new(bytes.Buffer).ReadFrom(req.Body) // the scope has what is read
	},
	"user": func(h *sentrygo.Hub, text string) {
		h.Scope().SetUser(sentrygo.User{Data: map[string]string{"note": text}})
	},
}

// TestSecretsDoNotArrive sends each text of the corpus from each place, over
// HTTP, and looks at the bytes that arrived.
func TestSecretsDoNotArrive(t *testing.T) {
	server := sentrytest.NewServer(t)
	t.Setenv("HOME", "/srv/people/bob")        // of the texts, where HOME is asked
	t.Setenv("USERPROFILE", "/srv/people/bob") // on Windows
	// With everything that sentry-go can collect: bodies and cookies too.
	initialise(t, server, sentry.WithSensitiveKeys("tenantCode"),
		sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.DataCollection = &sentrygo.DataCollection{} }))
	secrets := corpus(t, server.DSN())
	require.Greater(t, len(secrets), 200)
	every := len(places) // of them: each is in one place
	if os.Getenv(stressed) != "" {
		every = 1
	}
	for n, name := range slices.Sorted(maps.Keys(places)) {
		put := places[name]
		for i, s := range secrets {
			if i%every != n%every {
				continue
			}
			seen := len(server.Events())
			hub := sentrygo.CurrentHub().Clone()
			put(hub, s.text)
			if name != "panic text" {
				ctx := sentrygo.SetHubOnContext(context.Background(), hub)
				func() {
					defer func() { _ = recover() }()
					defer sentry.RecoverWithContext(ctx)
					panic("elsewhere")
				}()
			}
			require.Len(t, server.Events(), seen+1)
			e := server.Events()[seen]
			requireGone(t, name, s, e)
			if name == "body" {
				require.NotEmpty(t, e.Request.Data)
			}
		}
	}
}

// requireGone looks at the report as bytes and as decoded texts.
func requireGone(t *testing.T, place string, s secret, e *sentrytest.Event) {
	t.Helper()
	var all strings.Builder
	var document any
	require.NoError(t, json.Unmarshal(e.Raw, &document))
	removeLines(document) // of this file, where the secret is written
	texts(document, &all)
	for _, gone := range s.gone {
		require.False(t, strings.Contains(all.String(), gone), "%s: %q lets %q out", place, s.text, gone)
	}
	if place == "panic text" {
		for _, kept := range s.kept {
			require.True(t, strings.Contains(e.Exception().Value, kept), "%q loses %q: %q", s.text, kept, e.Exception().Value)
		}
	}
}

// texts writes all strings of a JSON document, each on its own.
func texts(v any, to *strings.Builder) {
	switch v := v.(type) {
	case string:
		to.WriteString(v + "\x00")
	case []any:
		for _, e := range v {
			texts(e, to)
		}
	case map[string]any:
		for k, e := range v {
			switch k { // ids made of random digits may hold a short secret by chance
			case "event_id", "trace_id", "span_id", "timestamp":
				continue
			}
			to.WriteString(k + "\x00")
			texts(e, to)
		}
	}
}

// TestAttachmentsBesideOtherTelemetry: a transaction takes those of its scope
// along, by sentry-go's own way.
func TestAttachmentsBesideOtherTelemetry(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, withTracing)
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().AddAttachment(&sentrygo.Attachment{Filename: "/home/bob/app.log", ContentType: "text/plain", Payload: []byte("password=hunter2")})
	ctx := sentrygo.SetHubOnContext(context.Background(), hub)
	sentrygo.StartTransaction(ctx, "sync of bob@example.com").Finish()
	require.True(t, sentry.Flush(long))
	require.NotEmpty(t, server.ItemsOfType("attachment"))
	for _, a := range server.Attempts() {
		for _, secret := range []string{"hunter2", "bob@example.com", "/home/bob"} {
			require.NotContains(t, string(a.Body), secret)
		}
	}
}

// TestFinishedTransactionLinksNothing: sentry-go leaves it on the scope.
func TestFinishedTransactionLinksNothing(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, withTracing)
	scope := sentrygo.CurrentHub().Scope()
	defer scope.SetSpan(scope.GetSpan())
	sentrygo.StartTransaction(context.Background(), "start").Finish()
	survive("one")
	survive("two")
	sentrygo.CaptureMessage("three")
	sentrygo.CaptureMessage("four")
	require.True(t, sentry.Flush(long))
	seen := map[any]bool{}
	for _, e := range server.Events() {
		id := e.Contexts["trace"]["trace_id"].(string)
		require.False(t, seen[id])
		seen[id] = true
		if header := e.Envelope.Header.Trace["trace_id"]; header != "" {
			require.Equal(t, id, header)
		}
	}
	require.Len(t, seen, 4)
}

// TestHubOfANewScopeLinksNothing: each scope has a trace, and all events of the
// scope would have it.
func TestHubOfANewScopeLinksNothing(t *testing.T) {
	for _, tracing := range []bool{false, true} {
		server := sentrytest.NewServer(t)
		options := []sentry.Option{}
		if tracing {
			options = append(options, withTracing)
		}
		initialise(t, server, options...)
		hub := sentrygo.NewHub(sentrygo.CurrentHub().Client(), sentrygo.NewScope())
		hub.CaptureMessage("one")
		hub.CaptureMessage("two")
		hub.Clone().CaptureException(errors.New("three"))
		require.True(t, sentry.Flush(long))
		seen := map[any]bool{}
		for _, e := range server.Events() {
			seen[e.Contexts["trace"]["trace_id"]] = true
		}
		require.Len(t, seen, 3)
		require.NoError(t, sentry.Close())
	}
}

// TestActiveSpanLinks: that is what it is for.
func TestActiveSpanLinks(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, withTracing)
	hub := sentrygo.NewHub(sentrygo.CurrentHub().Client(), sentrygo.NewScope())
	span := sentrygo.StartTransaction(sentrygo.SetHubOnContext(context.Background(), hub), "checkout")
	hub.CaptureMessage("one")
	span.Finish()
	require.True(t, sentry.Flush(long))
	require.Equal(t, span.TraceID.String(), server.Events()[0].Contexts["trace"]["trace_id"])
}

// TestHostNameIsNotInTexts: an application may write it into any.
func TestHostNameIsNotInTexts(t *testing.T) {
	host, _, _ := strings.Cut(hostName(t), ".")
	if len(host) < 8 {
		t.Skip("this machine has a name that could be a word")
	}
	server := sentrytest.NewServer(t)
	initialise(t, server)
	survive("no answer from " + host + ":443")
	require.NotContains(t, server.Events()[0].Exception().Value, host)
}

// TestInnocentTextsArrive unchanged.
func TestInnocentTextsArrive(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	data, err := os.ReadFile("internal/scrub/scrubtest/innocent.txt")
	require.NoError(t, err)
	n := 0
	for line := range strings.Lines(string(data)) {
		text := strings.TrimSuffix(line, "\n")
		if text == "" || strings.HasPrefix(text, "# ") {
			continue
		}
		survive(text)
		require.Equal(t, text, server.Events()[n].Exception().Value)
		n++
	}
	require.Greater(t, n, 90)
}

// TestWordsOfStandardError are taken for the runtime's if they are, or if nothing
// else is known and texts may be sent.
func TestWordsOfStandardError(t *testing.T) {
	t.Parallel()
	const writes, iteration = "concurrent map writes", "concurrent map iteration and map write"
	const unknown, words = "fatal error in runtime.mystery", "a mystery of bob"
	for _, without := range []bool{false, true} {
		require.Equal(t, iteration, sentry.Hear(without, writes, iteration))
		require.Equal(t, writes, sentry.Hear(without, writes, words))
		require.Equal(t, writes, sentry.Hear(without, writes, ""))
		require.Equal(t, writes, sentry.Hear(without, unknown, writes))
	}
	require.Equal(t, words, sentry.Hear(false, unknown, words))
	require.Equal(t, unknown, sentry.Hear(true, unknown, words))
}
