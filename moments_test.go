//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLastMoments: a report that is made from outside has the last breadcrumbs, and
// who was at work, whatever the program has died of. Nothing secret was on disk.
func TestLastMoments(t *testing.T) {
	t.Parallel()
	for _, w := range watchers {
		for how, title := range map[string]string{
			"goroutine": "panic: in another goroutine", "memory": "out of memory: killed by the kernel at 510 MiB of 512 MiB",
		} {
			t.Run(w.name+" "+how, func(t *testing.T) {
				t.Parallel()
				m := newMachine(t, w.env)
				m.run(t, "crumbs:"+how)
				if w.env == "" {
					for _, name := range m.files(t) {
						require.NotContains(t, m.read(t, name), "hunter2", name)
						require.NotContains(t, m.read(t, name), "bob@example.com", name)
					}
					m.run(t, "well")
				}
				require.Len(t, m.events(), 1)
				e := m.events()[0]
				require.Equal(t, title, e.Title())
				require.Len(t, e.Breadcrumbs, 100)
				for n, crumb := range e.Breadcrumbs {
					require.Equal(t, fmt.Sprintf("step %d password=[Filtered]", n+50), crumb.Message)
					require.Equal(t, "step", crumb.Category)
				}
				require.Equal(t, "user-7", e.User.ID)
				require.Equal(t, "acme", e.Tags["tenant"])
				require.Equal(t, "some", e.Tags["end"])
				require.NotContains(t, string(e.Raw), "bob@example.com")
				require.False(t, strings.Contains(string(e.Raw), "hunter2"))
			})
		}
	}
}

// TestBreadcrumbsOfAnySize: what is too long for its place is cut, not left out.
func TestBreadcrumbsOfAnySize(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.run(t, "crumbs-large")
	m.run(t, "well")
	require.Len(t, m.events(), 1)
	crumbs := m.events()[0].Breadcrumbs
	require.Len(t, crumbs, 3)
	require.Regexp(t, `^x{100,}$`, crumbs[0].Message)
	require.Regexp(t, `^ä{50,}$`, crumbs[1].Message)
	require.Equal(t, "with data", crumbs[2].Message)
}

// TestBreadcrumbUnderALock: nobody calls the methods of what is in a breadcrumb, while
// the program, with which nothing is wrong, holds the lock that they want.
func TestBreadcrumbUnderALock(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	m.run(t, "crumbs-locked")
	m.run(t, "well")
	require.Len(t, m.events(), 1)
	crumbs := m.events()[0].Breadcrumbs
	require.Len(t, crumbs, 1)
	require.Equal(t, map[string]any{
		"stringer": "(*main.locked)", "list": []any{"(*main.locked)", 1.0, "(*main.locked)"}, "named": "open", "for": 1e9, "nothing": nil,
		"file": "open x.db: no such file or directory", "wrapped": "load: EOF", "error": "(*fs.PathError)",
	}, crumbs[0].Data)
}

// TestLastMomentsOnADiskThatIsFull have their room from the start, and what somebody
// has cut off their file does not end the program: the breadcrumbs after that are there.
func TestLastMomentsOnADiskThatIsFull(t *testing.T) {
	t.Parallel()
	for _, cut := range []bool{false, true} {
		t.Run(fmt.Sprint("cut ", cut), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			disk := mount(t, smallDisk)
			m.dir = filepath.Join(disk, "spool")
			p := up(t, m.command(t, "wait"))
			free := fillDisk(t, disk)
			if cut {
				files, err := filepath.Glob(filepath.Join(m.dir, "*.last"))
				require.NoError(t, err)
				require.Len(t, files, 1)
				require.NoError(t, os.Truncate(files[0], 0))
			}
			p.Tell("crumbs:memory")
			require.Equal(t, "signal: killed", p.End().State)
			free()
			m.run(t, "well")
			require.Len(t, m.events(), 1)
			crumbs := m.events()[0].Breadcrumbs
			require.Len(t, crumbs, 100)
			require.Equal(t, "step 149 password=[Filtered]", crumbs[99].Message)
		})
	}
}
