package sentry_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/internal/testprogram"
)

const smallDisk = "size=256k"

// mount makes a small disk that a test can fill and make read-only.
func mount(t *testing.T, size string) string {
	t.Helper()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, size); err != nil {
		t.Skip("needs the right to mount a file system: ", err)
	}
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(disk, syscall.MNT_DETACH)) })
	return disk
}

func fillDisk(t *testing.T, disk string) (free func()) {
	t.Helper()
	filler := filepath.Join(disk, "filler")
	f, err := os.Create(filler)
	require.NoError(t, err)
	defer f.Close()
	for err == nil {
		_, err = f.Write(make([]byte, 4<<10))
	}
	require.ErrorIs(t, err, syscall.ENOSPC)
	// Not removed: a child that is about to exec may have a copy of its descriptor.
	return func() { require.NoError(t, os.Truncate(filler, 0)) }
}

func makeReadOnly(t *testing.T, disk string) (free func()) {
	t.Helper()
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, smallDisk))
	return func() {
		require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, smallDisk))
	}
}

// TestFaultsOfTheDisk: what can not be stored is sent, and what was stored is
// sent once the disk is well.
func TestFaultsOfTheDisk(t *testing.T) {
	t.Parallel()
	for name, breakDisk := range map[string]func(*testing.T, string) func(){"full": fillDisk, "read-only": makeReadOnly} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			disk := mount(t, smallDisk)
			h.dir = filepath.Join(disk, "spool")

			free := breakDisk(t, disk)
			o := h.run(t, "string", "CRASH_RATE=2/1h")
			requirePanic(t, o)
			require.Less(t, o.Took, bound)
			require.Len(t, h.server.Events(), 1, "it was sent, without a store")
			free()

			h.server.Down()
			requirePanic(t, h.run(t, "string", impatient))
			require.Len(t, h.stored(t), 1)
			require.NoError(t, h.server.Up())
			free = breakDisk(t, disk)
			require.Zero(t, h.run(t, "none").Status) // what can not be locked is not sent
			free()
			h.run(t, "none")
			require.Empty(t, h.stored(t))
			require.Len(t, h.server.Events(), 2)
		})
	}
}

// TestDiskThatIsFullByThen: a program that fills the disk dies of it. Its crash text
// has room that was taken at the start, before what a report can be without.
func TestDiskThatIsFullByThen(t *testing.T) {
	t.Parallel()
	for _, size := range []string{"size=64k", "size=96k", smallDisk} {
		t.Run(size, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			disk := mount(t, size)
			h.dir = filepath.Join(disk, "spool")
			o := h.run(t, "full", "CRASH_DISK="+disk)
			require.Equal(t, 2, o.Status, o.Stderr)
			require.Contains(t, o.Stderr, "panic: the disk is full\n")
			require.NoError(t, os.Remove(filepath.Join(disk, "filler")))
			h.run(t, "none")
			require.Len(t, h.server.Events(), 1)
			thrown := h.server.Events()[0].Exception()
			require.Equal(t, "the disk is full", thrown.Value)
			require.NotEmpty(t, thrown.Stacktrace.Frames)
		})
	}
}

// TestDiskThatIsFullAtTheStart and has room later, in a program that lives for long:
// its death is seen by the next start, also if its monitor is gone by then.
func TestDiskThatIsFullAtTheStart(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"FATAL_MONITOR=", "FATAL_MONITOR=1"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			h := fatalHousehold(t, way)
			disk := mount(t, smallDisk)
			h.dir = filepath.Join(disk, "spool")
			free := fillDisk(t, disk)
			p := h.waiting(t)
			free()
			if way != "FATAL_MONITOR=" {
				require.NoError(t, syscall.Kill(h.settled(t), syscall.SIGKILL))
			}
			require.Equal(t, 2, p.dies("roomlater").Status)
			h.nextStart(t)
			require.Len(t, h.events(), 1)
			require.Equal(t, "panic: boom", h.events()[0].Title())
			require.Equal(t, "running", h.events()[0].Tags["stage"])
		})
	}
}

// TestFewFiles: there is room for so many files, and Init makes do with them.
func TestFewFiles(t *testing.T) {
	t.Parallel()
	for inodes := 2; inodes < 10; inodes++ { // one is the disk's own
		t.Run(strconv.Itoa(inodes), func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			h.dir = filepath.Join(mount(t, fmt.Sprint("nr_inodes=", inodes)), "spool")
			requirePanic(t, h.run(t, "string"))
			require.Len(t, h.server.Events(), 1)
			o := h.run(t, "unguarded")
			require.Equal(t, 2, o.Status, o.Stderr)
			require.True(t, strings.HasPrefix(o.Stderr, "panic: unguarded\n"), o.Stderr)
		})
	}
}

// TestNobodyWaitsForADiskThatHangs: one whose writes hang. The program freezes it,
// does all that an application does, and thaws it.
func TestNobodyWaitsForADiskThatHangs(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	image, disk := filepath.Join(t.TempDir(), "image"), t.TempDir()
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, 16<<20)) // the least that ext4 takes
	for _, args := range [][]string{{"mkfs.ext4", "-q", image}, {"mount", "-o", "loop", image, disk}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Skipf("needs the right to mount an image: %v: %s", err, out)
		}
	}
	t.Cleanup(func() {
		_ = exec.Command("fsfreeze", "-u", disk).Run() // of a program that died before
		require.NoError(t, exec.Command("umount", "-l", disk).Run())
	})
	h.dir = filepath.Join(disk, "spool")
	o := h.run(t, "frozen", "CRASH_DISK="+disk, impatient)
	require.Zero(t, o.Status, o.Stderr)
	requireBounded(t, o)
	h.run(t, "none")
	require.Len(t, h.server.Events(), 2)
}

// requireBounded: the bound of the disk is two seconds for each call, and Close
// has to do with it more than once.
func requireBounded(t *testing.T, o told) {
	t.Helper()
	t.Log(o.Stdout)
	for call, most := range map[string]time.Duration{"breadcrumb": 5, "panic": 3, "tag": 3, "crashed": 1, "flush": 3, "again": 12, "anotherpanic": 3, "close": 6, "closeagain": 1} {
		took, err := time.ParseDuration(o.word(t, "took "+call))
		require.NoError(t, err, o.Stdout)
		require.Less(t, took, most*time.Second, call)
	}
}

// TestFileServerThatIsGone: nothing can be read there either, from the start.
func TestFileServerThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.dir = gone(t)
	o := h.run(t, "everything", impatient)
	require.Zero(t, o.Status, o.Stderr)
	require.Less(t, o.init(t), 12*time.Second)
	requireBounded(t, o)
	require.Len(t, h.server.Events(), 2, "it is sent without a store")
}

// TestBurstWithoutAFileServer costs few threads, and everything is sent.
func TestBurstWithoutAFileServer(t *testing.T) {
	t.Parallel()
	panics := 1000
	if os.Getenv(stressed) != "" {
		panics = 12_000
	}
	h := fatalHousehold(t, fmt.Sprint("FATAL_PANICS=", panics), "FATAL_GOROUTINES=100")
	h.dir = gone(t)
	o := h.run(t, "burst")
	require.Zero(t, o.Status, o.Stderr)
	require.Less(t, number(t, o.word(t, "threads")), 60)
	require.Len(t, h.server.Events(), panics)
}

// gone is a directory on a file server that does not answer.
func gone(t *testing.T) (dir string) {
	t.Helper()
	disk := t.TempDir()
	fuse, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		t.Skip("needs FUSE: ", err)
	}
	if err := syscall.Mount("gone", disk, "fuse", 0, fmt.Sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fuse.Fd())); err != nil {
		t.Skip("needs the right to mount a file system: ", err)
	}
	t.Cleanup(func() {
		_ = fuse.Close() // who waits for it, waits no more
		require.NoError(t, syscall.Unmount(disk, syscall.MNT_DETACH))
	})
	return filepath.Join(disk, "spool")
}

// TestSpoolOfAnotherUser: who owns the directory could read the reports, and plant
// others.
func TestSpoolOfAnotherUser(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chown(dir, 12345, 12345); err != nil {
		t.Skip("needs root to give a directory away: ", err)
	}
	err := sentry.Init(sentry.WithDSN("https://key@sentry.invalid/1"), sentry.WithSpool(dir))
	require.EqualError(t, err, "init sentry: WithSpool: the directory belongs to another user: give one that is the program's own")
	require.NoError(t, os.Chown(dir, os.Getuid(), os.Getgid()))
}

// TestCrashTextThatCanNotBeRead: a start that can not read the crash text of a dead run
// leaves that to a start that can.
func TestCrashTextThatCanNotBeRead(t *testing.T) {
	t.Parallel()
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip("needs setpriv: root may read every file")
	}
	for _, part := range []string{"*.crash", "*.told"} {
		h := fatalHousehold(t).withSpool(t)
		require.Equal(t, 2, h.run(t, "map").Status)
		files, err := filepath.Glob(filepath.Join(h.dir, part))
		require.NoError(t, err)
		require.Len(t, files, 1, h.files(t))
		require.NoError(t, os.Chmod(files[0], 0))
		before := h.files(t)
		next := h.command(t, "none", "FATAL_RELEASE=next@2")
		if os.Geteuid() == 0 {
			next.Path, next.Args = setpriv, append([]string{"setpriv", "--bounding-set=-dac_override,-dac_read_search"}, next.Args...)
		}
		o := testprogram.Run(t, next)
		require.Zero(t, o.Status, o.Stderr)
		require.Empty(t, h.events())
		require.Contains(t, o.Stderr, "permission denied")
		require.Equal(t, before, h.files(t))
		require.NoError(t, os.Chmod(files[0], 0o600))
		h.nextStart(t)
		require.Len(t, h.events(), 1)
	}
}
