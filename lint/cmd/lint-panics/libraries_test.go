package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A form is one way to pass a function to a library, as testdata/libraries has them.
type form struct {
	name        string
	first, last int    // lines
	want        string // the category, or empty
	out         string // what the program prints when the function panics
	status      int
}

// TestLibraries passes a function that panics to libraries that start goroutines. The
// linter must say of each call what happens when it runs.
func TestLibraries(t *testing.T) {
	if testing.Short() {
		t.Skip("needs modules from the proxy")
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/libraries")); err != nil {
		t.Fatal(err)
	}
	forms := libraryForms(t, filepath.Join(dir, "main.go"))
	bin := filepath.Join(t.TempDir(), "libraries")
	build := exec.Command("go", "build", "-o", bin, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		if strings.Contains(string(out), "dial tcp") || strings.Contains(string(out), "GOPROXY=off") {
			t.Skipf("the libraries cannot be had:\n%s", out)
		}
		t.Fatalf("build:\n%s", out)
	}
	var wait sync.WaitGroup // all at once: those that do not die wait for seconds
	for _, f := range forms {
		wait.Go(func() { f.out, f.status = run(t, dir, bin, f.name) })
	}
	wait.Wait()
	for _, f := range forms {
		f.check(t)
	}
	found := make(map[*form]string)
	for where, d := range report(t, dir, []string{"."}) {
		f := formAt(forms, where)
		if f == nil {
			t.Errorf("%s: no form there: %s", where, d.Message)
			continue
		}
		found[f] = d.Category
	}
	for _, f := range forms {
		if found[f] != f.want {
			t.Errorf("%s: found %q, want %q", f.name, found[f], f.want)
		}
	}
}

// check compares what happens with what the linter is to say of it.
func (f *form) check(t *testing.T) {
	t.Helper()
	is := ""
	switch {
	case !strings.Contains(f.out, "PANIC"):
		t.Errorf("%s: nothing has panicked:\n%s", f.name, f.out)
	case strings.Contains(f.out, "REPORT"):
	case f.status == 0:
		is = "swallowed"
	default:
		is = "missing"
	}
	if is != f.want {
		t.Errorf("%s: the linter is to say %q, but it is %q: status %d\n%s", f.name, f.want, is, f.status, f.out)
	}
}

func formAt(forms []*form, where string) *form {
	cells := strings.Split(where, ":")
	line, _ := strconv.Atoi(cells[1])
	for _, f := range forms {
		if f.first <= line && line <= f.last {
			return f
		}
	}
	return nil
}

// want matches the comment that tells the category.
var want = regexp.MustCompile(`// want "(.*)"`)

// libraryForms reads the forms, which are the elements of a map:
//
//	"name": func() { … }, // want "category"
func libraryForms(t *testing.T, name string) []*form {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	wants := make(map[int]string) // by line
	for _, group := range file.Comments {
		if m := want.FindStringSubmatch(group.List[0].Text); m != nil {
			wants[fset.Position(group.Pos()).Line] = m[1]
		}
	}
	var forms []*form
	ast.Inspect(file, func(n ast.Node) bool {
		kv, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, err := strconv.Unquote(kv.Key.(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		f := &form{name: key, first: fset.Position(kv.Pos()).Line, last: fset.Position(kv.End()).Line}
		f.want = wants[f.last]
		forms = append(forms, f)
		return false
	})
	return forms
}
