package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// slowSentry replaces package sentry in programs that run. Its report takes a while,
// as that to a server does, so that a program that does not wait for it ends before.
const slowSentry = `package sentry

import "time"

func Recover() {
	if value := recover(); value != nil {
		RecoverError(value)
		panic(value)
	}
}

func Go(f func()) {
	go func() {
		defer Recover()
		f()
	}()
}

func RecoverError(value any) {
	if value != nil {
		time.Sleep(300 * time.Millisecond)
		println("REPORT")
	}
}
`

// TestEndings runs programs in which a goroutine tells others that it has ended, or
// ends the process, before its panic is reported. They end without a report, and most
// of them with status 0. The linter must say so, and after -fix the same programs must
// report the panic and die of it.
func TestEndings(t *testing.T) {
	dir := module(t, os.DirFS("testdata/endings"))
	write(t, dir, "panicreport/sentry.go", slowSentry)
	programs := endings(t)
	bin := buildEndings(t, dir, programs)
	for name, want := range programs {
		t.Run(name+"/before", func(t *testing.T) {
			t.Parallel()
			out, status := run(t, dir, bin, name)
			reported := strings.Contains(out, "REPORT")
			if reported != (want == "") {
				t.Errorf("the linter is to say %q, but the program ends with status %d:\n%s", want, status, out)
			}
			if want == "early" && status != 0 {
				t.Errorf("status %d, want 0: the panic would be no secret\n%s", status, out)
			}
		})
	}
	t.Run("found", func(t *testing.T) {
		found := categories(t, dir)
		for name, want := range programs {
			if category, _, _ := strings.Cut(want, ","); found[name] != category {
				t.Errorf("%s: found %q, want %q", name, found[name], category)
			}
		}
	})
	t.Run("fix", func(t *testing.T) {
		fixed := t.TempDir()
		if err := os.CopyFS(fixed, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		runFixed(t, fixed, programs)
	})
}

// runFixed fixes the programs and runs them again.
func runFixed(t *testing.T, dir string, programs map[string]string) {
	out, status := lint(t, dir, "-fix", "./...")
	if want := strings.Count(out, "no fix:"); status != 1 || want != 1 || !strings.Contains(out, "otherloop") {
		t.Errorf("after -fix, status %d, left:\n%s", status, out)
	}
	if out, _ := run(t, dir, "gofmt", "-l", "."); out != "" {
		t.Errorf("not formatted: %s", out)
	}
	compareGolden(t, "testdata/endings", dir)
	bin := buildEndings(t, dir, programs)
	for name, want := range programs {
		if strings.HasSuffix(want, "no fix") {
			continue
		}
		t.Run(name+"/after", func(t *testing.T) {
			t.Parallel()
			out, status := run(t, dir, bin, name)
			if strings.Count(out, "REPORT") == 0 {
				t.Errorf("status %d:\n%s", status, out)
			}
		})
	}
}

// buildEndings builds one program that runs the Main function of the package that its
// argument names. To link a program for each one would take half a minute.
func buildEndings(t *testing.T, dir string, programs map[string]string) string {
	t.Helper()
	var imports, cases strings.Builder
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		fmt.Fprintf(&imports, "\t%q\n", "example.com/fix/"+name)
		fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s.Main()\n", name, name)
	}
	write(t, dir, "all/main.go", "package main\n\nimport (\n\t\"os\"\n\n"+imports.String()+
		")\n\nfunc main() {\n\tname := os.Args[1]\n\tos.Args = os.Args[:1]\n\tswitch name {\n"+cases.String()+"\t}\n}\n")
	bin := filepath.Join(t.TempDir(), "endings")
	if out, status := run(t, dir, "go", "build", "-o", bin, "./all"); status != 0 {
		t.Fatalf("build:\n%s", out)
	}
	return bin
}

// endings returns what the linter is to say of each program.
func endings(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/endings/*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs: %v", err)
	}
	programs := make(map[string]string)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		want, ok := strings.CutPrefix(first, "// want:")
		if !ok {
			continue // a package that a program imports
		}
		programs[filepath.Base(filepath.Dir(file))] = strings.TrimSpace(want)
	}
	return programs
}

// categories returns the category of the finding in each folder.
func categories(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := make(map[string]string)
	for where, d := range report(t, dir, []string{"."}) {
		name, _, _ := strings.Cut(where, "/")
		if found[name] != "" {
			t.Errorf("%s: also found %s: %s", name, d.Category, d.Message)
		}
		found[name] = d.Category
	}
	return found
}
