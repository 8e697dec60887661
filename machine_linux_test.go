//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// The tests of this file need a machine of their own, with systemd: they stop it, set
// its clock, and let it run out of memory. .ci/machine has one. They are not parallel,
// so that nothing else runs meanwhile.

// machineVariable names a folder on the disk of such a machine.
const machineVariable = "SENTRY_TEST_MACHINE"

func needMachine(t *testing.T) (folder string) {
	t.Helper()
	folder = os.Getenv(machineVariable)
	if folder == "" {
		t.Skip("needs a machine of its own: make machine")
	}
	return folder
}

// newMachineOf has everything where another user finds it.
func newMachineOf(t *testing.T, env ...string) machine {
	t.Helper()
	needMachine(t)
	m := newMachine(t, env...)
	m.bin = endsProgramOfTheKernel(t)
	return m
}

// bySystemd has systemd start the program as options say.
func bySystemd(cmd *exec.Cmd, options ...string) *exec.Cmd {
	run := []string{"systemd-run", "--quiet", "-p", "MemoryMax=64M", "-p", "MemorySwapMax=0"}
	run = append(run, options...)
	if !slices.Contains(options, "--scope") {
		run = append(run, "--pipe", "--wait", "-p", "WorkingDirectory="+cmd.Dir)
		for _, variable := range cmd.Env {
			if variable != "" && !strings.HasPrefix(variable, "TESTPROGRAM_") {
				run = append(run, "--setenv="+variable)
			}
		}
	}
	cmd.Args = append(append(run, cmd.Path), cmd.Args[1:]...)
	cmd.Path, cmd.Err = exec.LookPath("systemd-run")
	return cmd
}

// TestSystemdInAMachine: units with MemoryMax. Who is told depends on who outlives the
// program, and whether there is a group that has counted.
func TestSystemdInAMachine(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options []string
		told    map[string]bool // by whom; the others count it as abnormal
	}{
		{"scope", []string{"--scope"}, map[string]bool{"monitor": true, "supervisor": true}},
		{"service", nil, map[string]bool{"monitor": true, "supervisor": true}},
		{"service that goes on", []string{"-p", "OOMPolicy=continue"}, map[string]bool{"monitor": true, "supervisor": true}},
		{"service killed whole", []string{"-p", "OOMPolicy=kill"}, nil},
		{"protected service", []string{"-p", "ProtectControlGroups=yes", "-p", "ProtectSystem=strict", "-p", "ReadWritePaths=/tmp"},
			map[string]bool{"monitor": true, "supervisor": true}},
	} {
		for _, w := range watchers {
			t.Run(w.name+" "+tt.name, func(t *testing.T) {
				m := newMachineOf(t, w.env, "ENDS_HEALTH=1", "ENDS_VERSION=v1.0.0")
				testprogram.Run(t, bySystemd(m.command(t, "hog"), tt.options...))
				m.untilNobodyWatches(t)
				m.run(t, "well", "ENDS_HEALTH=")
				if !tt.told[w.name] {
					require.Empty(t, m.events())
					require.Equal(t, map[string]int{"abnormal": 1}, statuses(t, m.server.Sessions()))
					return
				}
				require.Len(t, m.events(), 1)
				requireKernelsKill(t, m.events()[0], w.seenBy)
				require.Equal(t, map[string]int{"crashed": 1}, statuses(t, m.server.Sessions()))
			})
		}
	}
}

// TestUserUnitInAMachine: a unit of a user's own systemd.
func TestUserUnitInAMachine(t *testing.T) {
	const uid = 1000
	for _, w := range watchers[1:] {
		for _, option := range []string{"--scope", "--collect"} {
			t.Run(w.name+" "+option, func(t *testing.T) {
				m := newMachineOf(t, w.env)
				dir, err := os.MkdirTemp("", "user-") // everybody may look into it
				require.NoError(t, err)
				t.Cleanup(func() { _ = os.RemoveAll(dir) })
				require.NoError(t, os.Chown(dir, uid, uid))
				bin := filepath.Join(dir, "ends")
				testprogram.Copy(t, m.bin, bin)
				require.NoError(t, os.Chmod(bin, 0o755))
				m.bin, m.root, m.dir = bin, dir, filepath.Join(dir, "spool")
				cmd := bySystemd(m.command(t, "hog", "ENDS_VERSION=v1.0.0", fmt.Sprintf("XDG_RUNTIME_DIR=/run/user/%d", uid)), "--user", option)
				cmd.Args = append([]string{"runuser", "-u", "user", "--"}, cmd.Args...)
				cmd.Path, cmd.Err = exec.LookPath("runuser")
				o := testprogram.Run(t, cmd)
				m.untilNobodyWatches(t)
				require.Len(t, m.events(), 1, o.Stderr)
				requireKernelsKill(t, m.events()[0], w.seenBy)
			})
		}
	}
}

// TestWholeGroupInAMachine: with memory.oom.group, nobody outlives the program. A next
// start in the same group tells.
func TestWholeGroupInAMachine(t *testing.T) {
	needMachine(t)
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			m, g := newKernel(t, w.env, "ENDS_HEALTH=1")
			require.NoError(t, os.WriteFile(g.file("memory.oom.group"), []byte("1"), 0o600))
			require.Equal(t, "signal: killed", g.run(t, m, "hog", "ENDS_VERSION=v1.0.0").State)
			require.Empty(t, m.events())
			require.Equal(t, "true", g.run(t, m, "well", "ENDS_HEALTH=").word(t, "crashed"))
			require.Len(t, m.events(), 1)
			requireKernelsKill(t, m.events()[0], "the next start")
			require.Equal(t, map[string]int{"crashed": 1}, statuses(t, m.server.Sessions()))
		})
	}
}

// TestOomdInAMachine: systemd-oomd kills all of a group, long before the kernel would.
func TestOomdInAMachine(t *testing.T) {
	needMachine(t)
	require.NoError(t, os.MkdirAll("/etc/systemd/oomd.conf.d", 0o755))
	require.NoError(t, os.WriteFile("/etc/systemd/oomd.conf.d/soon.conf", []byte("[OOM]\nDefaultMemoryPressureDurationSec=1\n"), 0o600))
	systemctl := func(what string) {
		out, err := exec.Command("systemctl", what, "systemd-oomd.service").CombinedOutput()
		require.NoError(t, err, string(out))
	}
	systemctl("start")
	t.Cleanup(func() { systemctl("stop") })
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			m := newMachineOf(t, w.env, "ENDS_HEALTH=1")
			scope := exec.Command("systemd-run", "--quiet", "--scope", "-p", "Delegate=yes", "-p", "MemoryHigh=48M", "-p", "MemorySwapMax=0",
				"-p", "ManagedOOMMemoryPressure=kill", "-p", "ManagedOOMMemoryPressureLimit=1%", "sh", "-c", `echo up; exec sleep 600`)
			holder := up(t, scope)
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", holder.Pid()))
			require.NoError(t, err)
			top := group("/sys/fs/cgroup" + strings.TrimPrefix(strings.TrimSpace(string(text)), "0::"))
			own := group(top.file("own"))
			for _, g := range []group{group(top.file("holder")), own} {
				require.NoError(t, os.Mkdir(string(g), 0o755))
			}
			require.NoError(t, os.WriteFile(top.file("holder/cgroup.procs"), []byte(strconv.Itoa(holder.Pid())), 0o600))
			require.NoError(t, os.WriteFile(top.file("cgroup.subtree_control"), []byte("+memory"), 0o600))

			require.Equal(t, "signal: killed", own.run(t, m, "hog", "ENDS_VERSION=v1.0.0").State)
			require.Equal(t, "0", own.kills(t), "it was not the kernel")
			require.Empty(t, m.events())
			require.Equal(t, "true", own.run(t, m, "well", "ENDS_HEALTH=").word(t, "crashed"))
			require.Len(t, m.events(), 1)
			require.Equal(t, "out of memory: killed by systemd-oomd", m.events()[0].Title())
			require.InDelta(t, 56<<20, m.events()[0].Contexts["memory"]["peak_bytes"], 24<<20)
			require.Equal(t, map[string]int{"crashed": 1}, statuses(t, m.server.Sessions()))
		})
	}
}

// TestEarlyoomInAMachine: it sends a signal as anybody may, and that is no evidence.
func TestEarlyoomInAMachine(t *testing.T) {
	for _, w := range watchers {
		t.Run(w.name, func(t *testing.T) {
			m := newMachineOf(t, w.env, "ENDS_HEALTH=1")
			before := available(t)
			p := up(t, m.command(t, "full:wait"))
			earlyoom := exec.Command("earlyoom", "-r", "0", "--prefer", "^ends$", "-M", strconv.Itoa(before-20<<10))
			daemon := testprogram.Start(t, earlyoom)
			require.NotEqual(t, "exit status 0", p.End().State)
			require.NoError(t, daemon.Cmd.Process.Kill())
			m.untilNobodyWatches(t)
			require.Equal(t, "false", m.run(t, "well", "ENDS_HEALTH=").word(t, "crashed"))
			require.Empty(t, m.events())
			status := "abnormal"
			if w.name == "supervisor" {
				status = "exited" // by SIGTERM
			}
			require.Equal(t, map[string]int{status: 1}, statuses(t, m.server.Sessions()))
		})
	}
}

// available is the memory that the machine has, in KiB.
func available(t *testing.T) (kib int) {
	t.Helper()
	text, err := os.ReadFile("/proc/meminfo")
	require.NoError(t, err)
	_, rest, ok := strings.Cut(string(text), "MemAvailable:")
	require.True(t, ok)
	kib, err = strconv.Atoi(strings.Fields(rest)[0])
	require.NoError(t, err)
	return kib
}

// TestSuspendInAMachine: a notebook that was closed, and one whose clock was wrong.
// Nobody has ended, and the run was not longer than it was.
func TestSuspendInAMachine(t *testing.T) {
	set := func(to time.Time) {
		now := syscall.NsecToTimeval(to.UnixNano())
		require.NoError(t, syscall.Settimeofday(&now))
	}
	for name, pause := range map[string]func(){
		"suspended": func() {
			out, err := exec.Command("rtcwake", "--mode", "mem", "--seconds", "5").CombinedOutput()
			require.NoError(t, err, string(out))
		},
		"an hour on":     func() { set(time.Now().Add(time.Hour)) },
		"200 days on":    func() { set(time.Now().AddDate(0, 0, 200)) },
		"two years back": func() { set(time.Now().AddDate(-2, 0, 0)) },
	} {
		for _, w := range watchers {
			t.Run(name+" "+w.name, func(t *testing.T) {
				m := newMachineOf(t, w.env, "ENDS_HEALTH=1")
				began := time.Now()
				t.Cleanup(func() { set(began) })
				p := up(t, m.command(t, "wait"))
				pause()
				other := m
				other.env = nil
				require.Equal(t, "false", other.run(t, "well").word(t, "crashed"))
				require.Zero(t, statuses(t, m.server.Sessions())["abnormal"])
				p.Tell("well")
				require.Zero(t, p.End().Status)
				m.untilNobodyWatches(t)
				require.Equal(t, map[string]int{"exited": 1}, statuses(t, m.server.Sessions()))
				require.Empty(t, m.events())
				end := m.server.Sessions()[1]
				require.Less(t, end.Duration, time.Minute, "%+v", end)
				require.False(t, end.Timestamp.Before(end.Started), "%+v", end)

				// What it leaves when its clock was wrong arrives when that is right again.
				m.server.Down()
				m.run(t, "panic", "ENDS_HEALTH=", w.env)
				set(began)
				require.NoError(t, m.server.Up())
				require.Equal(t, "true", other.run(t, "delivered").word(t, "crashed"))
				require.Len(t, m.events(), 1)
			})
		}
	}
}

// The variables that .ci/machine gives TestPowerCutOfAMachine.
const (
	cutVariable    = "SENTRY_TEST_CUT"    // the number of this start, from 0
	storedVariable = "SENTRY_TEST_STORED" // how many reports the last start has said to be on the disk; empty at the first
	lastVariable   = "SENTRY_TEST_LAST"   // set at the last start, which is not cut
)

// TestPowerCutOfAMachine looks at what is left of the run whose machine lost its power,
// and then has a program report panic after panic to a server that is not there, until
// the power is cut again.
func TestPowerCutOfAMachine(t *testing.T) {
	if os.Getenv(cutVariable) == "" {
		t.Skip("the power of this machine is not cut: make machine")
	}
	start, err := strconv.Atoi(os.Getenv(cutVariable))
	require.NoError(t, err)
	m := newMachineOf(t, "ENDS_HEALTH=1", watchers[start%len(watchers)].env)
	m.dir = filepath.Join(needMachine(t), "power")
	if text := os.Getenv(storedVariable); text != "" {
		stored, err := strconv.Atoi(text)
		require.NoError(t, err)
		requireCut(t, m, stored)
	}
	if os.Getenv(lastVariable) != "" {
		return
	}
	m.server.Down()
	p := testprogram.Start(t, m.command(t, "burst"))
	for line := range p.Lines() {
		fmt.Println(line) // .ci/machine reads it
	}
	t.Fatal("the power was not cut")
}

// requireCut wants the cut to be no crash, and each report to arrive that was stored.
func requireCut(t *testing.T, m machine, stored int) {
	t.Helper()
	entries, err := os.ReadDir(m.dir)
	require.NoError(t, err)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		t.Log("left:", e.Name(), info.Size())
	}
	o := m.run(t, "delivered", "ENDS_HEALTH=")
	require.Zero(t, o.Status, o.Stderr)
	require.Equal(t, "false", o.word(t, "crashed"))
	requireAbnormal(t, m)
	var titles []string
	for _, e := range m.server.Events() {
		titles = append(titles, e.Title())
	}
	for n := range stored {
		require.Contains(t, titles, fmt.Sprint("panic: guarded ", n+1))
	}
	// The last of them may have been stored and not said to be.
	require.LessOrEqual(t, len(titles), stored+1, titles)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(titles))), len(titles), "each once")
	require.Equal(t, "false", m.run(t, "well", "ENDS_HEALTH=").word(t, "crashed"))
	requireAbnormal(t, m)
	require.Len(t, m.server.Attempts(), len(titles)+len(m.server.Sessions()), "nothing is told twice")
	t.Log("after:", m.files(t))
}

// requireAbnormal wants one session, which is told to have ended so, once. Its start was
// in a file that nobody syncs, so a cut soon after it may have taken it.
func requireAbnormal(t *testing.T, m machine) {
	t.Helper()
	var told []string
	for _, s := range m.server.Sessions() {
		require.Equal(t, m.server.Sessions()[0].ID, s.ID)
		told = append(told, s.Status)
	}
	require.Contains(t, []string{"ok abnormal", "abnormal ok", "abnormal"}, strings.Join(told, " "))
}
