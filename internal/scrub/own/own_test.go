package own_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub/own"
)

// A person has data that nobody else has: words that are made while the test runs.
type person struct{ said []string }

func (p *person) word() string {
	const letters = "bcdfghjklmnpqrstvwxz"
	var b strings.Builder
	for n := int64(len(p.said)*7919 + 104729); b.Len() < 12; n = n*48271%2147483647 + 11 {
		b.WriteByte(letters[n%int64(len(letters))])
	}
	p.said = append(p.said, b.String())
	return b.String()
}

// fill puts a word of the person into every text that v has.
func (p *person) fill(v reflect.Value, depth int) {
	if depth == 0 || !v.CanSet() {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(p.word())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		p.fill(v.Elem(), depth-1)
	case reflect.Interface:
		if v.NumMethod() == 0 {
			v.Set(reflect.ValueOf(map[string]any{p.word(): []any{p.word(), 4711, "the " + p.word() + " is here"}}))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			p.fill(v.Field(i), depth-1)
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes([]byte(p.word()))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		p.fill(v.Index(0), depth-1)
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		p.fill(key, depth-1)
		p.fill(value, depth-1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	}
}

func newWords(t *testing.T, safe ...string) *own.Words {
	t.Helper()
	return own.New(func(err error) { t.Error(err) }, safe...)
}

// TestNoFieldOfAnEvent: a field that sentry-go has, or will have, does not let
// anything out.
func TestNoFieldOfAnEvent(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"", "transaction"} {
		var p person
		var e sentry.Event
		const depth = 8
		p.fill(reflect.ValueOf(&e).Elem(), depth)
		e.Type, e.CheckIn, e.Timestamp = kind, nil, time.Unix(0, 0)
		e.Contexts["runtime"] = sentry.Context{"name": "go", "go_numroutines": 12345, p.word(): p.word()}
		w := newWords(t)
		k := w.Known()
		k.Look(&e)
		payload, err := e.MarshalJSON()
		require.NoError(t, err)
		header := map[string]any{"trace": map[string]string{"trace_id": p.word(), "user_segment": p.word(), "sampled": "true"}}
		w.Header(header)
		shown, files, err := w.Report(k, payload, e.Attachments)
		require.NoError(t, err)
		all := fmt.Sprintf("%s %s %s %v", shown, files[0].Filename, files[0].Payload, header)
		require.Greater(t, len(p.said), 60)
		for _, word := range p.said {
			require.NotContains(t, all, word)
		}
		require.NotContains(t, all, "4711")
		require.Contains(t, all, `"go_numroutines":12345`)
		require.Contains(t, all, "sampled:true")
	}
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	w := newWords(t, "mine@1.2.3")
	word := new(person).word() // which is not in the image, as everything is that is written here
	for doc, want := range map[string]string{
		// A session, a check-in, logs, metrics: as sentry-go or this library write them.
		`{"sid":"9ec79c33ec9942ab8353589fcb2e04dc","did":"NAME","init":true,"started":"2026-01-02T03:04:05Z","status":"exited","errors":0,"attrs":{"release":"mine@1.2.3","environment":"production","user_agent":"NAME"}}`:                                         `{"sid":"9ec79c33ec9942ab8353589fcb2e04dc","init":true,"started":"2026-01-02T03:04:05Z","status":"exited","errors":0,"attrs":{"release":"mine@1.2.3","environment":"production"}}`,
		`{"check_in_id":"9ec79c33ec9942ab8353589fcb2e04dc","monitor_slug":"NAME","status":"ok","duration":12345,"monitor_config":{"schedule":{"type":"crontab","value":"5 4 * * *"},"timezone":"UTC"}}`:                                                             `{"check_in_id":"9ec79c33ec9942ab8353589fcb2e04dc","status":"ok","duration":12345,"monitor_config":{"schedule":{"type":"crontab","value":"5 4 * * *"},"timezone":"UTC"}}`,
		`{"items":[{"timestamp":1767322645.1,"level":"info","body":"a document of this test of NAME","attributes":{"sentry.NAME":{"value":"x","type":"string"},"sentry.release":{"value":"mine@1.2.3","type":"string"},"count":{"value":4711,"type":"integer"}}}]}`: `{"items":[{"timestamp":1767322645.1,"level":"info","body":"a document of this test of …","attributes":{"sentry.release":{"value":"mine@1.2.3","type":"string"},"count":{"value":"…","type":"string"}}}]}`,
		`{"items":[{"type":"counter","name":"NAME","value":4711,"unit":"none"}]}`: `{"items":[{"type":"counter","name":"…","value":4711,"unit":"none"}]}`,
	} {
		doc = strings.ReplaceAll(doc, "NAME", word)
		shown, _, err := w.Report(w.Known(), []byte(doc), nil)
		require.NoError(t, err)
		require.JSONEq(t, want, string(shown))
	}
	_, _, err := w.Report(w.Known(), []byte("a document of this test of "+word), nil)
	require.Error(t, err)
	require.NotContains(t, err.Error(), word)
}

// TestLabelsOfAThread are data, whoever vouches for its name.
func TestLabelsOfAThread(t *testing.T) {
	t.Parallel()
	var p person
	name := "goroutine 19 [select] and 1,200 like it"
	e := sentry.Event{Threads: []sentry.Thread{{ID: "19", Name: fmt.Sprintf("%s {%s: %q}", name, p.word(), p.word())}}}
	w := newWords(t)
	k := w.Known()
	k.Vouch(&e)
	k.Look(&e)
	payload, err := e.MarshalJSON()
	require.NoError(t, err)
	shown, _, err := w.Report(k, payload, nil)
	require.NoError(t, err)
	require.Contains(t, string(shown), name)
	for _, word := range p.said {
		require.NotContains(t, string(shown), word)
	}
}
