package main

import (
	"maps"
	"os"
	"strings"
	"testing"
)

// TestFixKeepsValues: a go statement evaluates the function and its arguments, so that
// what changes afterwards is nothing to the goroutine. After -fix, it still does.
func TestFixKeepsValues(t *testing.T) {
	t.Parallel()
	dir := module(t, os.DirFS("testdata/values"))
	before, status := run(t, dir, "go", "run", ".")
	if status != 0 {
		t.Fatal(before)
	}
	out, status := lint(t, dir, "-fix", "./...")
	if status != 0 {
		t.Errorf("status %d:\n%s", status, out)
	}
	if after, _ := run(t, dir, "go", "run", "."); after != before {
		t.Errorf("before -fix:\n%s\nafter:\n%s", before, after)
	}
	if out, _ := run(t, dir, "gofmt", "-l", "."); out != "" {
		t.Errorf("not formatted: %s", out)
	}
	fixed := contents(t, dir)
	if !strings.Contains(fixed["main.go"], "defer sentry.Recover()") {
		t.Error("nothing is fixed")
	}
	if out, _ := lint(t, dir, "-fix", "./..."); !maps.Equal(contents(t, dir), fixed) {
		t.Errorf("a second -fix changes something:\n%s", out)
	}
}
