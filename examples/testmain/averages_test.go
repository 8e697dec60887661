package testmain_test

import (
	"log"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/examples/testmain"
)

// TestMain starts the monitor before anything else: it is this test binary
// again, with the same arguments, and does not return from Init. No test runs in
// it. Whatever comes before Init runs twice.
func TestMain(m *testing.M) {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN(), sentry.WithCrashMonitor()); err != nil {
		log.Print(err) // and go on: the tests are right or wrong without reports
	}
	defer sentry.Close()
	defer sentry.Recover() // examples run in this goroutine, tests do not
	m.Run()                // its result is the exit status when TestMain returns
}

func TestAverages(t *testing.T) {
	require.Equal(t, []int{2, 5}, testmain.Averages([]int{1, 2, 3}, []int{5}))
}

// TestAveragesOfNothing crashes when asked to, as a test would that has found
// the mistake.
func TestAveragesOfNothing(t *testing.T) {
	if os.Getenv("CRASH") == "" {
		t.Skip("crashes, with CRASH=1")
	}
	testmain.Averages([]int{1, 2, 3}, nil)
}
