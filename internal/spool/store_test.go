package spool_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/folder"
	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/spool"
)

func newStore(t testing.TB, opts spool.Options) (*spool.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "spool")
	return storeOf(t, dir, opts), dir
}

func storeOf(t testing.TB, dir string, opts spool.Options) *spool.Store {
	t.Helper()
	if opts.Wait == 0 {
		opts.Wait = time.Minute // machines that run tests are busy
	}
	s, err := spool.New(dir, opts)
	require.NoError(t, err)
	return s
}

func reportID(n int) string { return fmt.Sprintf("%032x", n) }

// put stores a report whose content follows from its id, and gives it back.
func put(t testing.TB, s *spool.Store, id string) {
	t.Helper()
	r, err := s.Put(id, contentOf(id))
	require.NoError(t, err)
	require.NoError(t, r.Release())
}

// contentOf returns what the tests store under an id: of many lengths, and
// recognisable when it is torn.
func contentOf(id string) []byte {
	n := 1 + int(id[31]-'0')%16*700
	return []byte(strings.Repeat(id, n/len(id)+1)[:n])
}

func take(t testing.TB, s *spool.Store) *spool.Report {
	t.Helper()
	r, err := s.Take()
	require.NoError(t, err)
	require.NotNil(t, r, "nothing to take")
	return r
}

func takeNone(t testing.TB, s *spool.Store) {
	t.Helper()
	r, err := s.Take()
	require.NoError(t, err)
	require.Nil(t, r)
}

func ids(t testing.TB, s *spool.Store) []string {
	t.Helper()
	infos, err := s.List()
	require.NoError(t, err)
	var ids []string
	for _, info := range infos {
		ids = append(ids, info.ID)
	}
	return ids
}

func files(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func count(names []string, suffix string) int {
	n := 0
	for _, s := range names {
		if strings.HasSuffix(s, suffix) {
			n++
		}
	}
	return n
}

func TestReportIsKeptUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	r, err := s.Put(reportID(1), []byte("envelope"))
	require.NoError(t, err)
	require.Equal(t, []byte("envelope"), r.Data())
	takeNone(t, storeOf(t, dir, spool.Options{})) // held

	require.NoError(t, r.Release())
	later := storeOf(t, dir, spool.Options{})
	r = take(t, later)
	require.Equal(t, reportID(1), r.ID())
	require.Equal(t, []byte("envelope"), r.Data())
	require.Zero(t, r.Attempts())
	takeNone(t, s)

	require.NoError(t, r.Remove())
	require.Error(t, r.Remove(), "a report that was given back")
	require.Empty(t, ids(t, s))
	require.Empty(t, files(t, dir))
}

func TestPutRefusesWhatIsNoReport(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	for _, id := range []string{"", "../../../../../../../../tmp/escape", strings.Repeat("A", 32), strings.Repeat("0", 31), strings.Repeat("0", 33)} {
		_, err := s.Put(id, nil)
		require.EqualError(t, err, "write report to spool: no event id")
	}
	_, err := s.Put(reportID(1), make([]byte, spool.MaxSize+1))
	require.EqualError(t, err, "write report to spool: 1048577 bytes, more than 1048576")
	require.NoDirExists(t, dir)

	r, err := s.Put(reportID(1), make([]byte, spool.MaxSize))
	require.NoError(t, err)
	require.NoError(t, r.Release())
	require.Len(t, take(t, s).Data(), spool.MaxSize)
}

func TestPutOfAStoredReport(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, spool.Options{})
	put(t, s, reportID(1))
	_, err := s.Put(reportID(1), []byte("again"))
	require.ErrorIs(t, err, spool.ErrExists)
	require.Equal(t, contentOf(reportID(1)), take(t, s).Data())
}

func TestRead(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, spool.Options{})
	_, err := s.Read(reportID(1))
	require.ErrorIs(t, err, fs.ErrNotExist)
	put(t, s, reportID(1))
	r := take(t, s)
	data, err := s.Read(reportID(1)) // held, and can be looked at
	require.NoError(t, err)
	require.Equal(t, r.Data(), data)
	_, err = s.Read(reportID(2))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	if filepath.Separator == '\\' {
		t.Skip("Windows has no permission bits")
	}
	parent := t.TempDir()
	dir := filepath.Join(parent, "a", "b")
	s := storeOf(t, dir, spool.Options{})
	require.NoError(t, s.Sweep())
	put(t, s, reportID(1))
	for _, made := range []string{filepath.Dir(dir), dir} {
		info, err := os.Stat(made)
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o700), info.Mode().Perm())
	}
	run, err := s.Begin(nil)
	require.NoError(t, err)
	defer run.End()
	_, _, err = s.Allow("key", limit.Rate{N: 1, Per: time.Hour})
	require.NoError(t, err)
	for _, file := range files(t, dir) {
		info, err := os.Stat(filepath.Join(dir, file))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), info.Mode().Perm(), file)
	}

	// A directory that was there is its owner's business.
	theirs := filepath.Join(parent, "theirs")
	require.NoError(t, os.Mkdir(theirs, 0o755))
	require.NoError(t, storeOf(t, theirs, spool.Options{}).Sweep())
	info, err := os.Stat(theirs)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o755), info.Mode().Perm())
}

func TestOldestFirst(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, spool.Options{})
	now := time.Now()
	for _, n := range []int{3, 1, 2} {
		s.SetNow(func() time.Time { return now.Add(time.Duration(n) * time.Minute) })
		put(t, s, reportID(n))
	}
	require.Equal(t, []string{reportID(1), reportID(2), reportID(3)}, ids(t, s))
	for _, n := range []int{1, 2, 3} {
		r := take(t, s)
		require.Equal(t, reportID(n), r.ID())
		defer r.Release()
	}
	takeNone(t, s)
}

func TestRetry(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	now := time.Now()
	s.SetNow(func() time.Time { return now })
	put(t, s, reportID(1))
	for attempt := 1; attempt < 12; attempt++ {
		require.NoError(t, take(t, s).Retry(now.Add(time.Minute)))
		takeNone(t, s)

		// Another run knows.
		s = storeOf(t, dir, spool.Options{})
		s.SetNow(func() time.Time { return now })
		infos, err := s.List()
		require.NoError(t, err)
		require.Len(t, infos, 1)
		require.Equal(t, min(attempt, 9), infos[0].Attempts)
		require.InDelta(t, time.Minute, infos[0].Wait, float64(time.Millisecond))
		takeNone(t, s)
		now = now.Add(time.Minute)
	}
	require.Equal(t, reportID(1), take(t, s).ID(), "it is kept until it is accepted")
}

func TestAttemptedGoesOnHolding(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	r, err := s.Put(reportID(1), nil)
	require.NoError(t, err)
	for attempt := 1; attempt < 5; attempt++ {
		require.NoError(t, r.Attempted(time.Now().Add(-time.Second)))
		require.Equal(t, attempt, r.Attempts())
		takeNone(t, storeOf(t, dir, spool.Options{}))
	}
	require.NoError(t, r.Release())
	require.Error(t, r.Attempted(time.Now()), "no longer held")
}

func TestClaim(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	none, err := s.Claim(reportID(1))
	require.NoError(t, err)
	require.Nil(t, none, "no directory")
	r, err := s.Put(reportID(1), []byte("x"))
	require.NoError(t, err)
	none, err = storeOf(t, dir, spool.Options{}).Claim(reportID(1))
	require.NoError(t, err)
	require.Nil(t, none, "held")
	require.NoError(t, r.Retry(time.Now().Add(time.Hour)))
	r, err = s.Claim(reportID(1))
	require.NoError(t, err)
	require.Equal(t, []byte("x"), r.Data(), "due or not")
	none, err = s.Claim(reportID(2))
	require.NoError(t, err)
	require.Nil(t, none, "not there")
	require.NoError(t, r.Remove())
}

func TestWaitIsBoundedWhateverTheClockDoes(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		name   string
		wait   time.Duration // as told
		jump   time.Duration // of the clock
		isLeft time.Duration
	}{
		{"a day at most", 400 * 24 * time.Hour, 0, spool.MaxWait},
		{"small jump back", time.Hour, -2 * time.Hour, 3 * time.Hour},
		{"jump back of a year", time.Hour, -365 * 24 * time.Hour, 0},
		{"jump back to a clock that was never set", time.Hour, -now.Sub(time.Unix(0, 0)), 0},
		{"jump forward", time.Hour, 30 * 24 * time.Hour, 0},
		{"in the past", -time.Hour, 0, 0},
		{"never", -1 << 62, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := newStore(t, spool.Options{})
			s.SetNow(func() time.Time { return now })
			r, err := s.Put(reportID(1), nil)
			require.NoError(t, err)
			require.NoError(t, r.Retry(now.Add(test.wait)))
			s.SetNow(func() time.Time { return now.Add(test.jump) })
			infos, err := s.List()
			require.NoError(t, err)
			require.InDelta(t, test.isLeft, infos[0].Wait, float64(time.Millisecond))
			if test.isLeft == 0 {
				require.Equal(t, reportID(1), take(t, s).ID())
			} else {
				takeNone(t, s)
			}
		})
	}
}

func TestOldestAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	now := time.Now()
	for n := range spool.DefaultMaxReports + 3 {
		s.SetNow(func() time.Time { return now.Add(time.Duration(n) * time.Second) })
		put(t, s, reportID(n))
	}
	stored := ids(t, s)
	require.Len(t, stored, spool.DefaultMaxReports)
	require.Equal(t, reportID(3), stored[0])

	// Across a restart, once, and again if it could not be told.
	s = storeOf(t, dir, spool.Options{})
	want := map[spool.Reason]int{spool.CacheOverflow: 3}
	lost, err := s.TakeLost()
	require.NoError(t, err)
	require.Equal(t, want, lost)
	again, err := s.TakeLost()
	require.NoError(t, err)
	require.Nil(t, again)
	require.NoError(t, s.AddLost(lost))
	lost, err = s.TakeLost()
	require.NoError(t, err)
	require.Equal(t, want, lost)
}

func TestReportsThatAreHeldAreNotDropped(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, spool.Options{MaxReports: 2})
	now := time.Now()
	s.SetNow(func() time.Time { now = now.Add(time.Second); return now })
	put(t, s, reportID(1))
	held := take(t, s)
	for n := 2; n < 6; n++ {
		put(t, s, reportID(n))
	}
	require.NoError(t, s.Sweep())
	require.Equal(t, []string{reportID(1), reportID(5)}, ids(t, s))
	require.NoError(t, held.Remove())
}

func TestAge(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		name   string
		stored time.Time
		kept   bool
	}{
		{"young", now.Add(-89 * 24 * time.Hour), true},
		{"old", now.Add(-91 * 24 * time.Hour), false},
		{"from the future", now.Add(1000 * 24 * time.Hour), true},
		{"by a clock that was not set", time.Unix(3, 0), true},
		{"by a clock before 1970", time.Unix(-3, 0), true},
		{"by a clock after 2286", time.UnixMilli(1 << 60), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, _ := newStore(t, spool.Options{})
			s.SetNow(func() time.Time { return test.stored })
			put(t, s, reportID(1))
			s.SetNow(func() time.Time { return now })
			require.NoError(t, s.Sweep())
			if test.kept {
				require.Equal(t, reportID(1), take(t, s).ID())
				return
			}
			takeNone(t, s)
			lost, err := s.TakeLost()
			require.NoError(t, err)
			require.Equal(t, map[spool.Reason]int{spool.CacheOverflow: 1}, lost)
		})
	}
}

// Many stores at once drop what is too much, and no more, and count each.
func TestBoundsUnderContention(t *testing.T) {
	t.Parallel()
	const writers, each, kept = 8, 12, 10
	_, dir := newStore(t, spool.Options{})
	var wg sync.WaitGroup
	for w := range writers {
		s := storeOf(t, dir, spool.Options{MaxReports: kept})
		wg.Go(func() {
			for n := range each {
				put(t, s, reportID(w*each+n))
			}
		})
	}
	wg.Wait()
	s := storeOf(t, dir, spool.Options{MaxReports: kept})
	require.NoError(t, s.Sweep())
	require.Len(t, ids(t, s), kept)
	lost, err := s.TakeLost()
	require.NoError(t, err)
	require.Equal(t, map[spool.Reason]int{spool.CacheOverflow: writers*each - kept}, lost)
	require.Zero(t, count(files(t, dir), ".tmp"))
}

func TestDrop(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, spool.Options{})
	put(t, s, reportID(1))
	require.NoError(t, take(t, s).Drop(spool.SendError))
	require.Empty(t, ids(t, s))
	lost, err := s.TakeLost()
	require.NoError(t, err)
	require.Equal(t, map[spool.Reason]int{spool.SendError: 1}, lost)
}

func TestClear(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	require.NoError(t, s.Clear(), "no directory")
	require.NoDirExists(t, dir)

	other := storeOf(t, dir, spool.Options{})
	put(t, other, reportID(1))
	held, err := other.Put(reportID(2), []byte("held"))
	require.NoError(t, err)
	run, err := other.Begin([]byte("meta"))
	require.NoError(t, err)
	output, err := run.CreateCrashFile()
	require.NoError(t, err)
	require.NoError(t, output.Close())
	_, _, err = s.Allow("key", limit.Rate{N: 1, Per: time.Hour})
	require.NoError(t, err)
	ours := []string{
		reportID(3) + ".tmp",
		"1700000000000-" + reportID(4) + "-later-version.report",
		"1700000000000-" + reportID(5) + ".bad",
		spool.RunName(time.Now(), reportID(6)),
		reportID(6) + ".crash",
	}
	theirs := []string{"notes.tmp", "x.report", "1700000000000.bad", "core.crash", "report"}
	for _, name := range slices.Concat(ours, theirs) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600))
	}

	require.NoError(t, s.Clear())
	want := append([]string{"spool.lock", spool.NameOf(run)}, theirs...)
	require.ElementsMatch(t, want, files(t, dir))
	require.NoError(t, held.Remove(), "what is gone is removed")
	require.NoError(t, run.End())
	takeNone(t, s)
	put(t, s, reportID(1))
	require.Equal(t, []string{reportID(1)}, ids(t, s))
}

func TestClearOfNothingWritesNothing(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	require.NoError(t, s.Sweep())
	require.NoError(t, s.Clear())
	require.Empty(t, files(t, dir))
}

func TestDirectoryThatVanishes(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	takeNone(t, s)
	require.NoDirExists(t, dir, "nothing to keep, nothing made")
	put(t, s, reportID(1))
	held := take(t, s)
	run, err := s.Begin(nil)
	require.NoError(t, err)

	require.NoError(t, os.RemoveAll(filepath.Dir(dir)))
	takeNone(t, s)
	require.Empty(t, ids(t, s))
	require.NoError(t, held.Remove())
	require.NoError(t, run.End())
	_, err = s.TakeLost()
	require.NoError(t, err)

	put(t, s, reportID(2))
	require.Equal(t, reportID(2), take(t, s).ID())
}

// A directory that is removed again and again never keeps Put from ending, nor
// from succeeding once it is left alone.
func TestDirectoryThatIsRemovedWhilePutWrites(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	stop := repeat(t, func() error {
		_ = os.RemoveAll(dir)
		return nil
	})
	for n := range 200 {
		if r, err := s.Put(reportID(n), []byte("x")); err == nil {
			_ = r.Release()
		}
	}
	stop()
	put(t, s, reportID(1000))
	require.Contains(t, ids(t, s), reportID(1000))
	require.Zero(t, count(files(t, dir), ".tmp"))
}

// Clear never leaves a Put that was writing with anything but the report stored
// after it, or an error that says so.
func TestClearWhilePutWrites(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{MaxReports: 500})
	require.NoError(t, s.Sweep())
	stop := repeat(t, storeOf(t, dir, spool.Options{}).Clear)
	for n := range 300 {
		r, err := s.Put(reportID(n), contentOf(reportID(n)))
		if err != nil {
			require.EqualError(t, err, "write report to spool: removed while it was written")
			continue
		}
		require.NoError(t, r.Release())
	}
	stop()
	require.NoError(t, s.Clear())
	require.Equal(t, []string{"spool.lock"}, files(t, dir))
}

// Sweep takes no temporary file from a writer that lives.
func TestSweepWhilePutWrites(t *testing.T) {
	t.Parallel()
	const puts = 200
	s, dir := newStore(t, spool.Options{MaxReports: 2 * puts})
	for range 3 {
		defer repeat(t, storeOf(t, dir, spool.Options{MaxReports: 2 * puts}).Sweep)()
	}
	for n := range puts {
		put(t, s, reportID(n))
	}
	require.Len(t, ids(t, s), puts)
}

// repeat calls f again and again until stop is called.
func repeat(t *testing.T, f func() error) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				if err := f(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

func TestBoundsThatBecameTighter(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{MaxReports: 50})
	for n := range 50 {
		put(t, s, reportID(n))
	}
	s = storeOf(t, dir, spool.Options{MaxReports: 3})
	require.NoError(t, s.Sweep())
	require.Len(t, ids(t, s), 3)
	lost, err := s.TakeLost()
	require.NoError(t, err)
	require.Equal(t, map[spool.Reason]int{spool.CacheOverflow: 47}, lost)
}

func TestErrorsNameNoPath(t *testing.T) {
	t.Parallel()
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		s := storeOf(t, dir, spool.Options{})
		_, putErr := s.Put(reportID(1), nil)
		_, takeErr := s.Take()
		_, listErr := s.List()
		_, beginErr := s.Begin(nil)
		_, _, allowErr := s.Allow("key", limit.Rate{N: 1, Per: time.Hour})
		for _, err := range []error{putErr, takeErr, listErr, beginErr, allowErr, s.Sweep(), s.Clear()} {
			require.Error(t, err)
			require.NotContains(t, err.Error(), parent)
			if runtime.GOOS != "windows" { // it says that there is no such path
				require.Contains(t, err.Error(), "not a directory")
			}
		}
	}
	_, err := spool.New("", spool.Options{})
	require.EqualError(t, err, "open spool: no directory given")
}

func TestDeadWritersTemporaryFiles(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	require.NoError(t, s.Sweep())
	dead := filepath.Join(dir, reportID(7)+".tmp")
	require.NoError(t, os.WriteFile(dead, []byte("half a rep"), 0o600))
	foreign := filepath.Join(dir, "mine.tmp")
	require.NoError(t, os.WriteFile(foreign, nil, 0o600))
	takeNone(t, s)
	require.NoError(t, s.Sweep())
	require.NoFileExists(t, dead)
	require.FileExists(t, foreign)
}

func TestAllow(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	now := time.Now()
	s.SetNow(func() time.Time { return now })
	for n := range 5 {
		leftOut, ok, err := s.Allow("key", limit.Rate{N: 2, Per: time.Hour})
		require.NoError(t, err)
		require.Equal(t, n < 2, ok)
		require.Zero(t, leftOut)
	}
	_, ok, err := s.Allow("another", limit.Rate{N: 2, Per: time.Hour})
	require.NoError(t, err)
	require.True(t, ok)

	s = storeOf(t, dir, spool.Options{}) // another run, an hour later
	now = now.Add(time.Hour)
	s.SetNow(func() time.Time { return now })
	leftOut, ok, err := s.Allow("key", limit.Rate{N: 2, Per: time.Hour})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 3, leftOut)
	leftOut, ok, err = s.Allow("key", limit.Rate{N: 2, Per: time.Hour})
	require.NoError(t, err)
	require.True(t, ok)
	require.Zero(t, leftOut, "handed out once")
}

func TestAllowWithAClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, spool.Options{})
	now := time.Now()
	s.SetNow(func() time.Time { return now })
	allowed := func() bool {
		_, ok, err := s.Allow("key", limit.Rate{N: 1, Per: time.Hour})
		require.NoError(t, err)
		return ok
	}
	require.True(t, allowed())
	now = now.Add(-365 * 24 * time.Hour)
	require.False(t, allowed(), "no new window for a clock that is set back")
	now = now.Add(time.Hour)
	require.True(t, allowed(), "and none later than one period")
}

func TestAllowIsBounded(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	now := time.Now()
	for n := range limit.MaxKeys + 20 {
		s.SetNow(func() time.Time { return now.Add(time.Duration(n) * time.Second) })
		_, ok, err := s.Allow(strings.Repeat(reportID(n), 2), limit.Rate{N: 1, Per: 1000 * time.Hour})
		require.NoError(t, err)
		require.True(t, ok)
	}
	_, ok, err := s.Allow(strings.Repeat(reportID(limit.MaxKeys), 2), limit.Rate{N: 1, Per: 1000 * time.Hour})
	require.NoError(t, err)
	require.False(t, ok, "the young are remembered")
	info, err := os.Stat(filepath.Join(dir, "spool.state"))
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(64<<10))
	_, ok, err = s.Allow(strings.Repeat("x", 65), limit.Rate{N: 1, Per: time.Hour})
	require.EqualError(t, err, "count report in spool: key too long")
	require.True(t, ok)
}

func TestAllowUnderContention(t *testing.T) {
	t.Parallel()
	const callers, each, n = 8, 10, 5
	_, dir := newStore(t, spool.Options{})
	var wg sync.WaitGroup
	allowed := make(chan bool, callers*each)
	var busy atomic.Int64 // on a slow machine; it is not counted then
	for range callers {
		s := storeOf(t, dir, spool.Options{})
		wg.Go(func() {
			for range each {
				_, ok, err := s.Allow("key", limit.Rate{N: n, Per: time.Hour})
				if errors.Is(err, folder.ErrBusy) {
					busy.Add(1)
					continue
				}
				if err != nil {
					t.Error(err)
				}
				allowed <- ok
			}
		})
	}
	wg.Wait()
	close(allowed)
	got := 0
	for ok := range allowed {
		if ok {
			got++
		}
	}
	require.Equal(t, n, got)
	s := storeOf(t, dir, spool.Options{})
	s.SetNow(func() time.Time { return time.Now().Add(2 * time.Hour) })
	leftOut, ok, err := s.Allow("key", limit.Rate{N: n, Per: time.Hour})
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, callers*each-n-int(busy.Load()), leftOut)
}
