package cgroup_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/cgroup"
)

// tree writes one of testdata to a folder, and returns that.
func tree(t *testing.T, name string) (root string) {
	t.Helper()
	root = t.TempDir()
	plant(t, root, name)
	return root
}

func plant(t *testing.T, root, name string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".tree"))
	require.NoError(t, err)
	for _, part := range strings.Split("\n"+string(text), "\n-- ")[1:] {
		file, content, ok := strings.Cut(part, " --\n")
		require.True(t, ok, part)
		file = filepath.Join(root, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(content+"\n"), 0o600))
	}
}

// TestRead: the groups from the process's own to the top, in each kind of place.
func TestRead(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	const machine = 2026000 << 10 // that of version 2
	for name, want := range map[string]cgroup.Memory{
		"recorded-v1-nested-after": {Machine: 24684084 << 10, Groups: []cgroup.Group{
			{Limit: 64 * mib, Usage: 495616, Peak: 67108864, Counts: true, Kills: 1, Fails: 108},
			{Usage: 507904, Peak: 67121152, Counts: true},
			{Usage: 10107576320, Peak: 16761081856, Counts: true},
		}},
		"docker-v1": {Groups: []cgroup.Group{{Limit: 256 * mib, Usage: 200000000, Peak: 256 * mib, Fails: 12}}},
		"recorded-v2-scope-after": {Machine: machine, Groups: []cgroup.Group{
			{Limit: 64 * mib, Usage: 3014656, Peak: 64 * mib, Counts: true, Kills: 1},
			{Usage: 44453888, Peak: 106655744, Counts: true, Kills: 1},
		}},
		"recorded-v2-service-protected-after": {Machine: machine, Groups: []cgroup.Group{
			{Limit: 64 * mib, Usage: 5292032, Peak: 67112960, Counts: true, Kills: 1},
			{Usage: 45940736, Peak: 108277760, Counts: true, Kills: 3},
		}},
		"recorded-v2-container-after":    {Machine: machine, Groups: []cgroup.Group{{Limit: 64 * mib, Usage: 5373952, Peak: 64 * mib, Counts: true, Kills: 1}}},
		"recorded-v2-mounted-after":      {Machine: machine, Groups: []cgroup.Group{{Limit: 64 * mib, Usage: 3145728, Peak: 64 * mib, Counts: true, Kills: 1}}},
		"recorded-v2-mounted-over-after": {Machine: machine, Groups: []cgroup.Group{{Limit: 64 * mib, Usage: 3092480, Peak: 64 * mib, Counts: true, Kills: 1}}},
		"recorded-v2-without-after":      {Machine: machine, Groups: []cgroup.Group{{Limit: 64 * mib, Usage: 5029888, Peak: 64 * mib, Counts: true, Kills: 1}}},
		"recorded-v2-namespace-after":    {Machine: machine},
		// A group that is killed whole counts the first of its processes twice.
		"recorded-v2-kubernetes-after": {Machine: machine, Groups: []cgroup.Group{
			{Limit: 64 * mib, Usage: 5169152, Peak: 64 * mib, Counts: true, Kills: 2},
			{Limit: 128 * mib, Usage: 5177344, Peak: 67117056, Counts: true, Kills: 2},
			{Usage: 4923392, Peak: 67125248, Counts: true, Kills: 2},
			{Usage: 4931584, Peak: 67133440, Counts: true, Kills: 2},
		}},
		"v2-nothing": {},
	} {
		got := cgroup.ReadFrom(tree(t, name))
		ids := map[uint64]bool{}
		for i := range got.Groups {
			ids[got.Groups[i].ID] = true
			got.Groups[i].ID = 0
		}
		require.Equal(t, want, got, name)
		if runtime.GOOS == "linux" {
			require.Len(t, ids, len(want.Groups), name)
		}
	}
	require.Zero(t, cgroup.ReadFrom(t.TempDir()))
}

// TestRecordedKills: the kernel counts a kill in the group of the process, whichever
// group's limit it was. Version 2 counts it in the groups round that, too.
func TestRecordedKills(t *testing.T) {
	t.Parallel()
	trees, err := filepath.Glob("testdata/recorded-*-before.tree")
	require.NoError(t, err)
	require.Len(t, trees, 19)
	for _, file := range trees {
		name := strings.TrimSuffix(filepath.Base(file), "-before.tree")
		root := tree(t, name+"-before")
		before := cgroup.ReadFrom(root)
		_, ok := cgroup.Killed(before, cgroup.ReadFrom(root), 0)
		require.False(t, ok, name)
		plant(t, root, name+"-after")
		k, ok := cgroup.Killed(before, cgroup.ReadFrom(root), 0)
		require.Equal(t, name != "recorded-v2-namespace", ok, name) // nobody can tell which group that is
		if ok {
			require.Equal(t, "killed by the kernel at 64 MiB of 64 MiB", k.String(), name)
		}
	}
}

// TestContainerThatIsStartedAgain is in a new group, whose counters begin at 0. The
// group of its pod has counted, where that can be seen.
func TestContainerThatIsStartedAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, usage, kills string
		seesPod, want      bool
	}{
		{"the pod counts", "66000000", "1", true, true},
		{"it was not full", "40000000", "1", true, false},
		{"the pod counts nothing", "66000000", "0", true, false},
		{"the pod can not be seen", "66000000", "1", false, false},
	} {
		root := tree(t, "recorded-v2-kubernetes-before")
		const within = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod7.slice/"
		pod := filepath.Join(root, "sys/fs/cgroup", within)
		write := func(file, text string) {
			require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
			require.NoError(t, os.WriteFile(file, []byte(text+"\n"), 0o600))
		}
		in := func(container string) {
			write(filepath.Join(root, "proc/self/cgroup"), "0::"+within+container)
			if !tt.seesPod { // as a container has it: a namespace of its own
				write(filepath.Join(root, "proc/self/cgroup"), "0::/")
				write(filepath.Join(root, "proc/self/mountinfo"), "30 25 0:26 / /sys/fs/cgroup"+within+container+" ro - cgroup2 cgroup2 rw")
			}
		}
		in("cri-containerd-9.scope")
		write(filepath.Join(pod, "cri-containerd-9.scope/memory.current"), tt.usage)
		before := cgroup.ReadFrom(root)
		require.NotEmpty(t, before.Groups)
		for file, text := range map[string]string{"memory.max": "67108864", "memory.current": "1000000", "memory.events": "oom_kill 0"} {
			write(filepath.Join(pod, "cri-containerd-10.scope", file), text)
		}
		in("cri-containerd-10.scope")
		write(filepath.Join(pod, "memory.events"), "oom_kill "+tt.kills)
		_, ok := cgroup.Killed(before, cgroup.ReadFrom(root), 0)
		require.Equal(t, tt.want, ok, tt.name)
	}
}

// group is one of a container of 512 MiB.
func group(change ...func(*cgroup.Group)) cgroup.Group {
	g := cgroup.Group{ID: 7, Limit: 512 << 20, Usage: 100 << 20, Peak: 510 << 20, Counts: true, Kills: 1}
	for _, c := range change {
		c(&g)
	}
	return g
}

func memory(groups ...cgroup.Group) cgroup.Memory {
	return cgroup.Memory{Machine: 8 << 30, Groups: groups}
}

// TestKilled: evidence is a counter that has grown, and nothing else.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills := func(n uint64) func(*cgroup.Group) { return func(g *cgroup.Group) { g.Kills = n } }
	id := func(n uint64) func(*cgroup.Group) { return func(g *cgroup.Group) { g.ID = n } }
	oomd := func(n uint64) func(*cgroup.Group) { return func(g *cgroup.Group) { g.Oomd = n } }
	usage := func(n uint64) func(*cgroup.Group) { return func(g *cgroup.Group) { g.Usage = n << 20 } }
	old := func(fails uint64) func(*cgroup.Group) {
		return func(g *cgroup.Group) { g.Counts, g.Fails = false, fails }
	}
	open := func(g *cgroup.Group) { g.Limit, g.Peak = 0, 0 }
	slice := cgroup.Group{ID: 8, Counts: true, Kills: 5}
	grown := cgroup.Group{ID: 8, Counts: true, Kills: 6}
	tests := []struct {
		name          string
		before, after cgroup.Memory
		resident      uint64
		want          string // empty for no evidence
	}{
		{"it has grown", memory(group()), memory(group(kills(2))), 0, "killed by the kernel at 510 MiB of 512 MiB"},
		{"it has not", memory(group()), memory(group()), 600 << 20, ""},
		{"no groups", cgroup.Memory{}, cgroup.Memory{}, 0, ""},
		{"the limit of a parent", memory(group(open), slice),
			memory(group(open, kills(2)), cgroup.Group{ID: 8, Limit: 1 << 30, Peak: 1 << 30, Counts: true, Kills: 6}), 0,
			"killed by the kernel at 1024 MiB of 1024 MiB"},
		{"of the machine", memory(group(open)), memory(group(open, kills(2))), 7 << 30, "killed by the kernel at 7168 MiB of 8192 MiB"},
		{"without a peak", memory(group()), memory(group(kills(2), func(g *cgroup.Group) { g.Peak, g.Usage = 0, 0 })), 0,
			"killed by the kernel at the limit of 512 MiB"},
		{"somebody else of the slice", memory(group(), slice), memory(group(), grown), 0, ""},
		{"a group that is new", memory(group(usage(500)), slice), memory(group(id(9), kills(0)), grown), 0,
			"killed by the kernel at 510 MiB of 512 MiB"},
		{"a group that is new, and was not full", memory(group(), slice), memory(group(id(9), kills(0)), grown), 0, ""},
		{"a group that is new, alone", memory(group(usage(500))), memory(group(id(9))), 0, ""},
		{"systemd-oomd", memory(group()), memory(group(oomd(3))), 0, "killed by systemd-oomd"},
		{"systemd-oomd, before", memory(group(oomd(3))), memory(group(oomd(3))), 0, ""},
		{"systemd-oomd, the slice", memory(group(), slice), memory(group(id(9)), cgroup.Group{ID: 8, Counts: true, Kills: 5, Oomd: 2}), 0,
			"killed by systemd-oomd"},
		{"systemd-oomd, another group", memory(group()), memory(group(id(9), oomd(3))), 0, ""},
		{"an old kernel", memory(group(old(1))), memory(group(old(2))), 500 << 20, "killed by the kernel at 510 MiB of 512 MiB"},
		{"an old kernel, and cached files", memory(group(old(1))), memory(group(old(2))), 50 << 20, ""},
	}
	for _, tt := range tests {
		k, ok := cgroup.Killed(tt.before, tt.after, tt.resident)
		require.Equal(t, tt.want != "", ok, tt.name)
		if ok {
			require.Equal(t, tt.want, k.String(), tt.name)
		}
	}
}
