package sentry_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// paramsProgram reports one panic; what it says of its build is in the event.
const paramsProgram = `package main

import (
	"os"

	"github.com/panicreport/sentry"
)

func main() {
	sentry.MustInit(sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")))
	defer sentry.Recover()
	panic("parameters")
}
`

// module writes a module example.com/acme/tool with paramsProgram, as go get
// leaves it, and returns its folder.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(paramsProgram), 0o644))
	// The requirements and sums of the crash program serve.
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("testdata", "crash", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o644))
	}
	testprogram.Go(t, dir, "mod", "edit", "-module=example.com/acme/tool", "-replace=github.com/panicreport/sentry="+workingDir(t))
	return dir
}

// reportOf builds the program in dir, runs it and returns its report.
func reportOf(t *testing.T, dir string, env []string, flags ...string) *sentrytest.Event {
	t.Helper()
	bin := testprogram.Source{Dir: dir, Flags: append(flags, "-mod=mod")}.Build(t)
	d := dieOf(t, bin, "", env...)
	require.Len(t, d.events, 1, d.Stderr)
	return d.events[0]
}

func TestPlainGoGetNeedsNoParameters(t *testing.T) {
	t.Parallel()
	e := reportOf(t, module(t), nil)
	require.Equal(t, "example.com/acme/tool", e.Tags["context.name"])
	require.Equal(t, "(devel)", e.Tags["context.version"])
	require.Equal(t, "example.com-acme-tool@(devel)", e.Release)
	require.Equal(t, "development", e.Environment)
}

// sentryParams runs the command as a build does, and returns the flags that it
// prints, or what it says against that.
func sentryParams(t *testing.T, env []string) (flags, refusal string) {
	t.Helper()
	o := testprogram.Run(t, testprogram.Command(t, "go", "run", "./cmd/sentry-params"), env...)
	if o.Status != 0 {
		require.NotEmpty(t, o.Stderr)
		return "", o.Stderr
	}
	return strings.TrimSpace(o.Stdout), ""
}

func TestParametersByTheLinker(t *testing.T) {
	t.Parallel()
	flags, refusal := sentryParams(t, []string{
		"SENTRY_CONTEXT_NAME=Bob's desk top", "SENTRY_CONTEXT_VERSION=v1.2.3", "SENTRY_PRODUCTION=True",
	})
	require.Empty(t, refusal)
	// A production build is one, whatever the run says.
	e := reportOf(t, module(t), []string{"SENTRY_ENVIRONMENT=staging"}, "-ldflags="+flags)
	require.Equal(t, "Bob's desk top", e.Tags["context.name"])
	require.Equal(t, "v1.2.3", e.Tags["context.version"])
	require.Equal(t, "Bob's desk top@1.2.3", e.Release)
	require.Equal(t, "production", e.Environment)
}

func TestParametersSurviveQuoting(t *testing.T) {
	t.Parallel()
	flags, refusal := sentryParams(t, []string{`SENTRY_CONTEXT_NAME=the "best" $HOME \tool=1`})
	require.Empty(t, refusal)
	e := reportOf(t, module(t), nil, "-ldflags="+flags)
	require.Equal(t, `the "best" $HOME \tool=1`, e.Tags["context.name"])
	require.Equal(t, "(devel)", e.Tags["context.version"])
}

func TestParametersThatCanNotBePassed(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]string{
		`SENTRY_CONTEXT_NAME=both ' and "`:  `SENTRY_CONTEXT_NAME contains both ' and "`,
		"SENTRY_CONTEXT_VERSION=two\nlines": "SENTRY_CONTEXT_VERSION contains a line break",
		"SENTRY_PRODUCTION=yes":             `SENTRY_PRODUCTION is "yes": use true or 1`,
	} {
		_, refusal := sentryParams(t, []string{env})
		require.Contains(t, refusal, want)
	}
}

// TestParametersByGenerate is a fork: the whole library is copied into a
// project, go generate fills the embedded files, and no flag is needed.
func TestParametersByGenerate(t *testing.T) {
	t.Parallel()
	dir := module(t)
	fork := filepath.Join(dir, "third_party", "sentry")
	copyLibrary(t, fork)
	testprogram.Go(t, dir, "mod", "edit", "-replace=github.com/panicreport/sentry=./third_party/sentry")

	// The go command need not compile again what it has in its cache from another folder.
	e := reportOf(t, dir, nil, "-trimpath")
	require.Equal(t, "example.com/acme/tool", e.Tags["context.name"], "the committed files are empty")

	generate := testprogram.Command(t, "go", "generate", ".")
	generate.Dir = fork
	o := testprogram.Run(t, generate, "SENTRY_CONTEXT_NAME=desktop", "SENTRY_CONTEXT_VERSION=2.0", "SENTRY_PRODUCTION=1")
	require.Zero(t, o.Status, o.Stderr)
	e = reportOf(t, dir, nil, "-trimpath")
	require.Equal(t, "desktop@2.0", e.Release)
	require.Equal(t, "production", e.Environment)

	// The linker's word is the later one.
	flags, refusal := sentryParams(t, []string{"SENTRY_CONTEXT_NAME=mobile", "SENTRY_PRODUCTION=false"})
	require.Empty(t, refusal)
	e = reportOf(t, dir, nil, "-trimpath", "-ldflags="+flags)
	require.Equal(t, "mobile@2.0", e.Release)
	require.Equal(t, "development", e.Environment)
}

// copyLibrary copies what a fork of the library has, without the tests.
func copyLibrary(t *testing.T, to string) {
	t.Helper()
	dirs := []string{".", "params", "cmd/sentry-params"}
	require.NoError(t, filepath.WalkDir("internal", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case d.IsDir():
			dirs = append(dirs, path)
		}
		return nil
	}))
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(to, dir), 0o755))
		for _, entry := range entries {
			name := filepath.Join(dir, entry.Name())
			if entry.IsDir() || strings.HasSuffix(name, "_test.go") {
				continue
			}
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(to, name), data, 0o644))
		}
	}
}

func TestCommittedParametersAreEmpty(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"SENTRY_CONTEXT_NAME", "SENTRY_CONTEXT_VERSION", "SENTRY_PRODUCTION"} {
		data, err := os.ReadFile(filepath.Join("params", name))
		require.NoError(t, err)
		require.Empty(t, data, "a build's value was committed")
	}
}

func TestEnvironmentOfAnyOtherBuild(t *testing.T) {
	require.False(t, sentry.Production())
	for given, want := range map[string]string{
		"": "development", "staging": "staging", " qa ": "qa", "production": "development",
		"PRODUCTION": "development", "\tproduction\n": "development", "a/b\\c": "a-b-c",
		strings.Repeat("é", 65): strings.Repeat("é", 32), // bytes
		"None":                  "-None",
		"the laptop of bob":     "development", "bob@example.com": "development", "10.1.2.3": "development", "pass=x": "development",
	} {
		t.Setenv("SENTRY_ENVIRONMENT", given)
		require.Equal(t, want, sentry.Environment(), given)
	}
}

func TestDefaultContextOfATestBinary(t *testing.T) {
	t.Parallel()
	require.Equal(t, "github.com/panicreport/sentry", sentry.DefaultContext())
	require.Equal(t, "(devel)", sentry.DefaultContextVersion())
}

// TestNothingBeforeMain: a program that links the library pays for it when it uses it.
// The Go runtime tells what the initialisation of each package costs.
func TestNothingBeforeMain(t *testing.T) {
	t.Parallel()
	ended := testprogram.Run(t, testprogram.Command(t, crashProgram(t), "nil"), "GODEBUG=inittrace=1")
	const most = 100_000 // bytes; one large regular expression takes twice as much
	bytes, packages := 0, 0
	for line := range strings.Lines(ended.Stderr) {
		var name, at, clock string
		var size, allocs int
		n, _ := fmt.Sscanf(line, "init %s @%s ms, %s ms clock, %d bytes, %d allocs", &name, &at, &clock, &size, &allocs)
		if n == 5 && strings.HasPrefix(name, "github.com/panicreport/sentry") {
			bytes += size
			packages++
		}
	}
	require.Greater(t, packages, 5)
	require.Less(t, bytes, most)
}
