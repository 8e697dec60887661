package spool_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/spool"
)

// noOutput is for a run that has no file for its crash output.
const noOutput = "none"

// leave writes what a dead process has left: the mark of its run, and its crash
// output.
func leave(t testing.TB, dir, name, id, output string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), spool.Frame("run", id, []byte("meta")), 0o600))
	if output != noOutput {
		require.NoError(t, os.WriteFile(filepath.Join(dir, id+".crash"), []byte(output), 0o600))
	}
}

// leaveCrashes leaves unreported crashes with the ids from first to last, a
// second apart.
func leaveCrashes(t testing.TB, dir string, begin time.Time, first, last int) {
	t.Helper()
	for n := first; n <= last; n++ {
		leave(t, dir, spool.RunName(begin.Add(time.Duration(n)*time.Second), reportID(n)), reportID(n), "panic: x")
	}
}

func deadRuns(t testing.TB, s *spool.Store) []*spool.DeadRun {
	t.Helper()
	runs, err := s.DeadRuns()
	require.NoError(t, err)
	return runs
}

func lost(t testing.TB, s *spool.Store) int {
	t.Helper()
	lost, err := s.TakeLost()
	require.NoError(t, err)
	n := lost[spool.CacheOverflow]
	delete(lost, spool.CacheOverflow)
	require.Empty(t, lost)
	return n
}

func TestRun(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	require.Empty(t, deadRuns(t, s))

	run, err := s.Begin([]byte("clean"))
	require.NoError(t, err)
	output, err := run.CreateCrashFile()
	require.NoError(t, err)
	require.NoError(t, output.Close())
	_, err = run.CreateCrashFile()
	require.ErrorIs(t, err, fs.ErrExist)
	require.NoError(t, run.SetMeta([]byte("clean 2")))
	require.Empty(t, deadRuns(t, s), "it lives")
	require.NoError(t, run.End())
	require.NoError(t, run.End())
	require.Error(t, run.SetMeta(nil))
	require.Empty(t, files(t, dir))

	_, err = s.Begin(make([]byte, 1<<20))
	require.EqualError(t, err, "mark run in spool: 1048576 bytes of metadata, more than 262144")
}

func TestDeadRunIsHeld(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	began := time.Now().Add(-time.Minute)
	leave(t, dir, spool.RunName(began, reportID(1)), reportID(1), "panic: x")
	runs := deadRuns(t, s)
	require.Len(t, runs, 1)
	other := storeOf(t, dir, spool.Options{})
	require.Empty(t, deadRuns(t, other), "claimed")
	none, held, err := other.DeadRun(reportID(1))
	require.NoError(t, err)
	require.True(t, held)
	require.Nil(t, none)

	runs[0].Release()
	r, _, err := other.DeadRun(reportID(1))
	require.NoError(t, err)
	require.Equal(t, []byte("meta"), r.Meta)
	require.True(t, r.Crashed)
	require.InDelta(t, time.Minute, r.Ran, float64(30*time.Second))
	require.WithinDuration(t, began, r.Started, time.Second)
	require.NoError(t, r.Reported())

	// The next start is told, and has nothing to report.
	runs = deadRuns(t, s)
	require.Len(t, runs, 1)
	require.True(t, runs[0].Crashed)
	require.Equal(t, r.Ran.Milliseconds(), runs[0].Ran.Milliseconds())
	_, err = runs[0].OpenCrashFile()
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, runs[0].Remove())
	require.Empty(t, files(t, dir))
}

// A process marked itself as it crashed, and wrote its crash output after that:
// earlier versions did.
func TestRunThatMarkedItself(t *testing.T) {
	t.Parallel()
	for name, output := range map[string]string{"reported": noOutput, "unreported": "panic: x"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, dir := newStore(t, spool.Options{})
			leave(t, dir, spool.MarkedRunName(time.Now(), reportID(1), 1500*time.Millisecond), reportID(1), output)
			for n := 2; n < spool.MaxRuns+1; n++ {
				leave(t, dir, spool.RunName(time.Now().Add(time.Hour), reportID(n)), reportID(n), "")
			}
			require.NoError(t, s.Sweep())
			runs := deadRuns(t, s)
			require.Len(t, runs, spool.MaxRuns)
			r := runs[0]
			require.Equal(t, reportID(1), r.ID)
			require.True(t, r.Crashed)
			require.Equal(t, 1500*time.Millisecond, r.Ran)
			f, err := r.OpenCrashFile()
			if output == noOutput {
				require.ErrorIs(t, err, fs.ErrNotExist)
				return
			}
			require.NoError(t, err)
			defer f.Close()
			text, err := io.ReadAll(f)
			require.NoError(t, err)
			require.Equal(t, output, string(text))
		})
	}
}

func TestRunsAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		name   string
		marked bool
		output string
		bound  int
		lost   int
	}{
		{"killed before it had a file", false, noOutput, spool.MaxRuns, 0},
		{"killed", false, "", spool.MaxRuns, 0},
		{"reported", true, noOutput, spool.MaxRuns, 0},
		{"unreported", false, "panic: x", spool.MaxUnreported, 20}, // of more than are dropped at once
		{"marked and unreported", true, "panic: x", spool.MaxUnreported, 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, dir := newStore(t, spool.Options{})
			left := func(at time.Time, id string) {
				name := spool.RunName(at, id)
				if test.marked {
					name = spool.MarkedRunName(at, id, time.Second)
				}
				leave(t, dir, name, id, test.output)
			}
			for n := range test.bound + 20 {
				left(now.Add(time.Duration(n)*time.Second), reportID(n))
			}
			require.NoError(t, s.Sweep())
			require.NoError(t, s.Sweep())
			names := files(t, dir)
			require.Equal(t, test.bound, count(names, ".run"))
			require.LessOrEqual(t, count(names, ".crash"), test.bound)
			require.Equal(t, test.lost, lost(t, s))
			_, held, err := s.DeadRun(reportID(19))
			require.NoError(t, err)
			require.False(t, held)
			oldest, _, err := s.DeadRun(reportID(20))
			require.NoError(t, err)
			require.NotNil(t, oldest, "the oldest are dropped")
		})
	}
}

func TestAgeOfRuns(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for _, test := range []struct {
		name   string
		age    time.Duration
		output string
		kept   bool
		lost   int
	}{
		{"young", 89 * day, "", true, 0},
		{"young and unreported", 89 * day, "panic: x", true, 0},
		{"old", 91 * day, "", false, 0},
		{"old and unreported", 91 * day, "panic: x", false, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, dir := newStore(t, spool.Options{})
			leave(t, dir, spool.RunName(time.Now().Add(-test.age), reportID(1)), reportID(1), test.output)
			require.NoError(t, s.Sweep())
			require.Equal(t, test.lost, lost(t, s))
			require.Equal(t, test.kept, len(deadRuns(t, s)) == 1)
			require.Equal(t, test.kept, count(files(t, dir), ".crash") == 1)
		})
	}
}

// Neither the crashes that wait nor the runs that ended otherwise cost the
// others their place; and those that live are spared.
func TestBoundsOfRunsAreApart(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	now := time.Now()
	live, err := s.Begin(nil)
	require.NoError(t, err)
	output, err := live.CreateCrashFile()
	require.NoError(t, err)
	defer output.Close()
	const each = spool.MaxRuns + 10
	for n := range each {
		at := now.Add(time.Duration(1+n) * time.Second)
		leave(t, dir, spool.RunName(at, reportID(n)), reportID(n), "panic: x")
		leave(t, dir, spool.RunName(at, reportID(1000+n)), reportID(1000+n), "")
	}
	orphan := filepath.Join(dir, reportID(2000)+".crash")
	require.NoError(t, os.WriteFile(orphan, []byte("panic: x"), 0o600))

	require.NoError(t, s.Sweep())
	names := files(t, dir)
	require.Contains(t, names, spool.NameOf(live))
	require.Equal(t, each+spool.MaxRuns+1, count(names, ".run"))
	require.Equal(t, each+spool.MaxRuns+1, count(names, ".crash"))
	require.NoFileExists(t, orphan)
	require.Zero(t, lost(t, s))
	require.NoError(t, live.End())
}

// A run that is being reported is no loss, however many came after it.
func TestRunThatIsHeldIsNotDropped(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	begin := time.Now()
	leaveCrashes(t, dir, begin, 1, 1)
	held := deadRuns(t, s)
	leaveCrashes(t, dir, begin, 2, spool.MaxUnreported+1)
	require.NoError(t, storeOf(t, dir, spool.Options{}).Sweep())
	require.FileExists(t, filepath.Join(dir, held[0].ID+".crash"))
	require.Zero(t, lost(t, s))
	require.NoError(t, held[0].Remove())
}

// A process that lived when Sweep looked at its run may be dead, and have
// written its crash output, when it is the run's turn.
func TestRunThatCrashesWhileItIsSwept(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	leaveCrashes(t, dir, time.Now(), 1, 1)
	require.NoError(t, spool.RemoveQuiet(s, reportID(1)))
	require.Len(t, deadRuns(t, s), 1)
}

// More names than are read of a directory: that a run is not among them does
// not say that its crash output has none.
func TestCrashesBeyondWhatIsListed(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	leaveCrashes(t, dir, time.Now(), 1, spool.MaxListed)
	dropped := 0
	for range 10 {
		require.NoError(t, s.Sweep())
		dropped += lost(t, s)
	}
	names := files(t, dir)
	require.Equal(t, spool.MaxUnreported, count(names, ".run"))
	require.Equal(t, spool.MaxUnreported, count(names, ".crash"))
	require.Equal(t, spool.MaxListed-spool.MaxUnreported, dropped)
}

// Each call claims so many, the newest of all among them, and the next ones
// those before.
func TestDeadRunsInTurns(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	const crashes = 2*spool.MaxClaimed + 5
	leaveCrashes(t, dir, time.Now(), 1, crashes)
	newest := crashes
	for newest > 0 {
		runs := deadRuns(t, s)
		require.Len(t, runs, min(newest, spool.MaxClaimed))
		require.NoError(t, s.Sweep(), "as at every start")
		for i, r := range runs { // the oldest first
			require.Equal(t, reportID(newest-len(runs)+1+i), r.ID)
			require.True(t, r.Crashed)
		}
		// Half of the starts die before they have reported.
		if other := deadRuns(t, storeOf(t, dir, spool.Options{})); len(other) > 0 {
			require.Equal(t, reportID(newest-len(runs)), other[len(other)-1].ID)
			for _, r := range other {
				r.Release()
			}
		}
		for _, r := range runs {
			require.NoError(t, r.Remove())
		}
		newest -= len(runs)
	}
	require.Empty(t, deadRuns(t, s))
	require.Zero(t, lost(t, s))
	require.Empty(t, files(t, dir))
}

// What a run has noted is for whoever finds it dead.
func TestNotes(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	run, err := s.Begin(nil)
	require.NoError(t, err)
	require.Error(t, run.Note(0, []byte("too early")))
	require.NoError(t, run.CreateNotes())
	require.NoError(t, run.Note(0, []byte("first\n")))
	require.NoError(t, run.Note(8000, []byte("second\n")))
	require.NoError(t, run.Note(0, []byte("third\n")))
	require.Error(t, run.Note(4<<20, []byte("x")))
	require.NoError(t, spool.Abandon(run))

	runs := deadRuns(t, s)
	require.Len(t, runs, 1)
	notes, err := runs[0].Notes()
	require.NoError(t, err)
	require.Equal(t, []string{"third", "second"}, strings.FieldsFunc(string(notes), func(r rune) bool { return r == 0 || r == '\n' }))
	require.NoError(t, runs[0].Remove())
	require.Empty(t, files(t, dir))
}

// A directory that vanishes takes the mark of a run along, which notices it.
func TestRunThatIsGone(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	run, err := s.Begin(nil)
	require.NoError(t, err)
	require.False(t, run.IsGone())
	require.NoError(t, run.SetMeta([]byte("another file")))
	require.False(t, run.IsGone())
	require.NoError(t, os.RemoveAll(dir))
	require.True(t, run.IsGone())
	require.NoError(t, run.End())
	require.False(t, run.IsGone(), "it has ended")
	require.NoDirExists(t, dir)
}
