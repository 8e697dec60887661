package main_test

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/folder"
	"github.com/panicreport/sentry/internal/testprogram"
)

// hostile is a report whose every text wants to be more than text.
const hostile = `{"event_id":"00000000000000000000000000000001","level":"fatal","release":"app@1\"><script>evil()</script>",
"tags":{"<img src=x onerror=evil()>":"javascript:evil()"},"contexts":{"app":{"x":"</pre><script>evil()</script>"}},
"breadcrumbs":[{"category":"<b>log","message":"loading <iframe src=//evil.test>","level":"info","data":{"password":"[Filtered]"}}],
"exception":{"values":[
 {"type":"*os.PathError","value":"no file"},
 {"type":"panic","value":"<script>document.title='owned'</script>\u202e{{.Title}}",
 "mechanism":{"type":"panic","handled":false},"stacktrace":{"frames":[
  {"function":"main","module":"main","filename":"app/main.go","lineno":3,"in_app":true,
   "pre_context":["func main() {"],"context_line":"\tlib.Call(\"</pre>\")","post_context":["}"]},
  {"function":"Call<script>","module":"lib","filename":"lib/\"x.go","lineno":7}]}}]},
"threads":{"values":[{"id":1,"state":"chan receive","stacktrace":{"frames":[{"function":"work","module":"main","filename":"app/w.go","lineno":1,"in_app":true}]}},
 {"id":2,"state":"chan receive","stacktrace":{"frames":[{"function":"work","module":"main","filename":"app/w.go","lineno":1,"in_app":true}]}},
 {"id":3,"state":"running","crashed":true}]}}`

// browse starts sentry-spool -web and returns the address that it prints.
func browse(t *testing.T, dir string) (address string) {
	t.Helper()
	bin := testprogram.Source{}.Build(t)
	return strings.TrimSpace(testprogram.Start(t, testprogram.Command(t, bin, "-web", dir)).Line())
}

func get(t *testing.T, address string, change ...func(*http.Request)) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	require.NoError(t, err)
	for _, c := range change {
		c(request)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(body)
}

func TestWeb(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	put(t, dir, 1, "{}\n{\"type\":\"event\"}\n"+strings.ReplaceAll(hostile, "\n", "")+"\n")
	put(t, dir, 2, "this is no envelope")
	plant(t, dir)
	before := snapshot(t, dir)
	address := browse(t, dir)
	require.Regexp(t, `^http://127\.0\.0\.1:\d+/[A-Z2-7]{26}/$`, address)

	response, list := get(t, address)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Contains(t, list, `<a href="report/`+id(1)+`">panic: &lt;script&gt;`)
	require.Contains(t, list, "cannot be read")
	require.NotContains(t, list, "not for you")
	response, page := get(t, address+"report/"+id(1))
	require.Equal(t, http.StatusOK, response.StatusCode)
	for _, evil := range []string{"<script", "<img", "<iframe", "<b>log", "\u202e"} {
		require.NotContains(t, page, evil)
	}
	for _, part := range []string{
		"<h1>panic: &lt;script&gt;document.title", `\u202e{{.Title}}`, "fatal, unhandled", "*os.PathError: no file",
		`<li class="in-app"><code>main.main</code> <b>in-app</b>`, "<mark>\tlib.Call(&#34;&lt;/pre&gt;&#34;)</mark>",
		"2 goroutines: 1 [chan receive], 2 [chan receive]", "goroutine 3 [running] crashed", "loading &lt;iframe",
		"<tr><th>[Filtered]<td>1 times",
	} {
		require.Contains(t, page, part)
	}
	require.Less(t, strings.Index(page, "lib.Call&lt;"), strings.Index(page, "main.main"), "the innermost comes first")
	require.Equal(t, "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
		response.Header.Get("Content-Security-Policy"))
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	require.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
	require.Equal(t, "no-referrer", response.Header.Get("Referrer-Policy"))
	require.Equal(t, "same-origin", response.Header.Get("Cross-Origin-Resource-Policy"))
	require.Equal(t, "same-origin", response.Header.Get("Cross-Origin-Opener-Policy"))
	require.Equal(t, before, snapshot(t, dir), "the directory has not changed")

	response, _ = get(t, address+"style.css")
	require.Equal(t, "text/css; charset=utf-8", response.Header.Get("Content-Type"))
}

// TestWebOfHostileTexts: whatever bytes a report has, a page is text that is whole, of a
// size that a browser takes, and without characters that do something.
func TestWebOfHostileTexts(t *testing.T) {
	t.Parallel()
	var every strings.Builder // byte but those that end a JSON string or a line
	for b := range 256 {
		if b != '"' && b != '\\' && b != '\n' {
			every.WriteByte(byte(b))
		}
	}
	const begin = `{"event_id":"","exception":{"values":[{"type":"panic","value":"`
	value := func(v string) string { return begin + v + `"}]}}` }
	dir := filepath.Join(t.TempDir(), "spool")
	texts := map[int]string{
		1: value(every.String()),
		2: value(`\u0000\u0007\u001b]0;owned\u0007\u001b[2J\u0085\u00ad\u200b\u202e\u2066\u2028\u2029\ufeff\udb40\udc41\ud800`),
		3: value(strings.Repeat("<", 900<<10)),
		4: value(strings.Repeat(`\u0000`, 150<<10)),
		5: `{"contexts":{"deep":{"x":` + strings.Repeat(`{"<b>":`, 5000) + `1` + strings.Repeat("}", 5000) + `}}}`,
		6: `{"tags":{"` + strings.Repeat("<script>", 100<<10) + `":"x"}}`,
		7: `{"threads":{"values":[` + strings.Repeat(`{"id":1,"state":"<b>","stacktrace":{"frames":[{"function":"<b>"}]}},`, 10000) + `{}]}}`,
		8: `[[[`,
	}
	for n, text := range texts {
		put(t, dir, n, "{}\n{\"type\":\"event\"}\n"+text+"\n")
	}
	large := "{}\n{\"type\":\"event\"}\n" + value(strings.Repeat("<script>", 10<<20/8)) + "\n"
	name := fmt.Sprintf("1700000000000-%s-0-0000000000000.report", id(9))
	f, err := folder.Open(dir)
	require.NoError(t, err)
	defer f.Close()
	held, err := f.Write(name, folder.Header{Kind: "report", ID: id(9)}, []byte(large), folder.SurvivesKill)
	require.NoError(t, err)
	folder.LetGo(held)

	address := browse(t, dir)
	_, list := get(t, address)
	requireHarmless(t, list, 1<<20)
	require.Equal(t, len(texts)+1, strings.Count(list, `<a href="report/`))
	for n := range len(texts) + 1 {
		response, page := get(t, address+"report/"+id(n+1))
		requireHarmless(t, page, 20<<20)
		if n+1 > 7 {
			require.Equal(t, http.StatusInternalServerError, response.StatusCode)
			require.Equal(t, "text/plain; charset=utf-8", response.Header.Get("Content-Type"))
		}
	}
}

func requireHarmless(t *testing.T, page string, most int) {
	t.Helper()
	require.Less(t, len(page), most)
	require.True(t, utf8.ValidString(page))
	require.Equal(t, -1, strings.IndexFunc(page, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }))
	for _, evil := range []string{"<script", "<b>:"} {
		require.NotContains(t, page, evil)
	}
}

// TestWebIsForItsOwner: other users of the machine, and pages of others in the browser,
// get nothing.
func TestWebIsForItsOwner(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	put(t, dir, 1, "{}\n{\"type\":\"event\"}\n{}\n")
	address := browse(t, dir)
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
	for _, path := range []string{"/", "/report/" + id(1), "/AAAAAAAAAAAAAAAAAAAAAAAAAA/", "/AAAAAAAAAAAAAAAAAAAAAAAAAA/report/" + id(1)} {
		response, body := get(t, "http://"+host+path)
		require.Equal(t, http.StatusNotFound, response.StatusCode)
		require.NotContains(t, body, id(1))
	}
	response, _ := get(t, address, func(r *http.Request) { r.Host = "rebound.test" })
	require.Equal(t, http.StatusNotFound, response.StatusCode)
	for _, other := range []string{id(9), "..%2f..%2fetc%2fpasswd"} {
		response, _ = get(t, address+"report/"+other)
		require.Equal(t, http.StatusNotFound, response.StatusCode)
	}
}
