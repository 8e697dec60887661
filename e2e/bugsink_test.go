package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// bugsink is a server with an API of its own below /api/canonical/0/.
type bugsink struct {
	URL     string `json:"url"`
	Token   string `json:"token"`
	Session string `json:"session"` // of the page, for a browser
	site    string // its packages
	dir     string // its database
}

func startBugsink(t *testing.T) *bugsink {
	t.Helper()
	b := &bugsink{site: installed(t, pythonPackages), dir: t.TempDir()}
	serve(t, python(t, b.site, b.dir, "serve_bugsink.py"), b)
	return b
}

// call asks the API and decodes its answer to result.
func (b *bugsink) call(t *testing.T, method, path string, body, result any) {
	t.Helper()
	data, err := json.Marshal(body)
	require.NoError(t, err)
	r, err := http.NewRequestWithContext(t.Context(), method, b.URL+"/api/canonical/0/"+path, bytes.NewReader(data))
	require.NoError(t, err)
	r.Header.Set("Authorization", "Bearer "+b.Token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Less(t, resp.StatusCode, 300, string(text))
	require.NoError(t, json.Unmarshal(text, result), string(text))
}

// list asks for what fits on one page: no test makes more.
func list[T any](t *testing.T, b *bugsink, path string) []T {
	t.Helper()
	var page struct{ Results []T }
	b.call(t, http.MethodGet, path, nil, &page)
	return page.Results
}

type project struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
	DSN  string `json:"dsn"`
}

// newProject makes a project named as the test, in a team of that name.
func (b *bugsink) newProject(t *testing.T) project {
	t.Helper()
	var team struct{ ID string }
	b.call(t, http.MethodPost, "teams/", map[string]any{"name": t.Name()}, &team)
	b.call(t, http.MethodPost, "projects/", map[string]any{"name": t.Name(), "team": team.ID}, new(any))
	for _, p := range list[project](t, b, "projects/") {
		if p.Name == t.Name() {
			return p
		}
	}
	require.Fail(t, "the project is not there")
	return project{}
}

type issue struct {
	ID     string `json:"id"`
	Type   string `json:"calculated_type"`
	Value  string `json:"calculated_value"`
	Events int    `json:"digested_event_count"`
}

func (b *bugsink) issues(t *testing.T, p project) []issue {
	t.Helper()
	return list[issue](t, b, fmt.Sprintf("issues/?project=%d", p.ID))
}

type bugsinkEvent struct {
	ID    string         `json:"id"`
	Data  map[string]any `json:"data"`
	Stack string         `json:"stacktrace_md"`
}

// events returns those of the issue, the newest first.
func (b *bugsink) events(t *testing.T, i issue) []bugsinkEvent {
	t.Helper()
	all := list[bugsinkEvent](t, b, "events/?issue="+url.QueryEscape(i.ID))
	for n := range all {
		b.call(t, http.MethodGet, "events/"+all[n].ID+"/", nil, &all[n])
	}
	return all
}

// tags are what Bugsink lets search the issue by: those that we sent and those
// that it made of other fields.
func (b *bugsink) tags(t *testing.T, i issue) map[string]string {
	t.Helper()
	byKey := map[string]string{}
	for _, tag := range list[struct{ Key, Value string }](t, b, "issues/"+i.ID+"/tags/") {
		byKey[tag.Key] = tag.Value
	}
	return byKey
}

// culprit is the frame that Bugsink shows under the title.
func (b *bugsink) culprit(t *testing.T, i issue) map[string]string {
	t.Helper()
	ended := testprogram.Run(t, python(t, b.site, b.dir, "read_culprit.py", i.ID))
	require.Zero(t, ended.Status, ended.Stderr)
	var frame map[string]string
	require.NoError(t, json.Unmarshal([]byte(ended.Stdout), &frame))
	return frame
}

func TestBugsink(t *testing.T) {
	t.Parallel()
	b := startBugsink(t)
	t.Run("issue", b.testIssue)
	t.Run("grouping", b.testGrouping)
	t.Run("deaths", b.testDeaths)
	t.Run("spool", b.testSpool)
	t.Run("lost answer", b.testLostAnswer)
}

// testIssue: a death is an issue with everything that a person needs of it.
func (b *bugsink) testIssue(t *testing.T) {
	p := b.newProject(t)
	w := watch(t, p.DSN)
	die(t, w.dsn, "nil")
	answers := w.seen()
	require.Len(t, answers, 1)
	require.Equal(t, http.StatusOK, answers[0].status)

	issues := b.issues(t, p)
	require.Len(t, issues, 1)
	require.Equal(t, "runtime error", issues[0].Type)
	require.Equal(t, "invalid memory address or nil pointer dereference", issues[0].Value)
	require.Equal(t, 1, issues[0].Events)
	require.Equal(t, map[string]string{"module": "main", "function": "rename", "filename": source}, b.culprit(t, issues[0]))

	tags := b.tags(t, issues[0])
	require.Equal(t, release, tags["release"])
	require.Equal(t, environment, tags["environment"])
	require.Equal(t, "false", tags["handled"])
	require.Equal(t, "nil", tags["death"])
	require.Equal(t, "e2e-app", tags["context.name"])
	require.Equal(t, "v1.2.3", tags["context.version"])
	require.NotContains(t, tags, "server_name")
	require.NotContains(t, tags, "user")

	events := b.events(t, issues[0])
	require.Len(t, events, 1)
	require.Regexp(t, `### `+source+`:\d+ in .rename. \[in-app\]`, events[0].Stack)
	require.NotContains(t, events[0].Stack, "[external]")

	releases := list[struct{ ID, Version string }](t, b, fmt.Sprintf("releases/?project=%d", p.ID))
	require.Len(t, releases, 1)
	require.Equal(t, release, releases[0].Version)
	var detail struct {
		Semver   string `json:"semver"`
		IsSemver bool   `json:"is_semver"`
	}
	b.call(t, http.MethodGet, "releases/"+releases[0].ID+"/", nil, &detail)
	require.True(t, detail.IsSemver)
	require.Equal(t, "1.2.3", detail.Semver)
}

// testGrouping: the same death again is the same issue, another one is not.
func (b *bugsink) testGrouping(t *testing.T) {
	p := b.newProject(t)
	die(t, p.DSN, "nil")
	die(t, p.DSN, "nil")
	die(t, p.DSN, "string")
	events := map[string]int{}
	for _, i := range b.issues(t, p) {
		events[i.Type] += i.Events
	}
	require.Len(t, b.issues(t, p), 2)
	require.Equal(t, map[string]int{"runtime error": 2, "panic": 1}, events)
}

// testDeaths: no report is refused, whatever is in it, and each is found under
// its title with nothing of a secret.
func (b *bugsink) testDeaths(t *testing.T) {
	for kind, title := range map[string]string{
		"chain":      "panic: load: open: open wallet.db: file does not exist",
		"join":       "panic: query failed: select 1",
		"own":        "main.queryError: query failed: select 1",
		"struct":     "panic: (main.account)",
		"secret":     "panic: login failed: password=[Filtered]",
		"control":    "panic: first line",
		"deep":       "panic: deep",
		"huge":       "panic: all work and no play",
		"longchain":  "panic: level 39: ",
		"emptytag":   "panic: empty tag",
		"everything": "panic: load: query failed: select 1; ",
	} {
		t.Run(kind, func(t *testing.T) {
			p := b.newProject(t)
			w := watch(t, p.DSN)
			die(t, w.dsn, kind)
			for _, a := range w.seen() {
				require.Equal(t, http.StatusOK, a.status, a.body)
			}
			issues := b.issues(t, p)
			require.Len(t, issues, 1)
			require.Truef(t, strings.HasPrefix(issues[0].Type+": "+issues[0].Value, title), "%.200s", issues[0].Value)
			events := b.events(t, issues[0])
			require.Len(t, events, 1)
			text, err := json.Marshal(events[0])
			require.NoError(t, err)
			require.NotContains(t, string(text), "hunter2")
			require.NotContains(t, string(text), "bob@example.com")
			require.Contains(t, events[0].Stack, "[in-app]")
		})
	}
}

// testSpool: what no server took is delivered by the next run, as it was.
func (b *bugsink) testSpool(t *testing.T) {
	p := b.newProject(t)
	spool := "E2E_SPOOL=" + filepath.Join(t.TempDir(), "spool")
	down, err := url.Parse(p.DSN)
	require.NoError(t, err)
	down.Host = unusedAddress(t)
	die(t, down.String(), "nil", spool)
	require.Empty(t, b.issues(t, p))

	ended := run(t, p.DSN, "none", spool)
	require.Zero(t, ended.Status, ended.Stderr)
	issues := b.issues(t, p)
	require.Len(t, issues, 1)
	require.Equal(t, "runtime error", issues[0].Type)
	require.Equal(t, 1, issues[0].Events)
	require.Equal(t, "nil", b.tags(t, issues[0])["death"])
}

// testLostAnswer: a report that the server took, which the program does not
// know, is sent again, and is still one event.
func (b *bugsink) testLostAnswer(t *testing.T) {
	p := b.newProject(t)
	w := watch(t, p.DSN)
	w.loseNext()
	die(t, w.dsn, "nil", "E2E_SPOOL="+filepath.Join(t.TempDir(), "spool"))
	require.Len(t, w.seen(), 2)
	issues := b.issues(t, p)
	require.Len(t, issues, 1)
	require.Equal(t, 1, issues[0].Events)
	require.Len(t, b.events(t, issues[0]), 1)
}
