package sentrytest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// run panics under a guard, as the code of an application does.
func run() {
	defer sentry.Recover()
	panic("out of paper")
}

func TestInit(t *testing.T) {
	t.Setenv("DO_NOT_TRACK", "1")
	var first *sentrytest.Server
	t.Run("reports", func(t *testing.T) {
		first = sentrytest.Init(t, sentry.WithEnvironment("test"))
		require.Panics(t, run)
		require.Equal(t, "panic: out of paper", first.Wait(1)[0].Title())
		require.Equal(t, "test", first.Events()[0].Environment)
	})
	require.Panics(t, run, "nobody listens")
	t.Run("reports to its own", func(t *testing.T) {
		server := sentrytest.Init(t)
		require.Panics(t, run)
		server.Wait(1)
	})
	require.Len(t, first.Events(), 1)
}

func TestInitOfWhatIsWrong(t *testing.T) {
	require.Contains(t, failureOf(func(tb sentrytest.TB) {
		sentrytest.Init(setter{tb, t}, sentry.WithEnvironments())
	}), "sentrytest: init sentry: WithEnvironments: ")
}

func TestInitIsNotForParallelTests(t *testing.T) {
	t.Run("parallel", func(t *testing.T) {
		t.Parallel()
		require.Panics(t, func() { sentrytest.Init(t) })
	})
}

// setter is a TB that sets nothing, and is cleaned up after t.
type setter struct {
	sentrytest.TB
	t *testing.T
}

func (setter) Setenv(string, string) {}
func (s setter) Cleanup(f func())    { s.t.Cleanup(f) }
