package scrub_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
)

func newScrubber() *scrub.Scrubber { return scrub.New(scrubtest.Config()) }

// TestSecretsGoEverywhere puts every text of the corpus into every place of an
// event.
func TestSecretsGoEverywhere(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for _, r := range scrubtest.Secrets() {
		e := eventWith(r.Text)
		s.Event(e)
		doc, err := json.Marshal(e)
		require.NoError(t, err)
		for _, gone := range r.Gone {
			quoted, err := json.Marshal(gone)
			require.NoError(t, err)
			require.NotContains(t, string(doc), strings.Trim(string(quoted), `"`), r.Text)
			require.NotContains(t, string(e.Attachments[0].Payload), gone, r.Text)
		}
	}
}

// eventWith returns an event with text wherever an event can have text.
func eventWith(text string) *sentry.Event {
	value := func() map[string]any {
		return map[string]any{"note": text, "list": []any{text, []string{text}}, "deep": map[string]string{"x": text}}
	}
	return &sentry.Event{
		Message: text, Transaction: text, Logger: text, ServerName: text,
		Fingerprint: []string{"{{ default }}", text},
		Tags:        map[string]string{"note": text},
		Contexts:    map[string]sentry.Context{"app": value(), "trace": {"data": value()}},
		User:        sentry.User{ID: text, Username: text, Name: text, Email: text, IPAddress: text, Data: map[string]string{"x": text}},
		Breadcrumbs: []*sentry.Breadcrumb{{Message: text, Category: text, Data: value()}},
		Request: &sentry.Request{
			URL: "https://host.test/?q=" + text, QueryString: text, Cookies: text, Data: text,
			Headers: map[string]string{"X-Note": text}, Env: map[string]string{"NOTE": text},
		},
		Exception: []sentry.Exception{{
			Type: "err: " + text, Value: text,
			Mechanism: &sentry.Mechanism{Description: text, HelpLink: text, Data: value()},
			Stacktrace: &sentry.Stacktrace{Frames: []sentry.Frame{{
				Function: "f", AbsPath: text, Package: text, ContextLine: text,
				PreContext: []string{text}, PostContext: []string{text}, Vars: value(),
			}}},
		}},
		Threads:     []sentry.Thread{{Name: text}},
		Spans:       []*sentry.Span{{Name: text, Description: text, Tags: map[string]string{"x": text}, Data: value()}},
		Attachments: []*sentry.Attachment{{Filename: "x.txt", ContentType: "text/plain", Payload: []byte(text)}},
		Type:        "transaction",
	}
}
