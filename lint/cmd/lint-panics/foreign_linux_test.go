package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// runLine matches what a program says of one of its runs: run name: category.
var runLine = regexp.MustCompile(`(?m)^//\trun (\w+): ?(\w*)$`)

// TestForeign runs functions that something else than Go calls: a thread of C,
// JavaScript, and a plugin. The linter must say of each what happens when it panics.
func TestForeign(t *testing.T) {
	if testing.Short() {
		t.Skip("builds with cgo, for wasm, and a plugin")
	}
	dir := module(t, os.DirFS("testdata/foreign"))
	root := strings.TrimSpace(output(t, dir, "go", "env", "GOROOT"))
	library := filepath.Join(dir, "library.so")
	for _, c := range []struct {
		name string
		env  []string
		with []string // the command that runs the program
		args []string
		need string
	}{
		{name: "thread", env: []string{"CGO_ENABLED=1"}, need: "gcc"},
		{name: "wasm", env: []string{"GOOS=js", "GOARCH=wasm"}, with: []string{filepath.Join(root, "lib/wasm/go_js_wasm_exec")}, need: "node"},
		{name: "host", env: []string{"CGO_ENABLED=1"}, args: []string{library}, need: "gcc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := exec.LookPath(c.need); err != nil {
				t.Skip(err)
			}
			bin := filepath.Join(t.TempDir(), c.name)
			foreign(t, dir, c.env, "go", "build", "-o", bin, "./"+c.name)
			if c.name == "host" {
				foreign(t, dir, c.env, "go", "build", "-buildmode=plugin", "-o", library, "./library")
				compareWants(t, dir, "library", c.env)
			}
			text, err := os.ReadFile(filepath.Join(dir, c.name, "main.go"))
			if err != nil {
				t.Fatal(err)
			}
			runs := runLine.FindAllStringSubmatch(string(text), -1)
			if len(runs) < 3 {
				t.Fatalf("%d runs", len(runs))
			}
			for _, m := range runs {
				command := append(append([]string{}, c.with...), bin, m[1])
				out, status := foreign(t, dir, c.env, append(command, c.args...)...)
				f := form{name: m[1], want: m[2], out: out, status: status}
				f.check(t)
			}
			compareWants(t, dir, c.name, c.env)
		})
	}
}

// TestBubble runs goroutines in bubbles of testing/synctest. One that panics without a
// guard is seen, as in any test, and one that hides its panic is reported.
func TestBubble(t *testing.T) {
	dir := module(t, os.DirFS("testdata/foreign"))
	for name, wanted := range map[string]int{"TestDies": 1, "TestFunction": 1, "TestHides": 0} {
		if out, status := foreign(t, dir, nil, "go", "test", "-run", name, "./bubble"); status != wanted || wanted == 1 && !strings.Contains(out, "panic: boom") {
			t.Errorf("%s: status %d\n%s", name, status, out)
		}
	}
	compareWants(t, dir, "bubble", nil, "-tests")
}

// foreign runs a command and returns its output and exit status. A build must succeed.
func foreign(t *testing.T, dir string, env []string, command ...string) (string, int) {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), reexec+"=1", "GOFLAGS=", "GOPROXY=off", "GOWORK=off"), env...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || err != nil && len(command) > 1 && command[1] == "build" {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// found matches a report in the text that the command prints.
var foundLine = regexp.MustCompile(`(?m)^(?:\./)?([\w./]+\.go):(\d+):\d+: (.*)$`)

// compareWants compares the lines that are reported in a folder with those that have a
// comment that wants it.
func compareWants(t *testing.T, dir, folder string, env []string, flags ...string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, _ := foreign(t, dir, env, append(append([]string{self}, flags...), "./"+folder)...)
	got, wanted := make(map[string]bool), make(map[string]bool)
	for _, m := range foundLine.FindAllStringSubmatch(out, -1) {
		got[filepath.Base(m[1])+":"+m[2]] = true
	}
	files, err := filepath.Glob(filepath.Join(dir, folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		line := 0
		for code := range strings.Lines(string(text)) {
			line++
			if want.MatchString(code) {
				wanted[filepath.Base(file)+":"+strconv.Itoa(line)] = true
			}
		}
	}
	if !maps.Equal(got, wanted) {
		t.Errorf("%s: reported %v, want %v\n%s", folder, got, wanted, out)
	}
}
