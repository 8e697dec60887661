package spool_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/spool"
)

// ext4 makes a small disk that a test can freeze, and whose directories it can make
// unchangeable.
func ext4(t *testing.T) (dir string) {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, imageSize))
	if out, err := exec.Command("mkfs.ext4", "-q", image).CombinedOutput(); err != nil {
		t.Skipf("needs mkfs.ext4: %v: %s", err, out)
	}
	return attach(t, image)
}

// TestDiskThatHangs holds nobody for long: neither the first who asks, nor those
// who come when the disk is known to hang.
func TestDiskThatHangs(t *testing.T) {
	t.Parallel()
	disk := ext4(t)
	s := storeOf(t, filepath.Join(disk, "spool"), spool.Options{Wait: 2 * time.Second})
	run, err := s.Begin(nil)
	require.NoError(t, err)
	require.NoError(t, run.CreateNotes())
	var reports []*spool.Report
	for n := range 3 {
		r, err := s.Put(reportID(n), contentOf(reportID(n)))
		require.NoError(t, err)
		reports = append(reports, r)
	}
	dead, err := s.Begin(nil)
	require.NoError(t, err)
	id := dead.ID()
	require.NoError(t, spool.Abandon(dead))
	deadRun, _, err := s.DeadRun(id)
	require.NoError(t, err)
	require.NotNil(t, deadRun)

	if out, err := exec.Command("fsfreeze", "-f", disk).CombinedOutput(); err != nil {
		t.Skipf("needs the right to freeze a disk: %v: %s", err, out)
	}
	thaw := func() { require.NoError(t, exec.Command("fsfreeze", "-u", disk).Run()) }
	frozen := true
	defer func() {
		if frozen {
			thaw()
		}
	}()

	for name, call := range map[string]func() error{
		"Allow":      func() error { _, _, err := s.Allow("key", limit.Rate{N: 1, Per: time.Hour}); return err },
		"Pause":      func() error { return s.Pause(time.Now().Add(time.Minute)) },
		"NoteOutage": func() error { return s.NoteOutage(spool.Outage{Failures: 1, RetryAt: time.Now().Add(time.Minute)}) },
		"AddLost":    func() error { return s.AddLost(map[spool.Reason]int{spool.SendError: 1}) },
		"Clear":      s.Clear,
		"Begin":      func() error { _, err := s.Begin(nil); return err },
		"SetMeta":    func() error { return run.SetMeta([]byte("meta")) },
		"Note":       func() error { return run.Note(0, []byte("note")) },
		"Remove":     reports[0].Remove,
		"Drop":       func() error { return reports[1].Drop(spool.SendError) },
		"Attempted":  func() error { return reports[2].Attempted(time.Now()) },
		"Reported":   deadRun.Reported,
		"End":        run.End,
	} {
		begin := time.Now()
		require.ErrorIs(t, call(), spool.ErrHangs, name)
		require.Less(t, time.Since(begin), 4*time.Second, name)
	}
	begin := time.Now()
	for range 100 {
		require.ErrorIs(t, s.Pause(time.Now()), spool.ErrHangs)
	}
	require.Less(t, time.Since(begin), time.Second, "it is known to hang")

	thaw()
	frozen = false
	require.Eventually(t, func() bool { return s.Pause(time.Now()) == nil }, 20*time.Second, time.Millisecond, "it goes on")
}

// TestDirectoryThatCanNotBeChanged, though the files in it can: what was sent is
// not there again at the next start.
func TestDirectoryThatCanNotBeChanged(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(ext4(t), "spool")
	s := storeOf(t, dir, spool.Options{})
	put(t, s, reportID(1))
	put(t, s, reportID(2))
	leave(t, dir, spool.RunName(time.Now(), reportID(3)), reportID(3), "panic: x")
	require.NoError(t, s.Pause(time.Now())) // the lock is there
	if out, err := exec.Command("chattr", "+i", dir).CombinedOutput(); err != nil {
		t.Skipf("needs the right to make a directory unchangeable: %v: %s", err, out)
	}
	defer func() { require.NoError(t, exec.Command("chattr", "-i", dir).Run()) }()
	require.NoError(t, take(t, s).Remove())
	_ = take(t, s).Drop(spool.SendError) // can not be counted
	runs := deadRuns(t, s)
	require.Len(t, runs, 1)
	require.True(t, runs[0].Crashed)
	require.NoError(t, runs[0].Remove())

	again := storeOf(t, dir, spool.Options{})
	takeNone(t, again)
	require.Empty(t, deadRuns(t, again))
}
