//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// groupVariable names a control group in which the test may make others: that of
// systemd-run --user --scope -p Delegate=yes, or one that root has made.
const groupVariable = "SENTRY_TEST_CGROUP"

var endsProgramOfTheKernel = testprogram.Source{Dir: "testdata/ends", Env: []string{"CGO_ENABLED=0"}}.Once()

// limitedGroup makes a group of 64 MiB, and returns the file of its processes.
func limitedGroup(t *testing.T) (procs string) {
	t.Helper()
	parent := os.Getenv(groupVariable)
	if parent == "" {
		t.Skip("no control group to make others in: " + groupVariable + " names one")
	}
	group := filepath.Join(parent, strings.ReplaceAll(t.Name(), "/", "-"))
	_ = os.WriteFile(filepath.Join(parent, "cgroup.subtree_control"), []byte("+memory"), 0o644) // of version 2
	require.NoError(t, os.Mkdir(group, 0o755))
	t.Cleanup(func() { testprogram.Eventually(t, func() bool { return os.Remove(group) == nil }) })
	limit := filepath.Join(group, "memory.max")
	if _, err := os.Stat(limit); err != nil {
		limit = filepath.Join(group, "memory.limit_in_bytes")
	}
	require.NoError(t, os.WriteFile(limit, []byte("67108864"), 0o644))
	_ = os.WriteFile(filepath.Join(group, "memory.swap.max"), []byte("0"), 0o644)
	return filepath.Join(group, "cgroup.procs")
}

// TestOutOfMemoryOfTheKernel is the real thing, whoever sees it.
func TestOutOfMemoryOfTheKernel(t *testing.T) {
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			procs := limitedGroup(t)
			m := newMachine(t, w.env)
			m.bin = endsProgramOfTheKernel(t)
			inGroup := func(how string) testprogram.Ending {
				cmd := m.command(t, how)
				cmd.Args = []string{"sh", "-c", fmt.Sprintf("echo $$ > '%s' && exec '%s' %s", procs, m.bin, how)}
				cmd.Path = "/bin/sh"
				return testprogram.Run(t, cmd)
			}
			require.Equal(t, "signal: killed", inGroup("hog").State)
			m.untilNobodyWatches(t)
			require.Contains(t, inGroup("well").Stdout, "crashed true")
			require.Len(t, m.events(), 1)
			require.Regexp(t, `^out of memory: killed by the kernel at 6[0-4] MiB of 64 MiB$`, m.events()[0].Title())
		})
	}
}
