// Package cgroup reads what Linux says of the memory of this process: the limits of
// its control group and of the groups round it, how much they have used, and how many
// processes the kernel has killed for it. It tells from two such readings whether one
// of those was the process at hand.
//
// The kernel's kill for memory is a SIGKILL as any other. What tells is the counter
// oom_kill of the group (memory.events of version 2, memory.oom_control of version
// 1): it has grown since the process began. For systemd-oomd, which kills from
// outside of the kernel, it is an attribute of the group. Without that, nothing is
// evidence, and [Killed] says no.
//
// It reads a few small files and keeps nothing open. On other systems, and where the
// files can not be read, there is nothing to tell.
package cgroup

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// maxGroups bounds the groups between a process and the top. Kubernetes has five.
const maxGroups = 16

// maxFile bounds a file of a group, in bytes: a number has 21, the longest list of
// events some 200.
const maxFile = 1 << 10

// unlimited is more than any limit: version 1 writes the largest page count there is.
const unlimited = 1 << 60

// A Group is a control group at one time. Sizes are in bytes; 0 is not known, or for
// Limit none.
type Group struct {
	ID    uint64 `json:"id"` // another group of the same name has another one
	Limit uint64 `json:"limit,omitempty"`
	Usage uint64 `json:"usage,omitempty"`
	Peak  uint64 `json:"peak,omitempty"`

	Counts bool   `json:"counts,omitempty"` // the kernel counts its kills
	Kills  uint64 `json:"kills,omitempty"`
	Fails  uint64 `json:"fails,omitempty"` // how often the limit was met; of version 1

	// Oomd is how many processes systemd-oomd has killed in it. It kills all of a group.
	Oomd uint64 `json:"oomd,omitempty"`
}

// Memory is what is known of the memory of a process. Groups has its own group first,
// and the one that is nearest to the top last.
type Memory struct {
	Groups  []Group `json:"groups,omitempty"`
	Machine uint64  `json:"machine,omitempty"` // all there is, in bytes
}

// root is where the files are. A test program is linked with another one:
//
//	go build -ldflags '-X github.com/panicreport/sentry/internal/cgroup.root=tree'
var root = "/"

// base is root before the program changes its working directory.
var base, _ = filepath.Abs(root)

// Root is the root of the files that this package reads.
func Root() string { return base }

// own is what is read once: the memory of the machine stays as it is, and so does the
// place of the group, until the process is put into another one.
var own struct {
	once    sync.Once
	machine uint64

	mu    sync.Mutex
	of    string // proc/self/cgroup
	group groupPlace
}

// Read reads the memory of this process.
func Read() Memory {
	own.once.Do(func() { own.machine = machine(base) })
	groups := content(base, "proc/self/cgroup")
	own.mu.Lock()
	if own.of != groups {
		own.of, own.group = groups, placeOf(base, groups)
	}
	p := own.group
	own.mu.Unlock()
	return p.read(base, own.machine)
}

// ReadFrom reads it below another root.
func ReadFrom(root string) Memory {
	return placeOf(root, content(root, "proc/self/cgroup")).read(root, machine(root))
}

// A groupPlace is the directory of the process's own group, and the top of the tree.
// version is 0 if there is none.
type groupPlace struct {
	top, dir string
	version  int
}

func (p groupPlace) read(root string, machine uint64) (m Memory) {
	m.Machine = machine
	top, dir, version := p.top, p.dir, p.version
	for ; version != 0 && len(m.Groups) < maxGroups; dir = path.Dir(dir) {
		if g, ok := read(filepath.Join(root, dir), version); ok {
			m.Groups = append(m.Groups, g)
		}
		if dir == top || dir == "/" {
			break
		}
	}
	return m
}

// placeOf finds the place of the group that /proc/self/cgroup tells.
func placeOf(root, groups string) groupPlace {
	group, version := ownGroup(groups)
	if version == 0 {
		return groupPlace{}
	}
	within, top, ok := mount(root, version)
	if !ok {
		return groupPlace{}
	}
	// A container without a namespace for groups is told the path on the host, of
	// which it sees the end: what is mounted is its own group.
	rest, ok := below(group, within)
	if !ok {
		rest = ""
	}
	return groupPlace{top, path.Join(top, rest), version}
}

// below returns the part of group below within.
func below(group, within string) (rest string, ok bool) {
	if within == "/" {
		return group, true
	}
	rest, ok = strings.CutPrefix(group, within)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// ownGroup reads the group of this process from /proc/self/cgroup, and the version
// that has the memory:
//
//	4:memory:/docker/3f1c
//	0::/user.slice/user-1000.slice/session-2.scope
func ownGroup(groups string) (group string, version int) {
	for line := range strings.Lines(groups) {
		line = strings.TrimRight(line, "\n")
		fields := strings.SplitN(line, ":", 3)
		if len(fields) < 3 {
			continue
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			if controller == "memory" {
				return fields[2], 1
			}
		}
		if fields[0] == "0" && fields[1] == "" {
			group, version = fields[2], 2
		}
	}
	return group, version
}

// mount finds the tree in /proc/self/mountinfo: what part of it is mounted, and where.
//
//	35 31 0:32 /docker/3f1c /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory
//	30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate
func mount(root string, version int) (within, at string, ok bool) {
	for line := range lines(root, "proc/self/mountinfo") {
		where, what, _ := strings.Cut(line, " - ")
		w, f := strings.Fields(where), strings.Fields(what)
		if len(w) < 5 || len(f) < 3 {
			continue
		}
		v2 := version == 2 && f[0] == "cgroup2"
		v1 := version == 1 && f[0] == "cgroup" && strings.Contains(","+f[2]+",", ",memory,")
		if v1 || v2 {
			return unescape(w[3]), unescape(w[4]), true
		}
	}
	return "", "", false
}

// unescape undoes how mountinfo writes a space.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\134`, `\`).Replace(s)
}

// read reads one group. It is not ok if the files are not there, as at the top.
func read(dir string, version int) (g Group, ok bool) {
	names := [...]string{"memory.max", "memory.current", "memory.peak", "memory.events"}
	d := openDirectory(dir)
	defer d.Close()
	if version == 1 {
		names = [...]string{"memory.limit_in_bytes", "memory.usage_in_bytes", "memory.max_usage_in_bytes", "memory.oom_control"}
		g.Fails, _ = number(d, "memory.failcnt")
	}
	var hasLimit, hasUsage bool
	g.Limit, hasLimit = number(d, names[0])
	g.Usage, hasUsage = number(d, names[1])
	g.Peak, _ = number(d, names[2])
	var buf [maxFile]byte
	for line := range bytes.Lines(d.read(names[3], buf[:])) {
		if value, found := bytes.CutPrefix(bytes.TrimRight(line, "\n"), []byte("oom_kill ")); found {
			n, err := strconv.ParseUint(string(value), 10, 64)
			g.Kills, g.Counts = n, err == nil
		}
	}
	g.ID, g.Oomd = d.identity(), oomd(dir)
	return g, hasLimit || hasUsage || g.Counts
}

// machine reads the first line of /proc/meminfo:
//
//	MemTotal:       16318412 kB
func machine(root string) uint64 {
	for line := range lines(root, "proc/meminfo") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MemTotal:" {
			n, _ := strconv.ParseUint(fields[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// number reads a file with one number, or with the word max for none.
func number(d directory, name string) (n uint64, ok bool) {
	var buf [maxFile]byte
	text := d.read(name, buf[:])
	if text == nil {
		return 0, false
	}
	n, err := strconv.ParseUint(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil || n >= unlimited {
		n = 0
	}
	return n, true
}

// content is what a file has, nothing if it can not be read.
func content(dir, name string) string {
	text, _ := os.ReadFile(filepath.Join(dir, name))
	return string(text)
}

// lines yields those of a file, none if it can not be read.
func lines(dir, name string) func(yield func(string) bool) {
	text := content(dir, name)
	return func(yield func(string) bool) {
		for line := range strings.Lines(text) {
			if !yield(strings.TrimRight(line, "\n")) {
				return
			}
		}
	}
}
