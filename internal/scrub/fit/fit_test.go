package fit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/scrub/fit"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
)

func encoded(t *testing.T, v any) string {
	t.Helper()
	doc, err := json.Marshal(v)
	require.NoError(t, err)
	return string(doc)
}

// TestEventsFit makes one part of an event huge at a time, and then all.
func TestEventsFit(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("<some words>\x01", 700)
	large := map[string]any{"a": text, "b": text, "list": strings.Fields(strings.Repeat("word ", 500))}
	frames := func(n int, value any) *sentry.Stacktrace {
		st := &sentry.Stacktrace{}
		for range n {
			f := sentry.Frame{Function: strings.Repeat("f", 100), Module: "example.org/" + strings.Repeat("m", 200), Filename: "x.go", InApp: true}
			if value != nil {
				f.Vars = map[string]any{"a": value}
				f.PreContext, f.ContextLine = []string{text, text}, text
			}
			st.Frames = append(st.Frames, f)
		}
		return st
	}
	parts := map[string]func(e *sentry.Event){
		"breadcrumbs": func(e *sentry.Event) {
			for i := range 40 {
				e.Breadcrumbs = append(e.Breadcrumbs, &sentry.Breadcrumb{Message: fmt.Sprint(i, text), Data: large})
			}
		},
		"contexts": func(e *sentry.Event) {
			for i := range 20 {
				e.Contexts[fmt.Sprint("context", i)] = large
			}
		},
		"standard contexts": func(e *sentry.Event) { e.Contexts["device"], e.Contexts["os"] = large, large },
		"vars":              func(e *sentry.Event) { e.Exception[1].Stacktrace = frames(40, text) },
		"frames":            func(e *sentry.Event) { e.Exception[0].Stacktrace = frames(1000, nil) },
		"request": func(e *sentry.Event) {
			e.Request = &sentry.Request{URL: "https://example.com/" + text, Data: text, QueryString: text, Headers: map[string]string{}}
			for i := range 100 {
				e.Request.Headers[fmt.Sprint("X-", i)] = text
			}
		},
		"threads": func(e *sentry.Event) {
			for range 20 {
				e.Threads = append(e.Threads, sentry.Thread{Name: "x", Stacktrace: frames(100, nil)})
			}
		},
		"modules": func(e *sentry.Event) {
			e.Modules = map[string]string{}
			for i := range 4000 {
				e.Modules[fmt.Sprint("example.org/some/module/", i)] = "v1.2.3"
			}
		},
		"tags": func(e *sentry.Event) {
			for i := range 1000 {
				e.Tags[fmt.Sprint("tag", i)] = text
			}
		},
		"fingerprint": func(e *sentry.Event) { e.Fingerprint = strings.Fields(strings.Repeat("abc ", 30_000)) },
		"chain": func(e *sentry.Event) {
			for range 100 {
				e.Exception = append([]sentry.Exception{{Type: "error", Value: text, Stacktrace: frames(50, nil)}}, e.Exception...)
			}
		},
		"texts": func(e *sentry.Event) {
			e.Message, e.Logger, e.Transaction, e.ServerName = text, text, text, text
			e.Exception[1].Value, e.Exception[0].Type = text, text
		},
		"user": func(e *sentry.Event) {
			e.User.Data = map[string]string{}
			for i := range 100 {
				e.User.Data[fmt.Sprint(i)] = text
			}
		},
	}
	all := scrubtest.Crash()
	for name, grow := range parts {
		e := scrubtest.Crash()
		grow(e)
		grow(all)
		checkFit(t, name, e)
	}
	checkFit(t, "all", all)
}

func checkFit(t *testing.T, name string, e *sentry.Event) {
	t.Helper()
	last := e.Exception[len(e.Exception)-1]
	scrub.New(scrubtest.Config()).Event(e)
	doc := encoded(t, e)
	require.LessOrEqual(t, len(doc), fit.MaxEvent, name)
	got := e.Exception[len(e.Exception)-1]
	require.Equal(t, last.Type, got.Type, name)
	require.Equal(t, last.Value[:20], got.Value[:20], name)
	require.NotEmpty(t, got.Stacktrace.Frames, name)
	require.Equal(t, scrubtest.Crash().EventID, e.EventID)
	require.Equal(t, scrubtest.Crash().Release, e.Release)
	scrub.New(scrubtest.Config()).Event(e)
	require.Equal(t, doc, encoded(t, e), "%s twice", name)
}

// TestOldBreadcrumbsGoFirst keeps the newest, and everything else.
func TestOldBreadcrumbsGoFirst(t *testing.T) {
	t.Parallel()
	e := scrubtest.Crash()
	for i := range 100 {
		e.Breadcrumbs = append(e.Breadcrumbs, &sentry.Breadcrumb{Message: fmt.Sprint(i, " ", strings.Repeat("word ", 1000))})
	}
	e.Contexts["mine"] = sentry.Context{"a": 1}
	scrub.New(scrubtest.Config()).Event(e)
	require.Greater(t, len(e.Breadcrumbs), 20)
	require.True(t, strings.HasPrefix(e.Breadcrumbs[len(e.Breadcrumbs)-1].Message, "99 "))
	require.Contains(t, e.Contexts, "mine")
}

// TestLongNamesAreCut has an event that is too large because of its names alone,
// of which nothing can be left out.
func TestLongNamesAreCut(t *testing.T) {
	t.Parallel()
	e := scrubtest.Crash()
	frames := e.Exception[1].Stacktrace.Frames
	for i := range frames {
		frames[i].Function = strings.Repeat("f", 20_000)
	}
	fit.Event(e, fit.MaxEvent)
	require.LessOrEqual(t, len(encoded(t, e)), fit.MaxEvent)
	got := e.Exception[1]
	require.Equal(t, "runtime error", got.Type)
	require.Len(t, got.Stacktrace.Frames, len(frames))
	require.Less(t, len(got.Stacktrace.Frames[0].Function), 200)
	require.Len(t, frames[0].Function, 20_000, "the application's frames have changed")
}

// TestFirstSpansStay has a transaction that is too large because of its spans.
func TestFirstSpansStay(t *testing.T) {
	t.Parallel()
	e := scrubtest.Crash()
	e.Type = "transaction"
	for i := range 200 {
		e.Spans = append(e.Spans, &sentry.Span{Op: fmt.Sprint(i), Description: strings.Repeat("d", 8000)})
	}
	fit.Event(e, 2*fit.MaxTransaction)
	require.LessOrEqual(t, len(encoded(t, e)), fit.MaxTransaction)
	require.Greater(t, len(e.Spans), 100)
	require.Equal(t, "0", e.Spans[0].Op)
}
