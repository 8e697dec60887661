package sentry_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// mount makes a small disk that a test can fill and make read-only.
func mount(t *testing.T) string {
	t.Helper()
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=256k"); err != nil {
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
	return func() { require.NoError(t, os.Remove(filler)) }
}

func makeReadOnly(t *testing.T, disk string) (free func()) {
	t.Helper()
	require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, "size=256k"))
	return func() {
		require.NoError(t, syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=256k"))
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
			disk := mount(t)
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

// TestPanicIsBoundedByNoDisk: one whose writes hang, as that of a file server
// that is gone. The program freezes it, panics, and thaws it.
func TestPanicIsBoundedByNoDisk(t *testing.T) {
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
	held, err := time.ParseDuration(o.word(t, "held"))
	require.NoError(t, err, o.Stdout)
	require.Less(t, held, 3*time.Second, "the bound of the disk is two")
	h.run(t, "none")
	require.Len(t, h.server.Events(), 1)
}
