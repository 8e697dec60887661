package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestGolangciLint builds golangci-lint with the plugin, and runs it with the
// example configuration on a copy of testdata/app.
func TestGolangciLint(t *testing.T) {
	if testing.Short() {
		t.Skip("builds golangci-lint")
	}
	bin := filepath.Join(t.TempDir(), "golangci-lint")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build golangci-lint: %v\n%s", err, out)
	}
	dir := module(t)
	cache := t.TempDir()
	for _, facts := range []string{"made", "cached"} {
		cmd := exec.Command(bin, "run", "--output.text.print-issued-lines=false", "--show-stats=false", "./...")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GOPROXY=off", "GOLANGCI_LINT_CACHE="+cache)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState.ExitCode() != 1 {
			t.Fatalf("golangci-lint, facts %s: %v\n%s", facts, err, out)
		}
		compare(t, dir, string(out))
	}
}

// module copies testdata/app into a new folder, with a replacement of package
// sentry.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	standIn := filepath.Join("..", "..", "lintpanics", "testdata", "src", "github.com", "panicreport", "sentry")
	for from, to := range map[string]string{"testdata/app": dir, standIn: filepath.Join(dir, "sentry")} {
		if err := os.CopyFS(to, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	config, err := os.ReadFile("../.golangci.example.yml")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		".golangci.yml": string(config),
		"go.mod":        "module example.com/app\n\ngo 1.26\n\nrequire github.com/panicreport/sentry v0.0.0\n\nreplace github.com/panicreport/sentry => ./sentry\n",
		"sentry/go.mod": "module github.com/panicreport/sentry\n\ngo 1.26\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var (
	want  = regexp.MustCompile(`// want "(.*)"`)
	issue = regexp.MustCompile(`(?m)^(\S+\.go):(\d+):\d+: (.*) \(lintpanics\)$`)
)

// compare compares the issues with the comments in the files.
func compare(t *testing.T, dir, out string) {
	t.Helper()
	issues := make(map[string]string)
	for _, m := range issue.FindAllStringSubmatch(out, -1) {
		issues[m[1]+":"+m[2]] = m[3]
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.go"))
	for _, file := range append(files, filepath.Join(dir, "main.go")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, file)
		for i, line := range strings.Split(string(text), "\n") {
			m := want.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			where := fmt.Sprintf("%s:%d", filepath.ToSlash(rel), i+1)
			if !regexp.MustCompile(m[1]).MatchString(issues[where]) {
				t.Errorf("%s: %q, want %q", where, issues[where], m[1])
			}
			delete(issues, where)
		}
	}
	if len(issues) > 0 {
		t.Errorf("not wanted: %v\n%s", issues, out)
	}
}
