package scrub_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/scrub/fit"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
)

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
		defer func() { require.Zero(t, contain.Faults.Load(), "a rule has panicked") }()
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
// one, within its size, and the same when scrubbed again. The text is in a few of
// the fields at a time, and only some of the events are large: an event that has it
// everywhere takes a hundred times as long, and says nothing more. What a long text
// does is for FuzzText.
func FuzzEvent(f *testing.F) {
	for _, r := range scrubtest.Secrets() {
		f.Add(r.Text, `{"a":"`+r.Gone[0]+`"}`, uint64(len(r.Text)))
	}
	s := newScrubber()
	f.Fuzz(func(t *testing.T, text, doc string, seed uint64) {
		defer func() { require.Zero(t, contain.Faults.Load(), "a rule has panicked") }()
		const longest, oneIn = 1 << 10, 16 // the fields with the text, and the events that are large
		if len(text)+len(doc) > longest {
			t.Skip("too long")
		}
		r := rand.New(rand.NewPCG(seed, 1))
		e := eventOf(func() string {
			if r.IntN(oneIn) == 0 {
				return text
			}
			return "x"
		})
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
		if r.IntN(oneIn) == 0 {
			for range r.IntN(20) {
				e.Exception = append(e.Exception, sentry.Exception{Type: doc, Value: strings.Repeat(text, r.IntN(50))})
			}
		}
		e.Tags[doc] = text
		s.Event(e)
		got := encoded(t, e)
		require.LessOrEqual(t, len(got), fit.MaxTransaction)
		s.Event(e)
		require.Equal(t, got, encoded(t, e), "scrubbed twice")
	})
}
