package main_test

import (
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

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
	require.Equal(t, before, snapshot(t, dir), "the directory has not changed")

	response, _ = get(t, address+"style.css")
	require.Equal(t, "text/css; charset=utf-8", response.Header.Get("Content-Type"))
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
