package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The guard of these tests. It imports package core, so that core cannot import it.
const guardPackage = `package common

import (
	"github.com/panicreport/sentry"

	"example.com/fix/core"
)

func LogOnPanic() {
	if r := recover(); r != nil {
		core.Note(r)
		sentry.RecoverError(r)
		panic(r)
	}
}
`

const corePackage = `package core

func Note(any) {}

func Start(f func()) {
	go func() { f() }()
}
`

const appPackage = `package main

import (
	"os"

	"example.com/fix/core"
)

func main() {
	core.Start(func() {})
	go work(os.Args)
}

func work(args []string) { println(args[1]) }
`

// unfixed are the ways in which a fix would break the build. Each is a module that
// builds, with flags. The fix of package core is refused for the reason; that of the
// program is made, unless the command fails.
var unfixed = map[string]struct {
	files  map[string]string
	args   []string
	why    string // why the fix of core is refused
	fails  string // what the command says instead of a fix
	nobody bool   // the fix of the program is refused for the same reason
}{
	"import cycle": {
		files: map[string]string{"common/common.go": guardPackage},
		why:   "package example.com/fix/common imports this package, directly or not",
	},
	"import cycle by tests": {
		files: map[string]string{
			"common/common.go":      strings.NewReplacer(`	"example.com/fix/core"`, "", "core.Note(r)", "").Replace(guardPackage),
			"common/common_test.go": "package common\n\nimport (\n\t\"testing\"\n\n\t\"example.com/fix/core\"\n)\n\nfunc TestIt(t *testing.T) { core.Note(LogOnPanic) }\n",
		},
		why: "the tests of package example.com/fix/common import this package, directly or not",
	},
	"internal package": {
		files:  map[string]string{"tree/internal/common/common.go": strings.NewReplacer(`	"example.com/fix/core"`, "", "core.Note(r)", "").Replace(guardPackage)},
		args:   []string{"-guards=example.com/fix/tree/internal/common.LogOnPanic"},
		why:    "package example.com/fix/tree/internal/common is internal to example.com/fix/tree",
		nobody: true,
	},
	"misspelt function": {
		files: map[string]string{"common/common.go": guardPackage},
		args:  []string{"-guards=example.com/fix/common.LogOnPanics"},
		fails: "package example.com/fix/common has no function LogOnPanics",
	},
	"misspelt package": {
		files:  map[string]string{"common/common.go": guardPackage},
		args:   []string{"-guards=example.com/fix/comon.LogOnPanic"},
		why:    "package example.com/fix/comon",
		nobody: true,
	},
	"function with a parameter": {
		files: map[string]string{"common/common.go": strings.Replace(guardPackage, "LogOnPanic()", "LogOnPanic(name string)", 1)},
		fails: "example.com/fix/common.LogOnPanic has parameters",
	},
	"a method": {
		files: map[string]string{"common/common.go": strings.Replace(guardPackage, "func LogOnPanic()", "type Log struct{}\n\nfunc (Log) OnPanic()", 1)},
		args:  []string{"-guards=example.com/fix/common.Log.OnPanic"},
		why:   "", // package sentry is there
	},
	"another finding in the same file": {
		files: map[string]string{"main.go": strings.NewReplacer("\t\"os\"\n", "\t\"context\"\n\t\"os\"\n",
			"func main() {\n", "type job struct{ n int }\n\nfunc (j *job) run() { println(1 / j.n) }\n\nfunc main() {\n\tcontext.AfterFunc(context.Background(), new(job).run)\n\tnew(job).run()\n").Replace(appPackage)},
		args: []string{"-guards="},
	},
	"no requirement": {
		files:  map[string]string{"go.mod": "module example.com/fix\n\ngo 1.26\n"},
		args:   []string{"-guards="},
		why:    "go get github.com/panicreport/sentry",
		nobody: true,
	},
	"not on this system": {
		files: map[string]string{
			"common/common.go":         "package common\n",
			"common/common_windows.go": strings.NewReplacer(`	"example.com/fix/core"`, "", "core.Note(r)", "").Replace(guardPackage),
		},
		why:    "undefined: common.LogOnPanic",
		nobody: true,
	},
	"not on this system, but another one is": {
		files: map[string]string{
			"common/common.go":         "package common\n",
			"common/common_windows.go": strings.NewReplacer(`	"example.com/fix/core"`, "", "core.Note(r)", "").Replace(guardPackage),
			"main.go": strings.NewReplacer("\t\"os\"\n", "\t\"os\"\n\n\t\"github.com/panicreport/sentry\"\n",
				"func main() {\n", "func main() {\n\tdefer sentry.Recover()\n").Replace(appPackage),
		},
		why: "undefined: common.LogOnPanic",
	},
}

// TestUnfixed: after -fix, a module builds, with its tests, and each finding that is
// left says why.
func TestUnfixed(t *testing.T) {
	for name, test := range unfixed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := module(t, os.DirFS(t.TempDir()))
			write(t, dir, "core/core.go", corePackage)
			write(t, dir, "main.go", appPackage)
			for file, text := range test.files {
				write(t, dir, file, text)
			}
			if out, status := run(t, dir, "go", "vet", "./..."); status != 0 {
				t.Fatalf("the module does not build:\n%s", out)
			}
			before := contents(t, dir)
			args := test.args
			if args == nil {
				args = []string{"-guards=example.com/fix/common.LogOnPanic"}
			}
			out, status := lint(t, dir, append(append([]string{"-fix"}, args...), "./...")...)
			after := contents(t, dir)
			if test.fails != "" {
				if status != 2 || !strings.Contains(out, test.fails) || !maps.Equal(before, after) {
					t.Errorf("status %d, changed %v, want 2 and %q:\n%s", status, !maps.Equal(before, after), test.fails, out)
				}
				return
			}
			if out, status := run(t, dir, "go", "vet", "./..."); status != 0 {
				t.Errorf("after -fix, the module does not build:\n%s", out)
			}
			if fixed := after["core/core.go"] != before["core/core.go"]; fixed != (test.why == "") {
				t.Errorf("core is fixed: %v; want a reason: %q", fixed, test.why)
			}
			if fixed := after["main.go"] != before["main.go"]; fixed == test.nobody {
				t.Errorf("main is fixed: %v\n%s", fixed, out)
			}
			if test.why != "" && !strings.Contains(out, "no fix: ") || !strings.Contains(out, test.why) {
				t.Errorf("status %d, want the reason %q:\n%s", status, test.why, out)
			}
			again, _ := lint(t, dir, append(append([]string{"-fix"}, args...), "./...")...)
			if again != out || !maps.Equal(contents(t, dir), after) {
				t.Errorf("a second -fix does not the same:\n%s\nthe first:\n%s", again, out)
			}
		})
	}
}

// contents returns the Go files of a folder.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		all[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
