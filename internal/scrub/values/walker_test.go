package values_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub/scrubtest"
	"github.com/panicreport/sentry/internal/scrub/texts"
	"github.com/panicreport/sentry/internal/scrub/values"
)

func newScrubber() *texts.Scrubber {
	s := texts.New(scrubtest.Config())
	return &s
}

// scrubbed returns v, the value under key, without secrets.
func scrubbed(s *texts.Scrubber, key string, v any) any {
	w := values.NewWalker(s)
	next, _ := w.Value(key, v)
	return next
}

func encoded(t testing.TB, v any) string {
	t.Helper()
	doc, err := json.Marshal(v)
	require.NoError(t, err)
	return string(doc)
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("marshal") }

type panickingText struct{ N int }

func (*panickingText) String() string              { panic("text") }
func (panickingText) MarshalText() ([]byte, error) { return nil, errors.New("no") }

type login struct {
	User     string
	Password string `json:"password,omitempty"`
	Next     *login
	hidden   string
}

type level int

func (level) String() string { return "high" }

type quiet struct{ n int }

func (q quiet) String() string { return fmt.Sprintf("quiet 10.1.2.3 %d", q.n) }

func TestValues(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for name, c := range map[string]struct {
		key  string
		v    any
		want string
	}{
		"nil":              {"a", nil, `null`},
		"text":             {"a", "password=zz9", `"password=[Filtered]"`},
		"secret":           {"password", "zz9", `"[Filtered]"`},
		"secret number":    {"password", 5, `"[Filtered]"`},
		"secret map":       {"credentials", map[string]any{"a": 1}, `"[Filtered]"`},
		"absent secret":    {"password", nil, `null`},
		"empty secret":     {"password", "", `""`},
		"switch":           {"password", true, `true`},
		"nested":           {"a", map[string]any{"b": []any{map[string]string{"token": "zz9"}}}, `{"b":[{"token":"[Filtered]"}]}`},
		"pair of names":    {"card", map[string]any{"number": "1", "brand": "x"}, `{"brand":"x","number":"[Filtered]"}`},
		"name and value":   {"a", []any{map[string]any{"name": "token", "value": "zz9"}}, `[{"name":"token","value":"[Filtered]"}]`},
		"arguments":        {"argv", []string{"app", "--password", "zz9", "-v"}, `["app","--password","[Filtered]","-v"]`},
		"secret key":       {"a", map[string]any{"bob@example.com": 1}, `{"[email]":1}`},
		"address":          {"a", netip.MustParseAddr("10.1.2.3"), `"[ip]"`},
		"struct":           {"a", login{User: "bob", Password: "zz9", hidden: "x"}, `{"Next":null,"User":"bob","password":"[Filtered]"}`},
		"pointer":          {"a", &login{User: "10.1.2.3"}, `{"Next":null,"User":"[ip]"}`},
		"nil pointer":      {"a", (*login)(nil), `null`},
		"error":            {"a", errors.New("from 10.1.2.3"), `"from [ip]"`},
		"stringer":         {"a", quiet{3}, `"quiet [ip] 3"`},
		"enumeration":      {"a", level(3), `3`},
		"duration":         {"a", time.Second, `1000000000`},
		"time":             {"a", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), `"2026-01-02T03:04:05Z"`},
		"far time":         {"a", time.Date(12026, 1, 2, 3, 4, 5, 0, time.UTC), `"12026-01-02 03:04:05 +0000 UTC"`},
		"not a number":     {"a", math.NaN(), `"NaN"`},
		"infinite":         {"a", []any{math.Inf(1), float32(math.Inf(-1))}, `["+Inf","-Inf"]`},
		"number":           {"a", json.Number("12345678901234567890"), `12345678901234567890`},
		"no number":        {"a", json.Number("10.1.2.3"), `"[ip]"`},
		"card":             {"a", int64(4111111111111111), `"[Filtered]"`},
		"card as float":    {"a", 4111111111111111.0, `"[Filtered]"`},
		"card as JSON":     {"a", json.Number("4111111111111111"), `"[Filtered]"`},
		"nanoseconds":      {"a", int64(1767322645123456789), `1767322645123456789`},
		"bytes":            {"a", []byte("password=zz9"), `"password=[Filtered]"`},
		"binary":           {"a", []byte{0, 1, 0xff}, `"\u003c3 bytes\u003e"`},
		"raw":              {"a", json.RawMessage(`{"password":"zz9"}`), `{"password":"[Filtered]"}`},
		"bad raw":          {"a", json.RawMessage(`{"password":"zz9`), `"{\"password\":\"[Filtered]"`},
		"map of any":       {"a", map[any]any{1: "x", "password": "zz9"}, `{"1":"x","password":"[Filtered]"}`},
		"map of numbers":   {"a", map[int]string{1: "10.1.2.3"}, `{"1":"[ip]"}`},
		"channel":          {"a", make(chan int), `"\u003cchan int\u003e"`},
		"function":         {"a", func() {}, `"\u003cfunc()\u003e"`},
		"complex":          {"a", complex(1, 2), `"\u003ccomplex128\u003e"`},
		"struct of those":  {"a", struct{ C chan int }{}, `"\u003cstruct { C chan int }\u003e"`},
		"panicking":        {"a", panicking{}, `"\u003cvalues_test.panicking\u003e"`},
		"panicking text":   {"a", &panickingText{}, `"\u003c*values_test.panickingText\u003e"`},
		"trace id":         {"trace_id", sentry.TraceID{0x41}, `"41000000000000000000000000000000"`},
		"version":          {"app_version", "1.2.3.4", `"1.2.3.4"`},
		"directory":        {"PWD", "/home/bob/x", `"~/x"`},
		"secret directory": {"PWD", "zz9", `"[Filtered]"`},
		"attribute":        {"password", map[string]any{"value": 5, "type": "integer"}, `{"type":"string","value":"[Filtered]"}`},
		"count":            {"tokens", 512, `512`},
		"URL":              {"a", &url.URL{Scheme: "https", Host: "10.1.2.3", User: url.UserPassword("a", "zz9")}, `null`},
	} {
		got := scrubbed(s, c.key, c.v)
		doc := encoded(t, got)
		require.NotContains(t, doc, "zz9", name)
		if c.want != "null" {
			require.JSONEq(t, c.want, doc, name)
		}
		require.Equal(t, doc, encoded(t, scrubbed(s, c.key, got)), "%s twice", name)
	}
}

func TestValueStaysTheSame(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	clean := map[string]any{"a": []any{1, "x", map[string]string{"b": "c"}}}
	require.Equal(t, clean, scrubbed(s, "a", clean))

	dirty := map[string]any{"password": "zz9", "list": []any{"10.1.2.3"}, "map": map[string]string{"token": "zz9"}}
	before := encoded(t, dirty)
	require.NotContains(t, encoded(t, scrubbed(s, "a", dirty)), "zz9")
	require.Equal(t, before, encoded(t, dirty))
}

func TestValuesThatContainThemselves(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	list := []any{nil, nil, 1}
	list[0], list[1] = list, list
	m := map[string]any{"password": "zz9"}
	m["a"], m["b"] = m, list
	typed := map[string]map[string]any{"a": m}
	m["c"] = typed
	l := &login{Password: "zz9"}
	l.Next = l
	var p any
	p = &p
	for _, v := range []any{list, m, typed, l, p, &m} {
		doc := encoded(t, scrubbed(s, "v", v))
		require.NotContains(t, doc, "zz9")
		require.Less(t, len(doc), 200_000)
	}
}

func TestValuesAreBounded(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	wide, deep := make(map[string]any), any("bottom")
	for i := range 10_000 {
		wide[fmt.Sprint("key", i)] = i
	}
	for range 100 {
		deep = map[string]any{"a": []any{deep}}
	}
	long := make([]string, 10_000)
	large := []any{}
	for range 100 {
		large = append(large, strings.Repeat("text ", 2000))
	}
	for name, v := range map[string]any{
		"wide": wide, "deep": deep, "long": long, "large": large, "list": make([]int, 1_000_000),
		"text": strings.Repeat("x ", 8<<20), "bytes": make([]byte, 8<<20), "typed": map[int][]string{1: long},
	} {
		got := scrubbed(s, "v", v)
		doc := encoded(t, got)
		require.Less(t, len(doc), 100_000, name)
		require.NotContains(t, doc, "bottom", name)
		require.Equal(t, doc, encoded(t, scrubbed(s, "v", got)), name)
	}
}
