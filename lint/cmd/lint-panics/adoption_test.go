package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// systemModule makes a program with one finding on every system, and one on Windows.
func systemModule(t *testing.T) string {
	t.Helper()
	dir := module(t, os.DirFS(t.TempDir()))
	write(t, dir, "main.go", "package main\n\nimport \"os\"\n\nfunc main() {\n\tgo work(os.Args)\n\tother()\n}\n\nfunc work(args []string) { println(args[1]) }\n")
	write(t, dir, "other_linux.go", "package main\n\nfunc other() {}\n")
	write(t, dir, "other_darwin.go", "package main\n\nfunc other() {}\n")
	write(t, dir, "other_windows.go", "package main\n\nimport \"os\"\n\nfunc other() {\n\tgo work(os.Args[1:])\n}\n")
	return dir
}

func TestSystems(t *testing.T) {
	dir := systemModule(t)
	const systems = "-os=linux,windows,darwin"
	out, status := lint(t, dir, systems, "./...")
	want := regexp.MustCompile(`^main.go:6:2: .* has no guard.*\nother_windows.go:6:2: .* has no guard.*\n$`)
	if status != 1 || !want.MatchString(out) {
		t.Errorf("status %d:\n%s", status, out)
	}
	if out, status := lint(t, dir, "-fix", systems, "./..."); status != 0 || out != "" {
		t.Errorf("-fix: status %d:\n%s", status, out)
	}
	if out, status := lint(t, dir, systems, "./..."); status != 0 || out != "" {
		t.Errorf("after -fix, status %d:\n%s", status, out)
	}
	if out, status := lint(t, dir, "-os=linux,plan10", "./..."); status == 0 || !strings.Contains(out, "plan10") {
		t.Errorf("a system that does not exist: status %d:\n%s", status, out)
	}
}

// TestBaselineOfCommand: with a baseline, only new findings count.
func TestBaselineOfCommand(t *testing.T) {
	dir := programModule(t)
	if out, status := lint(t, dir, "-baseline=known", "-update", "./..."); status != 0 || out != "" {
		t.Fatalf("-update: status %d:\n%s", status, out)
	}
	if out, status := lint(t, dir, "-baseline=known", "./..."); status != 0 || out != "" {
		t.Errorf("nothing is new, but status %d:\n%s", status, out)
	}
	write(t, dir, "main.go", strings.Replace(program, "func main() {\n", "// A comment.\nfunc main() {\n\tgo new()\n", 1)+"\nfunc new() { fmt.Println() }\n")
	out, status := lint(t, dir, "-baseline=known", "./...")
	if status != 1 || strings.Count(out, "\n") != 1 || !strings.Contains(out, "main.go:12:2: goroutine new has no guard") {
		t.Errorf("status %d:\n%s", status, out)
	}
	// From another folder, the same.
	if out, status := lint(t, filepath.Join(dir, "worker"), "-baseline=../known", "../..."); status != 1 || strings.Count(out, "\n") != 1 {
		t.Errorf("status %d:\n%s", status, out)
	}
	if out, status := lint(t, dir, "-baseline=none", "./..."); status != 2 || !strings.Contains(out, "none") {
		t.Errorf("without the file: status %d:\n%s", status, out)
	}
	raw, _ := lint(t, dir, "-sarif", "./...")
	var log struct {
		Runs []struct {
			Results []struct{ RuleID string }
		}
	}
	if err := json.Unmarshal([]byte(raw), &log); err != nil || len(log.Runs) != 1 || len(log.Runs[0].Results) != 2 || log.Runs[0].Results[0].RuleID != "missing" {
		t.Errorf("-sarif: %v\n%s", err, raw)
	}
}

func TestFlagsThatExclude(t *testing.T) {
	for want, args := range map[string][]string{
		"exclude each other":     {"-baseline=x", "-fix", "."},
		"-diff needs -fix":       {"-diff", "."},
		"-update needs":          {"-update", "."},
		"needs a value":          {"-baseline"},
		"is true or false":       {"-fix=perhaps", "."},
		"is a number of lines":   {"-c=x", "."},
		"-overlay is not":        {"-fix", "-overlay=x", "."},
		"is not of the form":     {"-starters=a.F", "."},
		"-json, -sarif and -fix": {"-json", "-sarif", "."},
	} {
		if _, err := parse(args); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", args, err, want)
		}
	}
}

// TestExamples: the command lines in the examples are right.
func TestExamples(t *testing.T) {
	line := regexp.MustCompile(`(?m)^[ -]*(?:run: |entry: |exec )?lint-panics (.+)$`)
	files, err := filepath.Glob("../../examples/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := line.FindAllStringSubmatch(string(text), -1)
		if len(lines) == 0 {
			t.Errorf("%s does not run the command", file)
		}
		for _, m := range lines {
			command, _, _ := strings.Cut(m[1], " > ")
			o, err := parse(strings.Fields(command))
			if err != nil || len(o.build) > 0 || strings.Join(o.packages, " ") != "./..." {
				t.Errorf("%s: %s: %v", file, command, err)
			}
		}
	}
}
