package scrub_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/getsentry/sentry-go"
	"github.com/getsentry/sentry-go/attribute"
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
			require.NotContains(t, fmt.Sprintf("%+v %+v", *e.CheckIn, *e.MonitorConfig), gone, r.Text)
			require.NotContains(t, fmt.Sprint(e.Logs[0].Body, e.Logs[0].Attributes["note"].AsString(), e.Metrics[0].Name, e.Metrics[0].Unit), gone, r.Text)
		}
	}
}

// eventWith returns an event with text wherever an event can have text.
func eventWith(text string) *sentry.Event { return eventOf(func() string { return text }) }

// eventOf asks for each text that an event can have.
func eventOf(text func() string) *sentry.Event {
	value := func() map[string]any {
		return map[string]any{"note": text(), "list": []any{text(), []string{text()}}, "deep": map[string]string{"x": text()}}
	}
	return &sentry.Event{
		Message: text(), Transaction: text(), Logger: text(), ServerName: text(),
		// Hooks can write into these, too.
		Release: "app@" + text(), Environment: text(), Dist: text(), Platform: text(), Level: sentry.Level(text()),
		Sdk: sentry.SdkInfo{
			Name: text(), Version: text(), Integrations: []string{text()}, Packages: []sentry.SdkPackage{{Name: text(), Version: text()}},
		},
		CheckIn: &sentry.CheckIn{MonitorSlug: text(), Status: sentry.CheckInStatus(text())}, MonitorConfig: &sentry.MonitorConfig{Timezone: text()},
		TransactionInfo: &sentry.TransactionInfo{Source: sentry.TransactionSource(text())},
		DebugMeta:       &sentry.DebugMeta{Images: []sentry.DebugMetaImage{{CodeFile: text(), DebugFile: text(), Type: text(), DebugID: text()}}},
		Fingerprint:     []string{"{{ default }}", text()},
		Tags:            map[string]string{"note": text()},
		Contexts:        map[string]sentry.Context{"app": value(), "trace": {"data": value()}, text(): value()},
		User:            sentry.User{ID: text(), Username: text(), Name: text(), Email: text(), IPAddress: text(), Data: map[string]string{"x": text()}},
		Breadcrumbs:     []*sentry.Breadcrumb{{Message: text(), Category: text(), Type: text(), Level: sentry.Level(text()), Data: value()}},
		Request: &sentry.Request{
			URL: "https://host.test/?q=" + text(), QueryString: text(), Cookies: text(), Data: text(),
			Headers: map[string]string{"X-Note": text()}, Env: map[string]string{"NOTE": text()},
		},
		Exception: []sentry.Exception{{
			Type: "err: " + text(), Value: text(),
			Module:    text(),
			Mechanism: &sentry.Mechanism{Type: text(), Source: text(), Description: text(), HelpLink: text(), Data: value()},
			Stacktrace: &sentry.Stacktrace{Frames: []sentry.Frame{{
				Function: text(), Module: text(), Filename: text(), AbsPath: text(), Package: text(), Symbol: text(), ContextLine: text(),
				PreContext: []string{text()}, PostContext: []string{text()}, Vars: value(),
			}}},
		}},
		Threads:     []sentry.Thread{{ID: text(), Name: text()}},
		Spans:       []*sentry.Span{{Name: text(), Op: text(), Source: sentry.TransactionSource(text()), Origin: sentry.SpanOrigin(text()), Description: text(), Tags: map[string]string{"x": text()}, Data: value()}},
		Attachments: []*sentry.Attachment{{Filename: "x.txt", ContentType: "text/plain", Payload: []byte(text())}},
		Logs:        []sentry.Log{{Body: text(), Level: sentry.LogLevel(text()), Attributes: map[string]attribute.Value{"note": attribute.StringValue(text())}}},
		Metrics:     []sentry.Metric{{Name: text(), Unit: text()}},
		Type:        "transaction",
	}
}
