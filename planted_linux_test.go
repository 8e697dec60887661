package sentry_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/folder"
	"github.com/panicreport/sentry/internal/testprogram"
)

// TestPlantedMarks: somebody has planted 900 marks of dead runs, of 1 MiB each or as
// large as one may be. A start costs little more processor time and memory than in an
// empty directory.
func TestPlantedMarks(t *testing.T) {
	t.Parallel()
	const (
		many       = 900
		moreTime   = time.Second // as processor time; reading all of them takes several
		moreMemory = 64 << 10    // in KiB; all of them are 900 MiB
	)
	start := func(h household) (spent time.Duration, memory int64) {
		cmd := h.command(t, "none")
		require.Zero(t, testprogram.Run(t, cmd).Status)
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), int64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss)
	}
	for _, size := range []int{1 << 20, 255 << 10} {
		h := fatalHousehold(t).withSpool(t)
		clean, cleanMemory := start(h)
		id := func(n int) string { return fmt.Sprintf("%032x", n+1) }
		header := folder.Header{Kind: "run", ID: id(0)}.Line(make([]byte, size))
		for n := range many {
			path := filepath.Join(h.dir, fmt.Sprintf("%013d-%s-0-%013d.run", 1_700_000_000_000+int64(n), id(n), 0))
			line := strings.Replace(header, id(0), id(n), 1)
			require.NoError(t, os.WriteFile(path, []byte(line), 0o600))
			require.NoError(t, os.Truncate(path, int64(len(line)+size))) // sparse: it takes no disk
		}
		planted, plantedMemory := start(h)
		t.Logf("empty: %s, %d KiB; with %d marks of %d bytes: %s, %d KiB", clean, cleanMemory, many, size, planted, plantedMemory)
		require.Less(t, planted, clean+moreTime)
		require.Less(t, plantedMemory, cleanMemory+moreMemory)
	}
}
