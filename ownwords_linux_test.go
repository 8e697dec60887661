package sentry_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// TestOwnWordsOfTheDead: the monitor and the next start know the words of the image
// that has died. Of another build's, they let only public ones out.
func TestOwnWordsOfTheDead(t *testing.T) {
	t.Parallel()
	env := []string{"FATAL_OWN_WORDS=1", "FATAL_DATA=" + data("Tenpr Ubccre")}
	own := func(e *sentrytest.Event) {
		require.Equal(t, "panic: open the ledger of …: permission denied", e.Title())
		require.Equal(t, "ledger", e.Tags["death"])
		require.Equal(t, "of a test", e.Tags["kind"])
		require.NotContains(t, e.Tags, "ledger")
		requireNothingOf(t, "Tenpr Ubccre", e)
		require.Equal(t, "ledger.func1", e.Top().Function)
		require.NotEmpty(t, e.Contexts["crash"]["seen_by"])
		require.Contains(t, e.Contexts["crash"]["created_by"], "main.elsewhere")
	}
	for _, way := range []string{"FATAL_MONITOR=1", "FATAL_MONITOR="} {
		h := fatalHousehold(t, env...).withSpool(t)
		h.run(t, "ledger", way)
		if way == "FATAL_MONITOR=" {
			h.nextStart(t)
		}
		own(h.server.Wait(1)[0])
	}
	h := fatalHousehold(t, append(env, "FATAL_MONITOR=1")...)
	h.run(t, "ledger")
	own(h.server.Wait(1)[0])

	h = fatalHousehold(t, env...).withSpool(t)
	h.run(t, "ledger")
	died := h.bin
	h.bin = filepath.Join(t.TempDir(), "next")
	testprogram.Copy(t, died, h.bin)
	require.NoError(t, os.Chtimes(h.bin, time.Unix(4711, 0), time.Unix(4711, 0)))
	h.nextStart(t)
	e := h.server.Wait(1)[0]
	require.Equal(t, "panic: open …: permission denied", e.Title())
	require.Equal(t, "ledger.func1", e.Top().Function)
	require.Equal(t, "ledger", e.Tags["death"])
}
