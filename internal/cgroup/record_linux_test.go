package cgroup_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

var record = flag.String("record", "", "as root, write the trees of this machine into this folder")

// The roles of the test binary when it is started in a group.
const (
	roleVariable = "CGROUP_ROLE"
	roleHog      = "hog"    // takes memory until the kernel kills it
	roleRecord   = "record" // writes what it sees to standard output
)

// recordedLimit is what the group, or one round it, may have.
const recordedLimit = "67108864"

// A place is a kind of group to record.
type place struct {
	own     string            // below the top of the tree of groups
	limits  []string          // the groups with recordedLimit; by default own
	set     map[string]string // files of own, or with a path below the top, and what is written there
	inside  string            // a shell command that runs "$@" in the surroundings of a container
	without bool              // no memory in own
	start   []string          // a command that holds the group, instead of one that is made
}

const (
	pod      = "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod7.slice"
	holding  = "sleep 600"
	ownMount = `exec unshare --cgroup --mount sh -c 'umount --lazy /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup && exec "$@"' sh "$@"`
	asUser   = "runuser -u user -- env XDG_RUNTIME_DIR=/run/user/1000 systemd-run --user --quiet "
	limiting = "-p MemoryMax=64M -p MemorySwapMax=0 "
)

// places are those of version 2, with systemd as process 1.
var places = map[string]place{
	"v2":        {own: "service"},
	"v2-nested": {own: "service/worker"},
	"v2-parent": {own: "service/worker", limits: []string{"service"}},
	"v2-whole":  {own: "service", set: map[string]string{"memory.oom.group": "1"}},
	// A namespace of groups and its own mount, as containers have it today.
	"v2-container": {own: "service/container", inside: ownMount},
	// A namespace, and the tree of the host.
	"v2-namespace": {own: "service/container", inside: `exec unshare --cgroup "$@"`},
	// The group itself is mounted as the tree, as containers have it with the groups of
	// the host; and over the tree.
	"v2-mounted": {own: "service/container one", inside: `exec unshare --mount sh -c 'mount --bind "$0" /mnt &&
		umount --lazy /sys/fs/cgroup && mount --move /mnt /sys/fs/cgroup && exec "$@"' "$(dirname "$0")" "$@"`},
	"v2-mounted-over": {own: "service/container", inside: `exec unshare --mount sh -c 'mount --bind "$0" /sys/fs/cgroup && exec "$@"' "$(dirname "$0")" "$@"`},
	"v2-kubernetes": {
		own: pod + "/cri-containerd-9.scope", limits: []string{pod + "/cri-containerd-9.scope"},
		set: map[string]string{"memory.oom.group": "1", pod + "/memory.max": "134217728"},
	},
	"v2-kubernetes-namespace": {
		own: pod + "/cri-containerd-9.scope", set: map[string]string{"memory.oom.group": "1", pod + "/memory.max": "134217728"},
		inside: ownMount,
	},
	"v2-without": {own: "service/worker", limits: []string{"service"}, without: true},
	"v2-scope":   {start: strings.Fields("systemd-run --quiet --scope -p OOMPolicy=continue " + limiting + holding)},
	"v2-service": {start: strings.Fields("systemd-run --quiet --pipe -p OOMPolicy=continue " + limiting + holding)},
	"v2-service-protected": {
		start:  strings.Fields("systemd-run --quiet --pipe -p OOMPolicy=continue -p ProtectControlGroups=yes -p ProtectSystem=strict " + limiting + holding),
		inside: `exec nsenter --mount --target "$(pgrep -n -f "^[a-z/]*` + holding + `")" "$@"`,
	},
	"v2-user":         {start: strings.Fields(asUser + "--scope -p OOMPolicy=continue " + limiting + holding)},
	"v2-user-service": {start: strings.Fields(asUser + "--pipe -p OOMPolicy=continue " + limiting + holding)},
}

// placesV1 are those of version 1.
var placesV1 = map[string]place{
	"v1":        {own: "service"},
	"v1-nested": {own: "service/worker"},
	"v1-parent": {own: "service/worker", limits: []string{"service"}},
}

// TestRecord writes recorded-*.tree: groups of this machine, before and after the
// kernel has killed a process in them.
func TestRecord(t *testing.T) {
	switch os.Getenv(roleVariable) {
	case roleHog:
		takeMemory(t)
	case roleRecord:
		fmt.Print(treeOfThisProcess(t))
		os.Exit(0)
	}
	if *record == "" {
		t.Skip("with -record")
	}
	r := recorder{top: "/sys/fs/cgroup", limit: "memory.max", folder: *record}
	all := places
	if _, err := os.Stat("/sys/fs/cgroup/memory/memory.limit_in_bytes"); err == nil {
		r.top, r.limit, all = "/sys/fs/cgroup/memory", "memory.limit_in_bytes", placesV1
	}
	for name, p := range all {
		t.Run(name, func(t *testing.T) { r.record(t, name, p) })
	}
}

func takeMemory(t *testing.T) {
	t.Helper()
	var all [][]byte
	for range 256 {
		all = append(all, []byte(strings.Repeat("x", 1<<20)))
	}
	t.Fatal("nobody minds", len(all))
}

// treeOfThisProcess is what the package may read of it, from the group up to the top.
func treeOfThisProcess(t *testing.T) string {
	t.Helper()
	var tree strings.Builder
	add := func(name, content string) {
		fmt.Fprintf(&tree, "-- %s --\n%s\n", strings.TrimPrefix(name, "/"), strings.TrimRight(content, "\n"))
	}
	part := func(name, of string) (text string) {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		for line := range strings.Lines(string(content)) {
			if strings.Contains(line, of) {
				text += line
			}
		}
		return text
	}
	groups := part("/proc/self/cgroup", "")
	add("/proc/self/cgroup", groups)
	add("/proc/self/mountinfo", part("/proc/self/mountinfo", "cgroup"))
	add("/proc/meminfo", part("/proc/meminfo", "MemTotal"))
	top, own := "/sys/fs/cgroup", ""
	for line := range strings.Lines(groups) {
		if rest, ok := strings.CutPrefix(line, "0::"); ok && own == "" {
			own = strings.TrimSpace(rest)
		} else if _, rest, ok := strings.Cut(line, ":memory:"); ok {
			top, own = "/sys/fs/cgroup/memory", strings.TrimSpace(rest)
		}
	}
	// In a container, the top is the group itself.
	for dir := path.Join(top, own); strings.HasPrefix(dir, top); dir = path.Dir(dir) {
		for _, file := range []string{
			"memory.max", "memory.current", "memory.peak", "memory.events", "memory.events.local", "memory.oom.group",
			"memory.limit_in_bytes", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.failcnt", "memory.oom_control", "memory.use_hierarchy",
		} {
			if content, err := os.ReadFile(path.Join(dir, file)); err == nil {
				add(path.Join(dir, file), string(content))
			}
		}
	}
	return tree.String()
}

// A recorder makes groups below top.
type recorder struct{ top, limit, folder string }

func (r recorder) record(t *testing.T, name string, p place) {
	t.Helper()
	if len(p.start) > 0 {
		p.own = r.hold(t, p.start)
	} else {
		r.make(t, p)
	}
	for file, text := range p.set {
		if !strings.Contains(file, "/") {
			file = path.Join(p.own, file)
		}
		require.NoError(t, os.WriteFile(filepath.Join(r.top, file), []byte(text), 0o600))
	}
	inside := p.inside
	if inside == "" {
		inside = `exec "$@"`
	}
	within := func(role string) []byte {
		procs := filepath.Join(r.top, p.own, "cgroup.procs")
		cmd := exec.Command("sh", "-c", `echo $$ > "$0" && `+inside, procs, os.Args[0], "-test.run=^TestRecord$")
		cmd.Env = append(os.Environ(), roleVariable+"="+role)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if role == roleHog {
			require.ErrorContains(t, err, "signal: killed", string(out))
		} else {
			require.NoError(t, err)
		}
		return out
	}
	write := func(when string) {
		file := filepath.Join(r.folder, "recorded-"+name+"-"+when+".tree")
		require.NoError(t, os.WriteFile(file, within(roleRecord), 0o600))
	}
	write("before")
	within(roleHog)
	write("after")
}

// make makes the group and those round it, which are removed with the test.
func (r recorder) make(t *testing.T, p place) {
	t.Helper()
	dir := r.top
	parts := strings.Split(p.own, "/")
	for i, part := range parts {
		dir = filepath.Join(dir, part)
		require.NoError(t, os.MkdirAll(dir, 0o755))
		group := dir
		t.Cleanup(func() {
			if err := os.Remove(group); !os.IsNotExist(err) {
				require.NoError(t, err)
			}
		})
		if last := i == len(parts)-1; r.limit == "memory.max" && !last && !p.without {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte("+memory"), 0o600))
		}
	}
	limits := p.limits
	if len(limits) == 0 {
		limits = []string{p.own}
	}
	for _, group := range limits {
		require.NoError(t, os.WriteFile(filepath.Join(r.top, group, r.limit), []byte(recordedLimit), 0o600))
	}
}

// hold starts a command of systemd's, and returns the group of what that runs.
func (r recorder) hold(t *testing.T, start []string) (own string) {
	t.Helper()
	cmd := exec.Command(start[0], start[1:]...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	var pid int
	testprogram.Eventually(t, func() bool {
		out, _ := exec.Command("pgrep", "-n", "-f", "^[a-z/]*"+holding).Output()
		pid, _ = strconv.Atoi(strings.TrimSpace(string(out)))
		return pid > 0
	})
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	require.NoError(t, err)
	own, ok := strings.CutPrefix(strings.TrimSpace(string(groups)), "0::/")
	require.True(t, ok, string(groups))
	return own
}
