package examples_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// TestSuiteThatDies under go test, which removes the binary as soon as that is
// dead: the monitor may only be starting then.
func TestSuiteThatDies(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		death   string
		title   string
		culprit string
	}{
		{death: "test", title: "runtime error: index out of range [0] with length 0", culprit: "TestDeath"},
		{death: "job", title: "panic: the job went wrong", culprit: "TestDeath.func1"},
		{death: "timeout", title: "panic: test timed out after 1s"},
	} {
		t.Run(tt.death, func(t *testing.T) {
			t.Parallel()
			server := sentrytest.NewServer(t)

			ended := run(t, server, testprogram.Command(t, "go", "test", "-count=1", "-timeout=1s", "./testmain"), "DIE="+tt.death)

			require.Equal(t, 1, ended.Status, ended.Stdout)
			event := server.Wait(1)[0]
			require.Equal(t, tt.title, event.Title())
			require.Equal(t, "TestDeath", event.Tags["test"])
			if tt.culprit != "" {
				require.Equal(t, module+"/testmain."+tt.culprit, event.Culprit().Name())
				return
			}
			require.Contains(t, event.Exception().Value, "TestDeath")
			var hanging []string // in goroutines other than that of the panic
			for _, thread := range event.Threads {
				if thread.Stacktrace != nil { // that of the panic is in the exception
					for _, frame := range thread.Stacktrace.Frames {
						hanging = append(hanging, frame.Name())
					}
				}
			}
			require.Contains(t, hanging, module+"/testmain.TestDeath.func2")
		})
	}
}

func TestSuiteThatPasses(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)

	ended := run(t, server, testprogram.Command(t, "go", "test", "-count=1", "./testmain"))

	require.Zero(t, ended.Status, ended.Stdout)
	require.Empty(t, server.Attempts())
}
