//go:build linux

package sentry_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

// diesOf is the report of such a death.
func diesOf(t *testing.T, kind string, env ...string) *sentrytest.Event {
	t.Helper()
	h := fatalHousehold(t, env...).withSpool(t)
	h.run(t, kind)
	h.nextStart(t)
	require.Len(t, h.server.Events(), 1)
	e := h.server.Events()[0]
	require.Less(t, len(e.Raw), 200_000)
	return e
}

func TestOtherGoroutinesAreThreads(t *testing.T) {
	t.Parallel()
	e := diesOf(t, "variety")
	require.Len(t, e.Threads, 100)
	require.Equal(t, e.Exception().ThreadID, e.Threads[0].ID)
	require.True(t, e.Threads[0].Crashed)
	require.Len(t, e.Threads[50].Stacktrace.Frames, 4)
	require.Greater(t, e.Contexts["crash"]["goroutines_left_out"], 150.0)
}

// TestCrowd: of 10,000 goroutines that wait for one, that one is seen first.
func TestCrowd(t *testing.T) {
	t.Parallel()
	e := diesOf(t, "crowd")
	require.Less(t, len(e.Threads), 10)
	require.Nil(t, e.Contexts["crash"]["goroutines_left_out"])
	var names []string
	for _, thread := range e.Threads {
		names = append(names, thread.Name)
	}
	require.Regexp(t, `^goroutine 1 \[running\]\n(.*\n)*goroutine \d+ \[chan receive\]\n(.*\n)*`+
		`goroutine \d+ \[select \(no cases\)\] and \d{2,3} like it\n(.*\n)*`+
		`goroutine \d+ \[sync.Mutex.Lock\] and \d,\d{3} like it`, strings.Join(names, "\n"))
}

// TestGoroutineLabels: Go 1.27 prints them, if go.mod says so, and 1.26 if asked.
func TestGoroutineLabels(t *testing.T) {
	t.Parallel()
	if strings.HasPrefix(runtime.Version(), "go1.25") {
		t.Skip("Go 1.25 does not print labels")
	}
	for _, guarded := range []string{"", "1"} {
		e := diesOf(t, "labels", "GODEBUG=tracebacklabels=1", "FATAL_GUARDED="+guarded)
		require.Equal(t, map[string]any{"tenant": "acme corp", "password": "[Filtered]", "who": "[email]"}, e.Contexts["goroutine_labels"])
		if guarded == "" {
			require.Contains(t, string(e.Raw), `] {other: \"billing\", password:`)
		}
		for _, secret := range []string{"hunter2", "horse", "@example.com"} {
			require.NotContains(t, string(e.Raw), secret)
		}
	}
	require.NotContains(t, string(diesOf(t, "labels", "GODEBUG=tracebacklabels=1", "FATAL_WITHOUT_MESSAGES=1").Raw), "acme corp")
}
