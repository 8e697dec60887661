//go:build linux

package sentry_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// TestClosuresOfOthers: the compiler names a closure after the function into which
// its own is inlined, and the file tells whose it is.
func TestClosuresOfOthers(t *testing.T) {
	t.Parallel()
	for name, build := range map[string]func(t *testing.T) string{
		"replace":  func(t *testing.T) string { return inlinedProgram(t, "testdata/inlined/app", nil) },
		"trimpath": func(t *testing.T) string { return inlinedProgram(t, "testdata/inlined/app", nil, "-trimpath") },
		"cgo":      func(t *testing.T) string { return inlinedProgram(t, "testdata/inlined/app", []string{"CGO_ENABLED=1"}) },
		"cgo, trimpath": func(t *testing.T) string {
			return inlinedProgram(t, "testdata/inlined/app", []string{"CGO_ENABLED=1"}, "-trimpath")
		},
		"vendor":              func(t *testing.T) string { return inlinedProgram(t, vendored(t), nil, "-mod=vendor") },
		"vendor, trimpath":    func(t *testing.T) string { return inlinedProgram(t, vendored(t), nil, "-mod=vendor", "-trimpath") },
		"workspace":           func(t *testing.T) string { return inWorkspace(t) },
		"workspace, trimpath": func(t *testing.T) string { return inWorkspace(t, "-trimpath") },
	} {
		if name != "replace" && name != "trimpath" && os.Getenv(stressed) == "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := householdOf(t, build(t)).withSpool(t)
			h.run(t, "guarded")
			h.run(t, "")
			h.run(t, "none")
			require.Len(t, h.server.Events(), 2)
			inside, outside := h.server.Events()[0].Frames(), h.server.Events()[1].Frames()
			requireOwners(t, inside)
			inside, outside = withoutLines(inside), withoutLines(outside)
			inside[0].Lineno, outside[0].Lineno = 0, 0
			require.Equal(t, inside, outside)
		})
	}
}

func requireOwners(t *testing.T, frames []sentrytest.Frame) {
	t.Helper()
	seen := map[string]bool{}
	for _, f := range frames {
		seen[f.Module+" "+strings.TrimRight(f.Function, "0123456789")] = true
		want := map[string]string{
			"main.go": "main", "cgo.go": "main", "sub.go": "example.com/acme/lib/sub",
			"oncefunc.go": "sync", "once.go": "sync", "iter.go": "maps",
		}[filepath.Base(f.Filename)]
		require.Equal(t, want, f.Module, "%+v", f)
		require.Equal(t, want == "main", f.InApp, "%+v", f)
		if want == "main" {
			want = "example.com/acme/inlined/cmd/tool"
		}
		require.Equal(t, want+"/"+filepath.Base(f.Filename), f.Filename)
	}
	for _, name := range []string{
		"sync OnceValue[...].func", "maps Keys[...].func", "example.com/acme/lib/sub Wrap.", "example.com/acme/lib/sub (*T).Method.",
		"example.com/acme/lib/sub Typed[...].func", "example.com/acme/lib/sub (*Generic[...]).Call.func",
		"example.com/acme/lib/sub Each.func", "example.com/acme/lib/sub Loop-range",
	} {
		require.True(t, has(seen, name), "%s in %v", name, seen)
	}
}

// has tells whether a name begins so.
func has(seen map[string]bool, name string) bool {
	for s := range seen {
		if strings.HasPrefix(s, name) {
			return true
		}
	}
	return false
}

func inlinedProgram(t *testing.T, dir string, env []string, flags ...string) string {
	t.Helper()
	if env == nil {
		env = []string{"CGO_ENABLED=0"}
	}
	return testprogram.Source{Dir: dir, Package: "./cmd/tool", Env: append(env, "GOFLAGS="), Flags: flags}.Build(t)
}

// vendored is a copy of the program with all that it imports.
func vendored(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/inlined")))
	app := filepath.Join(dir, "app")
	testprogram.Go(t, app, "mod", "edit", "-replace=github.com/panicreport/sentry="+here)
	testprogram.Go(t, app, "mod", "vendor")
	return app
}

// inWorkspace builds the program in a workspace with all of its modules.
func inWorkspace(t *testing.T, flags ...string) string {
	t.Helper()
	here, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/inlined")))
	app := filepath.Join(dir, "app")
	testprogram.Go(t, app, "mod", "edit",
		"-dropreplace=github.com/panicreport/sentry", "-droprequire=github.com/panicreport/sentry",
		"-dropreplace=example.com/acme/lib", "-droprequire=example.com/acme/lib")
	work := filepath.Join(dir, "go.work")
	require.NoError(t, os.WriteFile(work, fmt.Appendf(nil, "go 1.25.0\n\nuse (\n\t./app\n\t./lib\n\t%s\n)\n", here), 0o600))
	return inlinedProgram(t, app, []string{"CGO_ENABLED=0", "GOWORK=" + work}, flags...)
}
