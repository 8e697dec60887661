package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// What the page leaves to the environment of whoever runs the commands.
const (
	token       = "sntrys_a_token_for_tests"
	orgSlug     = "acme"
	projectSlug = "shop"
)

// releases is the part of Sentry's API that sentry-cli calls for the commands of
// docs/production.md. It refuses what it does not know, and sentry-cli then fails.
type releases struct {
	repos []any // the repositories that Sentry has as an integration

	mu    sync.Mutex
	calls []call
}

// A call has a method, a path below that of the organization, and a body.
type call struct {
	what string
	body map[string]any
}

const (
	newRelease  = "POST releases/"
	listRepos   = "GET repos/"
	setRelease  = "PUT releases/shop@1.2.3/"
	previous    = "GET releases/shop@1.2.3/previous-with-commits/"
	newDeploy   = "POST releases/shop@1.2.3/deploys/"
	setMappings = "POST code-mappings/bulk/"
)

func (s *releases) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reply := func(status int, body any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
	var body map[string]any
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil && err != io.EOF {
		reply(http.StatusBadRequest, map[string]any{"detail": err.Error()})
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+token {
		reply(http.StatusUnauthorized, map[string]any{"detail": "no token"})
		return
	}
	what := r.Method + " " + strings.TrimPrefix(r.URL.Path, "/api/0/organizations/"+orgSlug+"/")
	s.mu.Lock()
	s.calls = append(s.calls, call{what, body})
	s.mu.Unlock()
	release := map[string]any{"version": "shop@1.2.3", "dateCreated": "2026-01-02T03:04:05Z", "projects": []any{}}
	switch what {
	case newRelease:
		reply(http.StatusCreated, release)
	case setRelease:
		reply(http.StatusOK, release)
	case listRepos:
		reply(http.StatusOK, s.repos)
	case previous:
		reply(http.StatusOK, map[string]any{})
	case newDeploy:
		reply(http.StatusCreated, map[string]any{"id": "1", "environment": body["environment"]})
	case setMappings:
		var done []any
		for _, m := range body["mappings"].([]any) {
			m := m.(map[string]any)
			done = append(done, map[string]any{"stackRoot": m["stackRoot"], "sourceRoot": m["sourceRoot"], "status": "created"})
		}
		reply(http.StatusOK, map[string]any{"created": len(done), "updated": 0, "errors": 0, "mappings": done})
	default:
		reply(http.StatusNotFound, map[string]any{"detail": "not found"})
	}
}

// bodies are those of the calls of one kind, in their order.
func (s *releases) bodies(what string) (all []map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.calls {
		if c.what == what {
			all = append(all, c.body)
		}
	}
	return all
}

var shell = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// commands are the lines of the page that a reader copies into a shell and that call
// sentry-cli.
func commands(t *testing.T) (blocks []string) {
	t.Helper()
	page, err := os.ReadFile("../docs/production.md")
	require.NoError(t, err)
	for _, match := range shell.FindAllSubmatch(page, -1) {
		if strings.Contains(string(match[1]), "sentry-cli ") {
			blocks = append(blocks, string(match[1]))
		}
	}
	require.Len(t, blocks, 2, "those of releases, and those of code mappings")
	return blocks
}

// TestReleases: sentry-cli takes the commands of docs/production.md as they are
// printed, and tells Sentry of the release, the commit and the environment that the
// reports of the program name.
func TestReleases(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the commands are for a shell of Unix")
	}
	bin, err := filepath.Abs(filepath.Join(installed(t, nodePackages), "node_modules", ".bin"))
	require.NoError(t, err)

	shop := testprogram.Checkout{Folder: "backend", Module: "github.com/acme/shop"}.Commit(t, "../testdata/shop", "github.com/acme/shop", ".")
	server := sentrytest.NewServer(t)
	testprogram.Run(t, testprogram.Command(t, shop.Build(t, "./cmd/shop")), "SENTRY_TEST_DSN="+server.DSN())
	event := server.Wait(1)[0]

	run := func(t *testing.T, api *releases) {
		front := httptest.NewServer(api)
		t.Cleanup(front.Close)
		for _, block := range commands(t) {
			cmd := testprogram.Command(t, "sh", "-e", "-c", block)
			cmd.Dir, cmd.Stderr = shop.Root, testprogram.IntoStdout
			ended := testprogram.Run(t, cmd, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HOME="+t.TempDir(),
				"SENTRY_URL="+front.URL, "SENTRY_AUTH_TOKEN="+token, "SENTRY_ORG="+orgSlug, "SENTRY_PROJECT="+projectSlug,
				"SENTRY_DISABLE_UPDATE_CHECK=1")
			require.Zero(t, ended.Status, "%s\n%s\n%v", block, ended.Stdout, api.calls)
		}
		for _, body := range api.bodies(newRelease) {
			require.Equal(t, event.Release, body["version"])
			require.Equal(t, []any{projectSlug}, body["projects"])
		}
		require.NotEmpty(t, api.bodies(newRelease))
		released := api.bodies(setRelease)
		require.Len(t, released, 2)
		require.NotEmpty(t, released[1]["dateReleased"], "finalize")
		require.Len(t, api.bodies(newDeploy), 1)
		require.Equal(t, event.Environment, api.bodies(newDeploy)[0]["environment"])
		require.Equal(t, []map[string]any{{
			"project": projectSlug, "repository": "acme/shop", "defaultBranch": "main",
			"mappings": []any{map[string]any{"stackRoot": "github.com/acme/shop/", "sourceRoot": "backend/"}},
		}}, api.bodies(setMappings))
	}

	t.Run("with an integration", func(t *testing.T) {
		t.Parallel()
		api := &releases{repos: []any{map[string]any{
			"id": "1", "name": "acme/shop", "url": "https://github.com/acme/shop", "status": "active", "dateCreated": "2026-01-02T03:04:05Z",
			"provider": map[string]any{"id": "integrations:github", "name": "GitHub"},
		}}}
		run(t, api)
		refs := api.bodies(setRelease)[0]["refs"].([]any)
		require.Len(t, refs, 1)
		require.Equal(t, "acme/shop", refs[0].(map[string]any)["repository"])
		require.Equal(t, event.Tags["vcs.revision"], refs[0].(map[string]any)["commit"])
	})
	t.Run("without", func(t *testing.T) {
		t.Parallel()
		api := &releases{repos: []any{}}
		run(t, api)
		commits := api.bodies(setRelease)[0]["commits"].([]any)
		require.Len(t, commits, 1)
		commit := commits[0].(map[string]any)
		require.Equal(t, event.Tags["vcs.revision"], commit["id"])
		var paths []any
		for _, file := range commit["patch_set"].([]any) {
			paths = append(paths, file.(map[string]any)["path"])
		}
		require.Contains(t, paths, "backend/store/table.go")
	})
}
