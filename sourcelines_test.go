package sentry_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// linesOf are the lines that a frame shows, its own in the middle.
func linesOf(f sentrytest.Frame) []string {
	return append(append(append([]string{}, f.PreContext...), f.ContextLine), f.PostContext...)
}

// withoutLines are frames as they are everywhere: only those of the process that died,
// on the machine that built it, have lines of the source.
func withoutLines(frames []sentrytest.Frame) (plain []sentrytest.Frame) {
	for _, f := range frames {
		f.PreContext, f.ContextLine, f.PostContext = nil, "", nil
		plain = append(plain, f)
	}
	return plain
}

// rawOf is the event without those lines: what a test must not find in a report is
// written in its own source.
func rawOf(t *testing.T, e *sentrytest.Event) string {
	t.Helper()
	var document any
	require.NoError(t, json.Unmarshal(e.Raw, &document))
	removeLines(document)
	raw, err := json.Marshal(document)
	require.NoError(t, err)
	return string(raw)
}

func removeLines(v any) {
	switch v := v.(type) {
	case []any:
		for _, each := range v {
			removeLines(each)
		}
	case map[string]any:
		for _, key := range []string{"context_line", "pre_context", "post_context"} {
			delete(v, key)
		}
		for _, each := range v {
			removeLines(each)
		}
	}
}

func requireNoLines(t *testing.T, e *sentrytest.Event) {
	t.Helper()
	for _, f := range e.Frames() {
		require.Equal(t, []string{""}, linesOf(f), f.Name())
	}
}

// TestSourceLines: a development build shows the lines of its own module, where they
// are those that it was built from.
func TestSourceLines(t *testing.T) {
	t.Parallel()
	dir := module(t)

	e := reportOf(t, dir, nil)
	require.Equal(t, "\tpanic(\"parameters\")", e.Top().ContextLine)
	require.Equal(t, strings.Split(strings.TrimSpace(paramsProgram), "\n")[6:], linesOf(e.Top()))

	requireNoLines(t, reportOf(t, dir, nil, "-trimpath"))
	requireNoLines(t, reportOf(t, dir, nil, "-ldflags=-X github.com/panicreport/sentry.productionFlag=1"))

	// What was changed after the build has other lines.
	later := time.Now().Add(time.Hour)
	require.NoError(t, os.Chtimes(filepath.Join(dir, "main.go"), later, later))
	requireNoLines(t, reportOf(t, dir, nil))
}

// TestSourceLinesOfNobodyElse: a link in the module that leads out of it is not
// followed, and the files of other modules are not read.
func TestSourceLinesOfNobodyElse(t *testing.T) {
	t.Parallel()
	dir := module(t)
	outside := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.Rename(filepath.Join(dir, "main.go"), outside))
	if err := os.Symlink(outside, filepath.Join(dir, "main.go")); err != nil {
		t.Skip(err)
	}
	requireNoLines(t, reportOf(t, dir, nil))

	other := module(t) // whose frames on the stack are those of a dependency, too
	require.NoError(t, os.WriteFile(filepath.Join(other, "main.go"), []byte(strings.Replace(paramsProgram,
		`panic("parameters")`, "sort.Slice([]int{1, 2}, func(i, j int) bool { panic(1) })", 1)), 0o600))
	source, err := os.ReadFile(filepath.Join(other, "main.go"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(other, "main.go"),
		[]byte(strings.Replace(string(source), `"os"`, "\"os\"\n\t\"sort\"", 1)), 0o600))
	for _, f := range reportOf(t, other, nil).Frames() {
		require.Equal(t, f.InApp, f.ContextLine != "", f.Name())
	}
}

// TestRevision: the commit of the build is a tag, so that its lines can be found.
// TestSourceLinesAfterManyInits: they have a directory open, and so are one for all.
func TestSourceLinesAfterManyInits(t *testing.T) {
	t.Parallel()
	require.NotNil(t, sentry.SourcesOf("development"))
	require.Same(t, sentry.SourcesOf("development"), sentry.SourcesOf("staging"))
	require.Nil(t, sentry.SourcesOf("production"))
}

func TestRevision(t *testing.T) {
	t.Parallel()
	dir := module(t)
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=x", "-c", "user.email=x@example.com"}, args...)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return strings.TrimSpace(string(out))
	}
	git("init", "-q")
	git("add", ".")
	git("commit", "-q", "-m", "first")

	e := reportOf(t, dir, nil, "-buildvcs=true")
	require.Regexp(t, "^"+git("rev-parse", "HEAD")+`(\+dirty)?$`, e.Tags["vcs.revision"])
	require.NotContains(t, reportOf(t, dir, nil, "-buildvcs=false").Tags, "vcs.revision")
}
