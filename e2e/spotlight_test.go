package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// startSpotlight returns the address of a Spotlight.
func startSpotlight(t *testing.T) string {
	t.Helper()
	dir := installed(t, nodePackages)
	script, err := filepath.Abs("testdata/serve_spotlight.mjs")
	require.NoError(t, err)
	cmd := exec.Command("node", script, filepath.Join(dir, "node_modules/@spotlightjs/spotlight/dist/server/main.js"))
	cmd.Dir = t.TempDir()
	cmd.Env = testprogram.Environment()
	var ready struct{ URL string }
	serve(t, cmd, &ready)
	return ready.URL
}

// showLimit is how long Spotlight may take to show on its page all that it has
// taken: a few milliseconds on a machine that has nothing else to do.
const showLimit = 30 * time.Second

// TestSpotlight: what a developer without an account looks at takes our reports
// and hands them on to its page.
func TestSpotlight(t *testing.T) {
	t.Parallel()
	address := startSpotlight(t)
	w := watch(t, strings.Replace(address, "//", "//spotlight@", 1)+"/1")

	ctx, cancel := context.WithTimeout(t.Context(), showLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address+"/stream", nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	page := bufio.NewReader(resp.Body)

	for kind, title := range map[string]string{
		"nil":        "runtime error: invalid memory address or nil pointer dereference",
		"control":    "panic: first line",
		"deep":       "panic: deep",
		"everything": "panic: load: query failed: select 1; ",
	} {
		die(t, w.dsn, kind)
		answers := w.seen()
		require.Len(t, answers, 1)
		require.Equal(t, http.StatusOK, answers[0].status)
		e := nextEvent(t, page)
		require.Equal(t, kind, e.Tags["death"])
		require.Truef(t, strings.HasPrefix(e.Title(), title), "%.200s", e.Title())
		require.Equal(t, release, e.Release)
		require.Equal(t, source, e.Culprit().Filename)
		require.True(t, e.Unhandled())
	}
}

// nextEvent reads the next envelope that Spotlight shows on its page:
//
//	data: [{"event_id":"…"},[[{"type":"event"},{"level":"fatal"}]]]
func nextEvent(t *testing.T, page *bufio.Reader) *sentrytest.Event {
	t.Helper()
	for {
		line, err := page.ReadString('\n')
		require.NoError(t, err)
		data, ok := strings.CutPrefix(line, "data:")
		if !ok {
			continue
		}
		var envelope []json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(data), &envelope))
		require.Len(t, envelope, 2)
		var items [][2]json.RawMessage
		require.NoError(t, json.Unmarshal(envelope[1], &items))
		require.Len(t, items, 1)
		return parseEvent(t, items[0][1])
	}
}

// parseEvent reads a payload that arrives without its envelope.
func parseEvent(t *testing.T, payload []byte) *sentrytest.Event {
	t.Helper()
	envelope, err := sentrytest.ParseEnvelope([]byte("{}\n{\"type\":\"event\"}\n" + string(payload) + "\n"))
	require.NoError(t, err)
	event, err := envelope.Event()
	require.NoError(t, err)
	return event
}
