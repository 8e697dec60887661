package lifetime

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/cgroup"
	"github.com/panicreport/sentry/internal/folder"
	"github.com/panicreport/sentry/internal/moments"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/vitals"
)

// counting are the vitals where the kernel has killed so many.
func counting(kills uint64) vitals.Vitals {
	g := cgroup.Group{ID: 1, Limit: 512 << 20, Peak: 510 << 20, Counts: true, Kills: kills}
	return vitals.Vitals{Kernel: cgroup.Memory{Groups: []cgroup.Group{g}}}
}

// killedOf are how many of the runs in a store are taken for killed for memory: each
// was begun with so many kills, and has looked again after a collection if that is not 0.
func killedOf(t *testing.T, now uint64, runs ...[2]uint64) (killed int) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o700))
	for i, kills := range runs {
		begun := counting(kills[0])
		doc, err := json.Marshal(memo{Vitals: &begun})
		require.NoError(t, err)
		id := folder.RandomID()
		name := fmt.Sprintf("%013d-%s-0-%013d.run", time.Now().UnixMilli()+int64(i), id, 0)
		text := append([]byte(folder.Header{Kind: "run", ID: id}.Line(doc)), doc...)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
		if kills[1] == 0 {
			continue
		}
		mem := make([]byte, moments.Size)
		later, err := json.Marshal(counting(kills[1]))
		require.NoError(t, err)
		moments.NewBook(func(at int64, entry []byte) error { copy(mem[at:], entry); return nil }).State(later)
		require.NoError(t, os.WriteFile(filepath.Join(dir, id+".last"), mem, 0o600))
	}
	store, err := spool.New(dir, spool.Options{})
	require.NoError(t, err)
	dead, err := store.DeadRuns()
	require.NoError(t, err)
	require.Len(t, dead, len(runs))
	for _, e := range examine(dead, counting(now)) {
		if e.kill != nil {
			killed++
		}
		e.Release()
	}
	return killed
}

// TestEvidence of the counter, by what each run has last seen of it.
func TestEvidence(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		now  uint64
		runs [][2]uint64
		want int
	}{
		{"it has grown", 1, [][2]uint64{{0, 0}}, 1},
		{"it has not", 1, [][2]uint64{{1, 0}}, 0},
		{"it had grown while the run went on: that was another process", 1, [][2]uint64{{0, 1}}, 0},
		{"and has grown again", 2, [][2]uint64{{0, 1}}, 1},
		{"one kill, two runs", 1, [][2]uint64{{0, 0}, {0, 0}}, 0},
		{"two kills, two runs", 2, [][2]uint64{{0, 0}, {0, 0}}, 2},
		{"one kill, and a run that has begun after it", 1, [][2]uint64{{0, 0}, {1, 0}}, 1},
	} {
		require.Equal(t, tt.want, killedOf(t, tt.now, tt.runs...), tt.name)
	}
}
