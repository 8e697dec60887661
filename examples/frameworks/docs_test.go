package frameworks_test

import (
	"os"
	"testing"

	"github.com/panicreport/sentry/internal/snippet"
	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

func TestMain(m *testing.M) { os.Exit(testprogram.Main(m)) }

// TestDocs compiles and runs the Go code of the page about frameworks, which is in
// the list pagesElsewhere of the library's own test.
func TestDocs(t *testing.T) {
	t.Parallel()
	snippet.Run(t, "../../docs/recovered.md", func(t *testing.T) snippet.Server {
		server := sentrytest.NewServer(t)
		return snippet.Server{DSN: server.DSN(), Titles: func() (titles []string) {
			for _, event := range server.Events() {
				titles = append(titles, event.Title())
			}
			return titles
		}}
	})
}
