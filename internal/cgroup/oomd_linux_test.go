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
	root := tree(t, "recorded-v2-user-after")
	before := cgroup.ReadFrom(root)
	require.Zero(t, before.Groups[0].Oomd)
	groups, err := filepath.Glob(filepath.Join(root, "sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/run-*.scope"))
	require.NoError(t, err)
	require.Len(t, groups, 1)
	own := groups[0]
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
	require.EqualValues(t, 67112960, k.At, "what the group has had, and not what the last look saw")
	require.NoError(t, syscall.Setxattr(own, "user.oomd_kill", []byte("no number that anybody wrote"), 0))
	require.Zero(t, cgroup.ReadFrom(root).Groups[0].Oomd)
}
