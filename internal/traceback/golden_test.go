package traceback_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/traceback"
)

var update = flag.Bool("update", false, "write the golden files")

// fixtures returns the paths of the crash outputs in testdata.
func fixtures(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*.crash")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for i, path := range paths {
		paths[i] = filepath.ToSlash(path)
	}
	return paths
}

func TestGolden(t *testing.T) {
	for _, path := range fixtures(t) {
		t.Run(strings.TrimPrefix(path, "testdata/"), func(t *testing.T) {
			crash, err := os.ReadFile(path)
			require.NoError(t, err)
			got := render(parse(t, crash))
			golden := strings.TrimSuffix(path, ".crash") + ".golden"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		})
	}
}

// TestFixturesAreRead checks that Parse understands every line of a real crash
// output, and that no fixture has a path of the machine that made it.
func TestFixturesAreRead(t *testing.T) {
	here, err := os.Getwd()
	require.NoError(t, err)
	for _, path := range fixtures(t) {
		crash, err := os.ReadFile(path)
		require.NoError(t, err)
		if !strings.HasPrefix(path, "testdata/hand/") {
			require.Empty(t, parse(t, crash).Unread.First, path)
		}
		for _, place := range []string{"/tmp/", "/home/", "/root/", here} {
			require.NotContains(t, string(crash), place, path)
		}
	}
}

func parse(t testing.TB, crash []byte) *traceback.Dump {
	t.Helper()
	d, err := traceback.Parse(bytes.NewReader(crash))
	require.NoError(t, err)
	return d
}

// render writes a dump as text with one fact on a line, for the golden files and to
// compare two dumps.
func render(d *traceback.Dump) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("title: %s", d.Title())
	line("kind: %s", d.Kind)
	line("reason: %q", d.Reason)
	if d.Inferred {
		line("inferred")
	}
	for _, p := range d.Panics {
		line("panic: %q recovered=%t repanicked=%t", p.Value, p.Recovered, p.Repanicked)
	}
	if s := d.Signal; s != nil {
		line("signal: %q %q code=%#x addr=%#x pc=%#x foreign=%t", s.Name, s.Text, s.Code, s.Addr, s.PC, s.Foreign)
	}
	if d.Dropped+d.Further > 0 || d.Truncated {
		line("dropped=%d further=%d truncated=%t", d.Dropped, d.Further, d.Truncated)
	}
	if d.Unread.Lines > 0 {
		line("unread: %d lines, %d bytes, %q", d.Unread.Lines, d.Unread.Bytes, d.Unread.First)
	}
	line("origin:")
	renderFrames(line, d.Origin())
	if len(d.RuntimeStack) > 0 {
		line("runtime stack:")
		renderFrames(line, d.RuntimeStack)
	}
	for _, g := range d.Goroutines {
		renderGoroutine(line, g)
	}
	return b.String()
}

func renderGoroutine(line func(string, ...any), g traceback.Goroutine) {
	header := fmt.Sprintf("goroutine %d %q", g.ID, g.State)
	if g.Wait > 0 {
		header += fmt.Sprintf(" wait=%s", g.Wait)
	}
	for _, fact := range []struct {
		holds bool
		name  string
	}{{g.Crashed, "crashed"}, {g.LockedToThread, "locked"}, {g.Unavailable, "unavailable"}, {g.Leaked, "leaked"}} {
		if fact.holds {
			header += " " + fact.name
		}
	}
	if g.Bubble > 0 {
		header += fmt.Sprintf(" bubble=%d", g.Bubble)
	}
	if g.Like > 0 {
		header += fmt.Sprintf(" like=%d", g.Like)
	}
	if g.Elided > 0 {
		header += fmt.Sprintf(" elided=%d at=%d", g.Elided, g.ElidedAt)
	}
	line("%s", header)
	var names []string
	for name := range g.Labels {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		line("\tlabel %q: %q", name, g.Labels[name])
	}
	renderFrames(line, g.Frames)
	if c := g.CreatedBy; c != nil {
		line("\tcreated in %d by %s %s:%d", g.Parent, c.Function, c.File, c.Line)
	}
}

func renderFrames(line func(string, ...any), frames []traceback.Frame) {
	for _, f := range frames {
		line("\t%s %s:%d", f.Function, f.File, f.Line)
	}
}
