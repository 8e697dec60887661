package sentry_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/snippet"
	"github.com/panicreport/sentry/sentrytest"
)

// pagesElsewhere are the pages whose code needs other modules: the module of
// examples/frameworks tests them.
var pagesElsewhere = []string{"docs/recovered.md"}

// TestDocs compiles and runs the Go code of the README and of docs.
func TestDocs(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "README.md") {
		if !slices.Contains(pagesElsewhere, filepath.ToSlash(page)) {
			snippet.Run(t, page, startForSnippet)
		}
	}
}

func startForSnippet(t *testing.T) snippet.Server {
	server := sentrytest.NewServer(t)
	return snippet.Server{DSN: server.DSN(), Titles: func() (titles []string) {
		for _, event := range server.Events() {
			titles = append(titles, event.Title())
		}
		return titles
	}}
}
