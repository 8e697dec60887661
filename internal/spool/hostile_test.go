//go:build unix && !(aix || illumos || solaris)

package spool_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/spool"
)

// planted is the id under which the hostile files of these tests are planted.
var planted = reportID(0xbad)

// A trap is what somebody may have put into the directory under a name.
type trap struct {
	name string
	// plant puts it at path. outside is a file out of the directory, with a
	// valid report in it.
	plant func(t *testing.T, path, outside string)
}

func content(b []byte) func(*testing.T, string, string) {
	return func(t *testing.T, path, _ string) {
		require.NoError(t, os.WriteFile(path, b, 0o600))
	}
}

func traps() []trap {
	valid := spool.Frame("report", planted, []byte("planted"))
	flipped := bytes.Clone(valid)
	flipped[len(flipped)-1] ^= 1
	return []trap{
		{"empty", content(nil)},
		{"no frame", content([]byte("{}\n{}\n"))},
		{"no line", content(bytes.Repeat([]byte("x"), 10_000))},
		{"torn header", content(valid[:40])},
		{"torn data", content(valid[:len(valid)-1])},
		{"too long", content(append(bytes.Clone(valid), 'x'))},
		{"one bit", content(flipped)},
		{"another id", content(spool.Frame("report", reportID(5), []byte("planted")))},
		{"another kind", content(spool.Frame("state", planted, []byte("planted")))},
		{"version 0", content(bytes.Replace(valid, []byte("spool 1"), []byte("spool 0"), 1))},
		{"version of the future", content(bytes.Replace(valid, []byte("spool 1"), []byte("spool 2"), 1))},
		{"version of a far future", content(bytes.Replace(valid, []byte("spool 1"), []byte("spool 99999999999999999999"), 1))},
		{"2 GB", func(t *testing.T, path, _ string) {
			require.NoError(t, os.WriteFile(path, valid, 0o600))
			require.NoError(t, os.Truncate(path, 2<<30))
		}},
		{"1 TB", func(t *testing.T, path, _ string) {
			require.NoError(t, os.WriteFile(path, valid, 0o600))
			require.NoError(t, os.Truncate(path, 1<<40)) // more than can be read by mistake
		}},
		{"link out", func(t *testing.T, path, outside string) {
			require.NoError(t, os.Symlink(outside, path))
		}},
		{"link to nothing", func(t *testing.T, path, _ string) {
			require.NoError(t, os.Symlink("nothing", path))
		}},
		{"link to itself", func(t *testing.T, path, _ string) {
			require.NoError(t, os.Symlink(filepath.Base(path), path))
		}},
		{"link to a device", func(t *testing.T, path, _ string) {
			require.NoError(t, os.Symlink("/dev/zero", path))
		}},
		{"hard link out", func(t *testing.T, path, outside string) {
			require.NoError(t, os.WriteFile(outside, []byte("precious"), 0o600))
			require.NoError(t, os.Link(outside, path))
		}},
		{"fifo", func(t *testing.T, path, _ string) {
			require.NoError(t, syscall.Mkfifo(path, 0o600))
		}},
		{"directory", func(t *testing.T, path, _ string) {
			require.NoError(t, os.Mkdir(path, 0o700))
		}},
		{"full directory", func(t *testing.T, path, _ string) {
			require.NoError(t, os.MkdirAll(filepath.Join(path, "below"), 0o700))
		}},
		{"another user's", func(t *testing.T, path, _ string) {
			require.NoError(t, os.WriteFile(path, valid, 0o666))
			if err := os.Chown(path, 12345, 12345); err != nil {
				t.Skip("needs root to give a file away: ", err)
			}
		}},
	}
}

// TestHostileFiles plants each trap under each name that the store looks at.
// Nothing is fatal, nothing waits, nothing that is outside changes, what was
// stored is handed out, and the store goes on working.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for place, name := range map[string]string{
		"report":  spool.ReportName(time.Unix(1_800_000_000, 0), planted),
		"run":     spool.RunName(time.Unix(1_800_000_000, 0), planted),
		"crash":   planted + ".crash",
		"temp":    planted + ".tmp",
		"aside":   "1800000000000-" + planted + ".bad",
		"lock":    "spool.lock",
		"state":   "spool.state",
		"newline": "a\nb.report",
	} {
		for _, trap := range traps() {
			t.Run(place+"/"+trap.name, func(t *testing.T) {
				t.Parallel()
				s, dir := newStore(t, spool.Options{})
				outside := filepath.Join(t.TempDir(), "outside")
				require.NoError(t, os.WriteFile(outside, spool.Frame("report", planted, []byte("outside")), 0o600))
				put(t, s, reportID(1))
				trap.plant(t, filepath.Join(dir, name), outside)
				before := snapshot(t, outside)
				survive(t, s)
				require.Equal(t, before, snapshot(t, outside))
				require.LessOrEqual(t, len(files(t, dir)), 4, "nothing heaps up: %q", files(t, dir))
				clearErr := s.Clear()
				if trap.name != "full directory" {
					require.NoError(t, clearErr)
				}
				require.Equal(t, before, snapshot(t, outside))
				put(t, s, reportID(3))
				require.Equal(t, reportID(3), take(t, s).ID())
			})
		}
	}
}

// survive calls everything that reads the directory.
func survive(t *testing.T, s *spool.Store) {
	t.Helper()
	require.NoError(t, s.Sweep())
	runs, err := s.DeadRuns()
	require.NoError(t, err)
	require.Empty(t, runs)
	r := take(t, s)
	require.Equal(t, reportID(1), r.ID())
	_ = r.Drop(spool.SendError) // can not be counted where a later version counts
	takeNone(t, s)
	_, _ = s.Read(planted)
	_, ok, err := s.Allow("key", limit.Rate{N: 1, Per: time.Hour})
	require.True(t, ok, err)
	_, _ = s.TakeLost()
	run, err := s.Begin(nil)
	require.NoError(t, err)
	require.NoError(t, run.End())
	put(t, s, reportID(2))
	require.Equal(t, contentOf(reportID(2)), take(t, s).Data())
	for range 3 {
		require.NoError(t, s.Sweep())
	}
}

// snapshot returns all of a file that could have been changed.
func snapshot(t *testing.T, path string) []any {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	return []any{string(b), info.ModTime(), info.Mode()}
}

// TestHostileReport names what becomes of a trap that has the name of a report.
func TestHostileReport(t *testing.T) {
	t.Parallel()
	leftAlone := []string{"version of the future", "another user's"}
	for _, trap := range traps() {
		t.Run(trap.name, func(t *testing.T) {
			t.Parallel()
			s, dir := newStore(t, spool.Options{})
			require.NoError(t, s.Sweep())
			name := spool.ReportName(time.Unix(1_800_000_000, 0), planted)
			outside := filepath.Join(t.TempDir(), "outside")
			trap.plant(t, filepath.Join(dir, name), outsideOf(t, outside))
			takeNone(t, s)
			if slices.Contains(leftAlone, trap.name) {
				require.Equal(t, []string{name}, files(t, dir))
			} else {
				require.Equal(t, 1, count(files(t, dir), ".bad"))
				require.Empty(t, ids(t, s))
			}
		})
	}
}

func outsideOf(t *testing.T, path string) string {
	t.Helper()
	require.NoError(t, os.WriteFile(path, spool.Frame("report", planted, []byte("outside")), 0o600))
	return path
}

// What is planted costs no report its place, and is not counted as a loss.
func TestHostileFilesDoNotCrowdOut(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{MaxReports: 3})
	require.NoError(t, s.Sweep())
	for n := range 50 {
		name := spool.ReportName(time.Unix(1_700_000_000, 0), reportID(1000+n))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
	}
	for n := range 3 {
		put(t, s, reportID(n))
	}
	require.ElementsMatch(t, []string{reportID(0), reportID(1), reportID(2)}, ids(t, s))
	lost, err := s.TakeLost()
	require.NoError(t, err)
	require.Nil(t, lost)
	require.NoError(t, s.Sweep())
	require.NoError(t, s.Sweep())
	require.LessOrEqual(t, count(files(t, dir), ".bad"), spool.MaxAside)
}

func TestFileInPlaceOfTheDirectory(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "fifo")
	require.NoError(t, syscall.Mkfifo(dir, 0o600))
	s := storeOf(t, dir, spool.Options{})
	_, err := s.Put(reportID(1), nil)
	require.EqualError(t, err, "write report to spool: not a directory")

	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink("nothing", link))
	_, err = storeOf(t, link, spool.Options{}).Put(reportID(1), nil)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// TestPlantedMarks: somebody has planted as many runs as a directory may have, each
// as large as can be. Looking for dead runs reads few of them, and comes to the run
// that is one at the latest when it looks again. It is not parallel, to measure.
func TestPlantedMarks(t *testing.T) {
	const large = 1 << 20
	many := 250
	if os.Getenv("SENTRY_STRESS") != "" {
		many = 900
	}
	for name, size := range map[string]int{"too large": large, "as large as can be": 256 << 10, "no mark": 100 << 10} {
		t.Run(name, func(t *testing.T) {
			s, dir := newStore(t, spool.Options{})
			require.NoError(t, os.MkdirAll(dir, 0o700))
			honest := reportID(many + 1)
			require.NoError(t, os.WriteFile(filepath.Join(dir, spool.RunName(time.Unix(1_800_000_000, 0), honest)), spool.Frame("run", honest, nil), 0o600))
			for n := range many {
				id := reportID(n)
				path := filepath.Join(dir, spool.RunName(time.Unix(1_800_000_000+int64(n), 0), id))
				line, _, _ := bytes.Cut(spool.Frame("run", id, make([]byte, size)), []byte("\n"))
				line[len(line)-1] ^= 1 // the checksum
				if name == "no mark" {
					line[0] = 'x'
				}
				require.NoError(t, os.WriteFile(path, append(line, '\n'), 0o600))
				require.NoError(t, os.Truncate(path, int64(len(line)+1+size))) // sparse: it takes no disk
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			runs, err := s.DeadRuns()
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			require.Empty(t, runs)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(40<<20))
			for looks := 0; len(runs) == 0; looks++ {
				require.Less(t, looks, 10)
				runs, err = s.DeadRuns()
				require.NoError(t, err)
			}
			require.Equal(t, honest, runs[0].ID)
			runs[0].Release()
		})
	}
}

// TestDirectoryOfAnotherUser is refused, unless it is root's.
func TestDirectoryOfAnotherUser(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	require.NoError(t, s.Check(false)) // it is not there yet
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, s.Check(false))
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Skip("needs root to give a directory away: ", err)
	}
	require.ErrorIs(t, s.Check(false), spool.ErrNotOwn)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
