package spool_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/spool"
)

// mount makes a small file system that the test can fill and make read-only.
func mount(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=128k"); err != nil {
		t.Skip("needs the right to mount a file system: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
	return dir
}

func remount(t *testing.T, dir string, flags uintptr) {
	t.Helper()
	require.NoError(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, "size=128k"))
}

// empty gives back what fill has taken. The file is not removed: a child that is about
// to exec may have a copy of the descriptor with which it was filled, and with that the
// room.
func empty(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.Truncate(path, 0))
}

// fill writes a file that leaves no space.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4<<10))
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := mount(t)
	dir := filepath.Join(disk, "spool")
	s := storeOf(t, dir, spool.Options{MaxReports: 2})
	put(t, s, reportID(1))
	filler := filepath.Join(disk, "filler")
	fill(t, filler)

	before := files(t, dir)
	_, err := s.Put(reportID(2), contentOf(reportID(3)))
	require.EqualError(t, err, "write report to spool: no space left on device")
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, before, files(t, dir), "no half file")
	_, ok, err := s.Allow("key", limit.Rate{N: 1, Per: time.Hour})
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.True(t, ok)

	// What is stored can still be tried, kept back and removed.
	require.NoError(t, take(t, s).Retry(time.Now()))
	r := take(t, s)
	require.Equal(t, 1, r.Attempts())
	require.NoError(t, r.Release())

	empty(t, filler)
	put(t, s, reportID(2))
	require.Equal(t, []string{reportID(1), reportID(2)}, ids(t, s))
	require.NoError(t, take(t, s).Remove())
}

func TestFullDiskWithoutADirectory(t *testing.T) {
	t.Parallel()
	disk := mount(t)
	fill(t, filepath.Join(disk, "filler"))
	s := storeOf(t, filepath.Join(disk, "a", "spool"), spool.Options{})
	_, err := s.Put(reportID(1), contentOf(reportID(1)))
	require.EqualError(t, err, "write report to spool: no space left on device")
	empty(t, filepath.Join(disk, "filler"))
	put(t, s, reportID(1))
}

func TestReadOnlyDirectory(t *testing.T) {
	t.Parallel()
	dir := mount(t)
	s := storeOf(t, dir, spool.Options{})
	put(t, s, reportID(1))
	remount(t, dir, syscall.MS_RDONLY)

	before := files(t, dir)
	_, err := s.Put(reportID(2), nil)
	require.EqualError(t, err, "write report to spool: read-only file system")
	require.ErrorIs(t, err, syscall.EROFS)
	_, err = s.Begin(nil)
	require.ErrorIs(t, err, syscall.EROFS)
	require.ErrorIs(t, s.Clear(), syscall.EROFS)
	require.NoError(t, s.Sweep())
	// What could not be removed after it was sent is not handed out: it would
	// be sent at each start.
	_, err = s.Take()
	require.EqualError(t, err, "take report from spool: read-only file system")
	data, err := s.Read(reportID(1))
	require.NoError(t, err)
	require.Equal(t, contentOf(reportID(1)), data)
	require.Equal(t, before, files(t, dir))

	remount(t, dir, 0)
	require.Equal(t, reportID(1), take(t, s).ID())
	put(t, s, reportID(2))
}

// Root may do anything in a directory of mode 0500, so this fault is shown to
// everybody else only.
func TestDirectoryWithoutPermission(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("root ignores permissions; TestReadOnlyDirectory shows the same")
	}
	s, dir := newStore(t, spool.Options{})
	put(t, s, reportID(1))
	require.NoError(t, os.Chmod(dir, 0o500))
	_, err := s.Put(reportID(2), nil)
	require.ErrorIs(t, err, os.ErrPermission)
	require.NoError(t, os.Chmod(dir, 0o700))
	put(t, s, reportID(2))
}

func TestHostileDevice(t *testing.T) {
	t.Parallel()
	s, dir := newStore(t, spool.Options{})
	put(t, s, reportID(1))
	const zero = 1<<8 | 5 // major 1, minor 5: /dev/zero
	path := filepath.Join(dir, spool.ReportName(time.Unix(1_700_000_000, 0), planted))
	if err := syscall.Mknod(path, syscall.S_IFCHR|0o600, zero); err != nil {
		if errors.Is(err, syscall.EPERM) {
			t.Skip("needs the right to make a device: ", err)
		}
		require.NoError(t, err)
	}
	survive(t, s)
	require.NoFileExists(t, path)
}

// A kernel lock is let go of when its file is given back even if a forked child
// has a copy of the file.
func TestReleaseWithACopyInAChild(t *testing.T) {
	t.Parallel()
	s, _ := newStore(t, spool.Options{})
	r, err := s.Put(reportID(1), nil)
	require.NoError(t, err)
	copied, err := spool.Duplicate(r)
	require.NoError(t, err)
	defer copied.Close()
	takeNone(t, s)
	require.NoError(t, r.Release())
	require.NoError(t, take(t, s).Remove())
}
