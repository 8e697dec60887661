package cgroup_test

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var record = flag.Bool("record", false, "write the trees of this machine, as root, where memory is in version 1")

// TestRecord writes recorded-*.tree: groups of this machine, before and after the
// kernel has killed a process in them.
func TestRecord(t *testing.T) {
	if os.Getenv("CGROUP_HOG") != "" {
		var all [][]byte
		for range 256 {
			all = append(all, []byte(strings.Repeat("x", 1<<20)))
		}
		t.Fatal("nobody minds", len(all))
	}
	if !*record {
		t.Skip("with -record")
	}
	const top = "/sys/fs/cgroup/memory"
	for name, limited := range map[string]string{"v1": "service", "v1-nested": "service/worker", "v1-parent": "service"} {
		service, worker := filepath.Join(top, "service"), filepath.Join(top, "service/worker")
		own := worker
		if name == "v1" {
			own = service
		}
		require.NoError(t, os.MkdirAll(own, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(top, limited, "memory.limit_in_bytes"), []byte("67108864"), 0o600))
		within := func(command ...string) []byte {
			cmd := exec.Command("sh", append([]string{"-c", `echo $$ > "$0" && exec "$@"`, filepath.Join(own, "cgroup.procs")}, command...)...)
			cmd.Env = append(os.Environ(), "CGROUP_HOG=1")
			out, _ := cmd.Output() // the kernel kills it
			return out
		}
		write := func(when string) {
			var tree strings.Builder
			add := func(name string, content []byte) {
				fmt.Fprintf(&tree, "-- %s --\n%s\n", name, strings.TrimRight(string(content), "\n"))
			}
			add("proc/self/cgroup", within("cat", "/proc/self/cgroup"))
			add("proc/self/mountinfo", within("grep", "cgroup", "/proc/self/mountinfo"))
			add("proc/meminfo", within("head", "-1", "/proc/meminfo"))
			for dir := own; strings.HasPrefix(dir, top); dir = filepath.Dir(dir) {
				for _, file := range []string{"limit_in_bytes", "usage_in_bytes", "max_usage_in_bytes", "failcnt", "oom_control", "use_hierarchy"} {
					content, err := os.ReadFile(filepath.Join(dir, "memory."+file))
					require.NoError(t, err)
					add(strings.TrimPrefix(filepath.Join(dir, "memory."+file), "/"), content)
				}
			}
			file := filepath.Join("testdata", "recorded-"+name+"-"+when+".tree")
			require.NoError(t, os.WriteFile(file, []byte(tree.String()), 0o600))
		}
		write("before")
		within(os.Args[0], "-test.run=^TestRecord$")
		write("after")
		for _, dir := range []string{worker, service} {
			if err := os.Remove(dir); !os.IsNotExist(err) {
				require.NoError(t, err)
			}
		}
	}
}
