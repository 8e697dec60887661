package main

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// reexec is the variable that makes the test binary the command, so that the tests
// run real processes.
const reexec = "LINT_PANICS_RUN"

func TestMain(m *testing.M) {
	if os.Getenv(reexec) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// lint runs the command in dir and returns its output and exit status.
func lint(t *testing.T, dir string, args ...string) (string, int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return run(t, dir, self, args...)
}

func run(t *testing.T, dir, name string, args ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), reexec+"=1", "GOFLAGS=", "GOPROXY=off", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if _, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
		t.Fatalf("run %s: %v", name, err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// module makes a module of files in a new folder. It also makes a module that
// replaces package sentry.
func module(t *testing.T, files fs.FS) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, files); err != nil {
		t.Fatal(err)
	}
	standIn := filepath.Join("..", "..", "lintpanics", "testdata", "src", "github.com", "panicreport", "sentry")
	if err := os.CopyFS(filepath.Join(dir, "panicreport"), os.DirFS(standIn)); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "panicreport/go.mod", "module github.com/panicreport/sentry\n\ngo 1.21\n")
	write(t, dir, "go.mod", `module example.com/fix

go 1.26

require github.com/panicreport/sentry v0.0.0

replace github.com/panicreport/sentry => ./panicreport
`)
	return dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestFix(t *testing.T) {
	dir := module(t, os.DirFS("testdata/fix"))
	fixed := []string{"./literal", "./helper", "./wrap", "./attempts", "./names"}
	if out, status := lint(t, dir, append([]string{"-fix"}, fixed...)...); status != 0 || out != "" {
		t.Errorf("fix: status %d, left:\n%s", status, out)
	}
	configured := []string{"-guards=example.com/fix/reporter.Monitor", "./configured"}
	if out, status := lint(t, dir, append([]string{"-fix"}, configured...)...); status != 0 || out != "" {
		t.Errorf("fix: status %d, left:\n%s", status, out)
	}
	compareGolden(t, "testdata/fix", dir)

	if out, status := run(t, dir, "go", "build", "./..."); status != 0 {
		t.Errorf("fixed packages do not compile:\n%s", out)
	}
	if out, status := lint(t, dir, fixed...); status != 0 {
		t.Errorf("fixed packages are not clean:\n%s", out)
	}
	if out, _ := run(t, dir, "gofmt", "-l", "."); out != "" {
		t.Errorf("not formatted: %s", out)
	}
}

// compareGolden compares the fixed files with the golden files.
func compareGolden(t *testing.T, testdata, dir string) {
	t.Helper()
	originals, err := filepath.Glob(testdata + "/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, original := range originals {
		rel, _ := filepath.Rel(testdata, original)
		got, err := os.ReadFile(filepath.Join(dir, rel))
		if err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(original)
		want, err := os.ReadFile(original + ".golden")
		switch {
		case bytes.Equal(got, before) && errors.Is(err, fs.ErrNotExist):
		case *update:
			if err := os.WriteFile(original+".golden", got, 0o644); err != nil {
				t.Fatal(err)
			}
		case !bytes.Equal(got, want):
			t.Errorf("%s is fixed to\n%s\nwant\n%s", rel, got, want)
		}
	}
}

const program = `package main

import (
	"fmt"

	"github.com/panicreport/sentry"
	"example.com/fix/worker"
)

func main() {
	go worker.Bad()
	go worker.Good()
	go func() {
		defer sentry.Recover()
		fmt.Println()
	}()
}
`

const worker = `package worker

import (
	"fmt"

	"example.com/fix/helper"
)

func Bad() { fmt.Println() }

func Good() {
	defer helper.OnPanic()
	fmt.Println()
}
`

const helper = `package helper

import "github.com/panicreport/sentry"

func OnPanic() {
	if r := recover(); r != nil {
		sentry.RecoverError(r)
	}
}
`

func programModule(t *testing.T) string {
	t.Helper()
	dir := module(t, os.DirFS(t.TempDir()))
	write(t, dir, "main.go", program)
	write(t, dir, "worker/worker.go", worker)
	write(t, dir, "helper/helper.go", helper)
	return dir
}

// onlyBad matches an output with exactly the one report that is right.
var onlyBad = regexp.MustCompile(`^(# .*\n|go: .*\n)*(\S*[/\\])?main.go:11:2: goroutine worker.Bad has no guard: .*\n$`)

func TestAlone(t *testing.T) {
	dir := programModule(t)
	for range 2 { // the second time with facts from the cache
		if out, status := lint(t, dir, "./..."); status != 1 || !onlyBad.MatchString(out) {
			t.Errorf("status %d:\n%s", status, out)
		}
	}
	if out, status := lint(t, dir, "./worker", "./helper"); status != 0 || out != "" {
		t.Errorf("clean packages: status %d:\n%s", status, out)
	}
	if out, status := lint(t, dir, "-json", "."); status != 0 || !strings.Contains(out, `"category": "missing"`) {
		t.Errorf("json: status %d:\n%s", status, out)
	}
	if _, status := lint(t, dir, "./none"); status == 0 {
		t.Error("a package that does not exist was looked at")
	}
}

func TestAloneFollowsChanges(t *testing.T) {
	dir := programModule(t)
	lint(t, dir, "./...")
	write(t, dir, "helper/helper.go", strings.Replace(helper, "sentry.RecoverError(r)", "println(r)", 1))
	write(t, dir, "helper/use.go", "package helper\n\nimport _ \"github.com/panicreport/sentry\"\n")
	write(t, dir, "helper/helper.go", "package helper\n\nfunc OnPanic() { recover() }\n")
	out, _ := lint(t, dir, "./...")
	if !strings.Contains(out, "main.go:12:2: goroutine worker.Good recovers a panic and does not report it") {
		t.Errorf("a helper two packages away no longer reports, but:\n%s", out)
	}
}

func TestVetTool(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := programModule(t)
	if out, status := run(t, dir, "go", "vet", "-vettool="+self, "./..."); status == 0 || !onlyBad.MatchString(out) {
		t.Errorf("status %d:\n%s", status, out)
	}
	if out, status := run(t, dir, "go", "vet", "-vettool="+self, "-skip=.", "./..."); status != 0 {
		t.Errorf("skipped: status %d:\n%s", status, out)
	}
}

func TestDiff(t *testing.T) {
	dir := programModule(t)
	out, _ := lint(t, dir, "-fix", "-diff", "./...")
	if !strings.Contains(out, "+\t\tdefer sentry.Recover()") {
		t.Errorf("no diff:\n%s", out)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "main.go")); err != nil || string(text) != program {
		t.Errorf("-diff has changed the file: %s", text)
	}
}

const cgoProgram = `package main

// static int twice(int n) { return 2 * n; }
import "C"

//export lib_twice
func lib_twice(n C.int) C.int {
	go C.twice(n)
	//lint:ignore lintpanics the comment is found in what cgo made
	go C.twice(n)
	return C.twice(n)
}

func main() {}
`

// TestCgo has files that cgo changes before the linter gets them.
func TestCgo(t *testing.T) {
	dir := module(t, os.DirFS(t.TempDir()))
	if out, _ := run(t, dir, "go", "env", "CGO_ENABLED"); strings.TrimSpace(out) != "1" {
		t.Skip("no cgo here")
	}
	write(t, dir, "main.go", cgoProgram)
	write(t, dir, "generated.go", "// Code generated by a test. DO NOT EDIT.\n\npackage main\n\nimport \"C\"\n\nfunc use() { go lib_twice(C.int(1)) }\n")
	out, _ := lint(t, dir, "./...")
	want := regexp.MustCompile(`(?s)main.go:7:6: exported C function lib_twice has no guard: .* before a call of C.twice .*main.go:8:2: goroutine C.twice has no guard`)
	if !want.MatchString(out) || strings.Count(out, "has no guard") != 2 {
		t.Errorf("reported:\n%s", out)
	}
	lint(t, dir, "-fix", "./...")
	if text, _ := os.ReadFile(filepath.Join(dir, "main.go")); string(text) != cgoProgram {
		t.Errorf("a file that uses cgo was fixed: %s", text)
	}
}

func TestHelp(t *testing.T) {
	out, _ := lint(t, t.TempDir(), "-help")
	for _, want := range []string{"-starters", "-guards", "-methods", "-funcs", "-tests", "-skip", "-generated", "-fix"} {
		if !strings.Contains(out, want) {
			t.Errorf("help does not tell of %s:\n%s", want, out)
		}
	}
	if out, status := lint(t, t.TempDir()); status != 2 || !strings.Contains(out, "no packages") {
		t.Errorf("without arguments: status %d:\n%s", status, out)
	}
}
