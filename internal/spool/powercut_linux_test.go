package spool_test

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/spool"
)

const imageSize = 16 << 20 // the least that has an ext4 journal

// attach mounts an image of a file system and returns where.
func attach(t *testing.T, image string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-o", "loop", image, dir).CombinedOutput(); err != nil {
		t.Skipf("needs the right to mount an image: %v: %s", err, out)
	}
	t.Cleanup(func() { require.NoError(t, exec.Command("umount", "-l", dir).Run()) })
	return dir
}

// cutPower returns what the disk has at this moment: what nobody synced is
// still with the file system and not in its image.
func cutPower(t *testing.T, image string) string {
	t.Helper()
	from, err := os.Open(image)
	require.NoError(t, err)
	defer from.Close()
	to, err := os.Create(filepath.Join(t.TempDir(), "image"))
	require.NoError(t, err)
	_, err = io.Copy(to, from)
	require.NoError(t, err)
	require.NoError(t, to.Close())
	return to.Name()
}

// A report that Put has returned survives a power cut: in a directory that Put
// made, and in one that was there.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	image := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, imageSize))
	if out, err := exec.Command("mkfs.ext4", "-q", image).CombinedOutput(); err != nil {
		t.Skipf("needs mkfs.ext4: %v: %s", err, out)
	}
	disk := attach(t, image)
	s := storeOf(t, filepath.Join(disk, "a", "b"), spool.Options{})
	for n := range 3 {
		r, err := s.Put(reportID(n), contentOf(reportID(n)))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(disk, "unsynced"), []byte("x"), 0o600))

		after := attach(t, cutPower(t, image))
		require.NoFileExists(t, filepath.Join(after, "unsynced"), "the power was not cut")
		later := storeOf(t, filepath.Join(after, "a", "b"), spool.Options{})
		require.Contains(t, ids(t, later), r.ID())
		data, err := later.Read(r.ID())
		require.NoError(t, err)
		require.Equal(t, r.Data(), data)
		require.NoError(t, os.Remove(filepath.Join(disk, "unsynced")))
		require.NoError(t, r.Release())
	}
}
