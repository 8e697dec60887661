package scrub_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub"
)

// How many texts the corpus has at least. It only grows.
const (
	leastSecrets  = 200
	leastInnocent = 90
)

// A record is a text of testdata/secrets.txt.
type record struct {
	text       string
	gone, kept []string
}

func newScrubber() *scrub.Scrubber {
	return scrub.New(scrub.Config{
		SensitiveKeys: []string{"tenantCode"},
		Home:          "/srv/people/bob",
		DSN:           "https://c0ffeec0ffeec0ffeec0ffeec0ffee00@o9.ingest.example.com/77",
	})
}

func lines(t testing.TB, name string) []string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

func secrets(t testing.TB) []record {
	t.Helper()
	var records []record
	inText := false
	for _, line := range lines(t, "secrets.txt") {
		kind, rest, _ := strings.Cut(line, " ")
		last := len(records) - 1
		switch kind {
		case ">":
			if inText {
				records[last].text += "\n" + rest
			} else {
				records = append(records, record{text: rest})
			}
		case "-":
			records[last].gone = append(records[last].gone, rest)
		case "+":
			records[last].kept = append(records[last].kept, rest)
		}
		inText = kind == ">"
	}
	return records
}

func innocents(t testing.TB) []string {
	t.Helper()
	var texts []string
	for _, line := range lines(t, "innocent.txt") {
		if line != "" && !strings.HasPrefix(line, "# ") {
			texts = append(texts, line)
		}
	}
	return texts
}

func TestSecretsGo(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	records := secrets(t)
	require.GreaterOrEqual(t, len(records), leastSecrets)
	for _, r := range records {
		require.NotEmpty(t, r.gone, "nothing to look for in %q", r.text)
		for _, gone := range r.gone {
			require.Contains(t, r.text, gone)
		}
		check(t, s, r)
	}
}

// check reports what is wrong with one record without ending the test, so that
// a change shows all that it breaks.
func check(t *testing.T, s *scrub.Scrubber, r record) {
	t.Helper()
	got := s.Text(r.text)
	for _, gone := range r.gone {
		if strings.Contains(got, gone) {
			t.Errorf("%q is still in\n%s\nfrom\n%s", gone, got, r.text)
		}
	}
	for _, kept := range r.kept {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is gone from\n%s\nfrom\n%s", kept, got, r.text)
		}
	}
	if again := s.Text(got); again != got {
		t.Errorf("scrubbing twice changes\n%s\nto\n%s", got, again)
	}
}

func TestInnocentTextsStay(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	texts := innocents(t)
	require.GreaterOrEqual(t, len(texts), leastInnocent)
	for _, text := range texts {
		if got := s.Text(text); got != text {
			t.Errorf("%q\nbecame\n%q", text, got)
		}
	}
}

// TestSecretsGoEverywhere puts every text of the corpus into every place of an
// event.
func TestSecretsGoEverywhere(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for _, r := range secrets(t) {
		e := eventWith(r.text)
		s.Event(e)
		doc, err := json.Marshal(e)
		require.NoError(t, err)
		for _, gone := range r.gone {
			quoted, err := json.Marshal(gone)
			require.NoError(t, err)
			require.NotContains(t, string(doc), strings.Trim(string(quoted), `"`), r.text)
			require.NotContains(t, string(e.Attachments[0].Payload), gone, r.text)
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
