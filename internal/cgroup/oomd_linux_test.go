package cgroup_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/cgroup"
)

// TestOomd reads what systemd-oomd writes down at a group.
func TestOomd(t *testing.T) {
	t.Parallel()
	root := tree(t, "v2-systemd-run")
	before := cgroup.ReadFrom(root)
	require.Zero(t, before.Groups[0].Oomd)
	own := filepath.Join(root, "sys/fs/cgroup/system.slice/run-r1.scope")
	if err := syscall.Setxattr(own, "user.oomd_kill", []byte("4"), 0); err != nil {
		t.Skip("the file system has no attributes: ", err)
	}
	after := cgroup.ReadFrom(root)
	require.EqualValues(t, 4, after.Groups[0].Oomd)
	require.Zero(t, after.Groups[1].Oomd)
	require.Equal(t, before.Kills()+4, after.Kills())
	k, ok := cgroup.Killed(before, after, 0)
	require.True(t, ok)
	require.Equal(t, "killed by systemd-oomd", k.String())
	require.NoError(t, syscall.Setxattr(own, "user.oomd_kill", []byte("no number that anybody wrote"), 0))
	require.Zero(t, cgroup.ReadFrom(root).Groups[0].Oomd)
}
