package e2e

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/testprogram"
)

var spoolProgram = testprogram.Source{Dir: "..", Package: "./cmd/sentry-spool"}.Once()

// browseSpool returns the address of the pages of a spool, without the last slash.
func browseSpool(t *testing.T, dir string) string {
	t.Helper()
	cmd := testprogram.Command(t, spoolProgram(t), "-web", dir)
	return strings.TrimSuffix(strings.TrimSpace(testprogram.Start(t, cmd).Line()), "/")
}

// TestSpoolPage: a person without an account sees title, stack and lines of the source.
func TestSpoolPage(t *testing.T) {
	t.Parallel()
	chromium := newBrowser(t)
	dir := filepath.Join(t.TempDir(), "spool")
	die(t, "http://key@"+unusedAddress(t)+"/1", "nil", "E2E_SPOOL="+dir, "E2E_LINES=1")
	address := browseSpool(t, dir)

	list := chromium.page(t, address+"/", elements, `href="report/`)
	_, rest, ok := strings.Cut(list, `href="report/`)
	require.True(t, ok, list)
	id, _, _ := strings.Cut(rest, `"`)
	page := chromium.page(t, address+"/report/"+id, elements, "As it is sent")

	require.Contains(t, page, "<title>runtime error: invalid memory address or nil pointer dereference</title>")
	require.Contains(t, page, `<li class="in-app"><code>main.`)
	require.Contains(t, page, "<mark>")
	chromium.picture(t, "spool")
}

// TestSpoolPageOfAnAttacker: the text of a report stays text in a real browser, too.
func TestSpoolPageOfAnAttacker(t *testing.T) {
	t.Parallel()
	chromium := newBrowser(t)
	dir := filepath.Join(t.TempDir(), "spool")
	store, err := spool.New(dir, spool.Options{})
	require.NoError(t, err)
	const id = "00000000000000000000000000000001"
	const evil = `</title></pre><script>document.title=\"owned\"</script><img src=x onerror=\"document.title='owned'\">` +
		`<svg onload=\"document.title='owned'\"><a href=\"javascript:document.title='owned'\">\u0000\u001b[2J\u202e\u2028` + "\xff\xfe\xc0\xbc"
	report, err := store.Put(id, []byte("{}\n{\"type\":\"event\"}\n"+`{"event_id":"`+id+`","tags":{"`+evil+`":"`+evil+
		`"},"exception":{"values":[{"type":"panic","value":"`+evil+`"}]}}`+"\n"))
	require.NoError(t, err)
	require.NoError(t, report.Release())
	address := browseSpool(t, dir)

	for _, path := range []string{"/", "/report/" + id} {
		page := chromium.page(t, address+path, elements, "&lt;script&gt;")
		require.NotContains(t, page, "<title>owned")
		require.NotContains(t, page, "<script")
		require.NotContains(t, page, "<img")
		require.NotContains(t, page, "<svg")
		require.NotContains(t, page, "<a href=\"javascript")
		require.NotContains(t, page, "\u202e")
	}
}

// TestSpotlightPage: what a developer sees in Spotlight is the title, the frames, and
// the lines of the source.
func TestSpotlightPage(t *testing.T) {
	t.Parallel()
	address := startSpotlight(t)
	chromium := newBrowser(t)
	w := watch(t, strings.Replace(address, "//", "//spotlight@", 1)+"/1")
	die(t, w.dsn, "nil", "E2E_LINES=1")
	address = strings.Replace(address, "127.0.0.1", "localhost", 1) // the only host that its page may ask

	list := chromium.page(t, address+"/telemetry/errors", elements, "invalid memory address or nil pointer dereference")
	_, rest, ok := strings.Cut(list, `href="/telemetry/errors/`)
	require.True(t, ok, list)
	id, _, _ := strings.Cut(rest, `"`)
	page := chromium.page(t, address+"/telemetry/errors/"+id, readable, "e2e/die/main.go")

	require.Contains(t, page, "runtime error")
	require.Contains(t, page, "a.Name = \"alice\"", "the line of the source")
	chromium.picture(t, "spotlight")
}

// TestBugsinkPage: the same in Bugsink, which is a Sentry to run oneself.
func TestBugsinkPage(t *testing.T) {
	t.Parallel()
	b := startBugsink(t)
	chromium := newBrowser(t)
	p := b.newProject(t)
	die(t, p.DSN, "nil", "E2E_LINES=1")
	issues := b.issues(t, p)
	require.Len(t, issues, 1)
	chromium.call(t, "Network.setCookie", map[string]any{"name": "sessionid", "value": b.Session, "url": b.URL}, new(any))

	address := b.URL + "/issues/issue/" + issues[0].ID + "/event/" + b.events(t, issues[0])[0].ID + "/"
	page := chromium.page(t, address, readable, "e2e/die/main.go")

	require.Contains(t, page, "runtime error")
	require.Contains(t, page, "a.Name = \"alice\"", "the line of the source")
	chromium.picture(t, "bugsink")
}
