package lintpanics_test

import (
	"go/ast"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/panicreport/sentry/lint/lintpanics"
)

// A form is an entry of the map in testdata/src/forms, or a function there.
type form struct {
	name     string
	pos, end token.Pos // end is where the next form begins
	want     *regexp.Regexp
	got      []analysis.Diagnostic
}

func TestForms(t *testing.T) {
	forms := readForms(t)
	if len(forms) < 130 {
		t.Errorf("only %d forms", len(forms))
	}
	for _, f := range forms {
		switch {
		case f.want == nil && len(f.got) > 0:
			t.Errorf("%s: false alarm: %s", f.name, f.got[0].Message)
		case f.want != nil && len(f.got) != 1:
			t.Errorf("%s: %d reports, want one that matches %q", f.name, len(f.got), f.want)
		case f.want != nil && !f.want.MatchString(f.got[0].Message):
			t.Errorf("%s: reported %q, want a match of %q", f.name, f.got[0].Message, f.want)
		}
	}
}

// TestFormsTellTheTruth runs every form. The linter must report a form if its panic
// gets no report when it runs, and must not report it otherwise.
func TestFormsTellTheTruth(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "forms")
	build := exec.Command("go", "build", "-o", bin, "forms")
	build.Env = append(os.Environ(), "GO111MODULE=off", "GOFLAGS=", "GOPATH="+analysistest.TestData())
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build forms: %v\n%s", err, out)
	}
	turns := make(chan struct{}, 4*runtime.NumCPU()) // the processes mostly sleep
	var wg sync.WaitGroup
	for _, f := range readForms(t) {
		if strings.HasPrefix(f.name, "func ") {
			continue
		}
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			out, _ := exec.Command(bin, f.name).CombinedOutput()
			panicked := strings.Contains(string(out), "PANIC") || strings.Contains(string(out), "panic: ")
			unreported := panicked && !strings.Contains(string(out), "REPORT")
			if (unreported || anyway[f.name]) != (len(f.got) > 0 || elsewhere[f.name] || accepted[f.name]) {
				t.Errorf("%v\nbut the program said:\n%s", f, out)
			}
		})
	}
	wg.Wait()
}

// elsewhere has the forms whose go statement is in another function, where the
// linter reports it. anyway has the forms that the linter reports although the panic
// gets a report in this run. accepted has what the linter accepts, as the package
// comment says, although it can panic after the guard.
var (
	elsewhere = names("interface", "interface expression", "type parameter", "field", "parameter", "send to a channel sent", "element", "received", "asserted", "net/rpc")
	accepted  = names("deferred close of a closed channel")
	anyway    = names("go guard", "checked pointer")
)

func names(list ...string) map[string]bool {
	set := make(map[string]bool)
	for _, name := range list {
		set[name] = true
	}
	return set
}

// forms are the forms for two tests. They are read once.
var forms []*form

func readForms(t *testing.T) []*form {
	t.Helper()
	if forms != nil {
		return forms
	}
	results := analysistest.Run(silent{}, analysistest.TestData(), lintpanics.New(), "forms")
	if len(results) != 1 || results[0].Err != nil {
		t.Fatalf("analyze forms: %v", results)
	}
	pass := results[0].Pass
	for _, file := range pass.Files {
		forms = append(forms, splitForms(t, file)...)
	}
	for _, d := range results[0].Diagnostics {
		f := formAt(forms, d.Pos)
		if f == nil {
			t.Fatalf("%s: report outside of every form: %s", pass.Fset.Position(d.Pos), d.Message)
		}
		f.got = append(f.got, d)
	}
	for _, file := range pass.Files {
		readWants(t, file)
	}
	return forms
}

func readWants(t *testing.T, file *ast.File) {
	t.Helper()
	for _, group := range file.Comments {
		for _, comment := range group.List {
			_, pattern, ok := strings.Cut(comment.Text, "// want ")
			if !ok {
				continue
			}
			text, err := strconv.Unquote(strings.TrimSpace(pattern))
			if err != nil {
				t.Fatalf("%s: %v", comment.Text, err)
			}
			formAt(forms, comment.Pos()).want = regexp.MustCompile(text)
		}
	}
}

func splitForms(t *testing.T, file *ast.File) []*form {
	t.Helper()
	var forms []*form
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			forms = append(forms, &form{name: "func " + fn.Name.Name, pos: fn.Pos()})
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return true
			}
			lit, ok := kv.Key.(*ast.BasicLit)
			if !ok {
				return true
			}
			name, err := strconv.Unquote(lit.Value)
			if err != nil {
				t.Fatal(err)
			}
			forms = append(forms, &form{name: name, pos: kv.Pos()})
			return false
		})
	}
	for i := range forms {
		forms[i].end = file.FileEnd
		if i > 0 {
			forms[i-1].end = forms[i].pos
		}
	}
	return forms
}

func formAt(forms []*form, pos token.Pos) *form {
	for _, f := range forms {
		if f.pos <= pos && pos < f.end {
			return f
		}
	}
	return nil
}

// silent ignores the errors of analysistest about comments, because the tests here
// read these comments in another way.
type silent struct{}

func (silent) Errorf(string, ...any) {}

func (f *form) String() string {
	text := f.name
	for _, d := range f.got {
		text += ": " + d.Message
	}
	return text
}
