package scrub_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
)

// FuzzText holds what every text must: bounded, valid UTF-8, and the same when
// scrubbed again.
func FuzzText(f *testing.F) {
	for _, r := range scrubtest.Secrets() {
		f.Add(r.Text)
	}
	for _, text := range scrubtest.Innocents() {
		f.Add(text)
	}
	for _, part := range adversarial {
		f.Add(part + part)
	}
	s := newScrubber()
	f.Fuzz(func(t *testing.T, text string) {
		got := s.Text(text)
		require.LessOrEqual(t, len(got), scrub.MaxText)
		require.True(t, utf8.ValidString(got))
		require.Equal(t, got, s.Text(got), "scrubbed twice, from %q", text)
	})
}

// FuzzPlanted puts a secret into a text, in one of the forms in which it must
// be seen whatever stands around it: on a line of its own.
func FuzzPlanted(f *testing.F) {
	const planted = "Zq7Planted9Xw"
	for i, r := range scrubtest.Secrets() {
		f.Add(r.Text, scrubtest.Innocents()[i%leastInnocent], uint8(i))
	}
	lines := []string{
		"password=" + planted, `{"password":"` + planted + `"}`, "Password: " + planted, "Authorization: Bearer " + planted,
		"{User:bob Password:" + planted + " Age:3}", "https://bob:" + planted + "@example.com/", "--password " + planted + " x",
		"map[token:" + planted + "]", `main.T{Secret:"` + planted + `"}`, "Cookie: a=" + planted, planted + "@example.com",
	}
	s := newScrubber()
	f.Fuzz(func(t *testing.T, before, behind string, which uint8) {
		if len(before)+len(behind) > scrub.MaxText/2 {
			t.Skip("cut off")
		}
		text := before + "\n" + lines[int(which)%len(lines)] + "\n" + behind
		require.NotContains(t, s.Text(text), planted, "in %q", text)
	})
}

// FuzzJSON holds that a document stays one, and that what is secret by its name
// goes wherever it is.
func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"a":1,"password":"x"}`))
	f.Add([]byte(`{"items":[{"attributes":{"token":{"value":"x","type":"string"}}}]}`))
	f.Add([]byte(`{"request":{"url":"http://10.1.2.3/","cookies":[1]},"user":{"email":1},"contexts":null,"card":{"number":4}}`))
	f.Add([]byte(`[[[{"":{"value":1,"type":"integer"}}]]]`))
	f.Add([]byte(`"\ud800"`))
	f.Add([]byte(`"0"}`))
	s := newScrubber()
	f.Fuzz(func(t *testing.T, doc []byte) {
		got, err := s.JSON(doc)
		if err != nil {
			require.False(t, json.Valid(doc), "%q", doc)
			return
		}
		require.True(t, json.Valid(got), "%q from %q", got, doc)
		again, err := s.JSON(got)
		require.NoError(t, err)
		require.Equal(t, string(got), string(again), "scrubbed twice, from %q", doc)

		planted := []byte(`{"data":` + string(doc) + `,"password":{"x":["Zq7Planted9Xw"]},"list":[{"apiKey":"Zq7Planted9Xw"}]}`)
		got, err = s.JSON(planted)
		require.NoError(t, err)
		require.False(t, bytes.Contains(got, []byte("Zq7Planted9Xw")), "%q", got)
	})
}

// FuzzEvent fills an event with texts and a document, and holds that it stays
// one, within its size, and the same when scrubbed again.
func FuzzEvent(f *testing.F) {
	for _, r := range scrubtest.Secrets() {
		f.Add(r.Text, `{"a":"`+r.Gone[0]+`"}`, uint64(len(r.Text)))
	}
	s := newScrubber()
	f.Fuzz(func(t *testing.T, text, doc string, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		e := eventWith(text)
		if r.IntN(2) == 0 {
			e.Type = ""
		}
		var v any
		if json.Unmarshal([]byte(doc), &v) == nil {
			e.Contexts["doc"] = sentry.Context{"v": v}
			e.Breadcrumbs[0].Data = map[string]any{"v": v, text: v}
		}
		e.Request.Data = doc
		e.Request.URL = text
		for range r.IntN(20) {
			e.Exception = append(e.Exception, sentry.Exception{Type: doc, Value: strings.Repeat(text, r.IntN(50))})
		}
		e.Tags[doc] = text
		s.Event(e)
		got := encoded(t, e)
		require.LessOrEqual(t, len(got), scrub.MaxTransaction)
		s.Event(e)
		require.Equal(t, got, encoded(t, e), "scrubbed twice")
	})
}
