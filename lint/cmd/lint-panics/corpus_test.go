package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A place is a row of a table: a place in the code that starts a goroutine.
type place struct {
	where    string // file:line:column
	form     string
	reported string // yes or no
	category string
	why      string
	judged   string // after reading the code: true, or why the linter is wrong; empty: not yet
}

func (p place) String() string {
	return strings.TrimSuffix(strings.Join([]string{p.where, p.form, p.reported, p.category, p.why, p.judged}, "\t"), "\t")
}

const tableHead = "where\tform\treported\tcategory\twhy\tjudged"

// unexplained is the reason in a new row, until somebody writes the real one.
const unexplained = "TODO: say why"

func TestGoEthereum(t *testing.T) {
	corpus(t, "github.com/ethereum/go-ethereum@v1.14.12", "testdata/go-ethereum.tsv", "p2p", "rpc")
}

// TestTools checks the linter with golang.org/x/tools. That module uses errgroup,
// and is always in the module cache, because the linter depends on it.
func TestTools(t *testing.T) {
	corpus(t, "golang.org/x/tools@v0.52.0", "testdata/tools.tsv", ".")
}

// corpus checks the linter with every place that starts a goroutine below some
// folders of a module. It finds these places by their syntax, without the linter.
// Each must be in the table, with the result that the linter has for it.
func corpus(t *testing.T, mod, table string, folders ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a module from the proxy")
	}
	dir := download(t, mod)
	found := report(t, dir, folders)
	places := candidates(t, dir, folders, true)
	tabulate(t, table, found, places)
}

// tabulate compares the places that start a goroutine, and what the linter reports of
// them, with a table. It returns them, and after them what else the linter reports:
// starters whose names starterNames does not have, hooks, and guards in the wrong order.
func tabulate(t *testing.T, table string, found map[string]diagnostic, all []place) []place {
	t.Helper()
	known := readTable(t, table)
	var places []place
	for _, p := range all {
		d, ok := found[p.where]
		if k := known[p.where]; k.form == p.form && k.category == d.Category {
			p.judged = k.judged
		}
		switch {
		case ok:
			p.reported, p.category, p.why = "yes", d.Category, strings.TrimPrefix(d.Message, "goroutine ")
		case p.reported == "": // the file belongs to this platform
			p.reported, p.why = "no", known[p.where].why
			if p.why == "" {
				p.why = unexplained
			}
		}
		places = append(places, p)
	}
	for _, where := range slices.Sorted(maps.Keys(found)) {
		if slices.ContainsFunc(places, func(p place) bool { return p.where == where }) {
			continue
		}
		d := found[where]
		p := place{where: where, form: "other", reported: "yes", category: d.Category, why: d.Message}
		if k := known[where]; k.form == p.form && k.category == d.Category {
			p.judged = k.judged
		}
		places = append(places, p)
	}
	compare(t, table, known, places)
	return places
}

func compare(t *testing.T, table string, known map[string]place, places []place) {
	t.Helper()
	if *update {
		lines := []string{tableHead}
		for _, p := range places {
			lines = append(lines, p.String())
		}
		if err := os.WriteFile(table, []byte(strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, p := range places {
		if known[p.where] != p || p.why == unexplained {
			t.Errorf("is    %v\ntable %v", p, known[p.where])
		}
		delete(known, p.where)
	}
	for _, p := range known {
		t.Errorf("in the table only: %v", p)
	}
}

// download returns the folder of a module in the module cache.
func download(t *testing.T, mod string) string {
	t.Helper()
	cmd := exec.Command("go", "mod", "download", "-json", mod)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	out, err := cmd.Output()
	var info struct{ Dir string }
	if err != nil || json.Unmarshal(out, &info) != nil || info.Dir == "" {
		t.Skipf("%s cannot be had: %v\n%s", mod, err, out)
	}
	return info.Dir
}

type diagnostic struct{ Category, Posn, Message string }

// report runs the command and returns the diagnostics about goroutines, by place.
func report(t *testing.T, dir string, folders []string) map[string]diagnostic {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return reportWith(t, self, dir, folders, "-alltests")
}

func reportWith(t *testing.T, tool, dir string, folders []string, flags ...string) map[string]diagnostic {
	t.Helper()
	args := append([]string{"-json"}, flags...)
	for _, folder := range folders {
		args = append(args, "./"+path.Join(folder, "..."))
	}
	cmd := exec.Command(tool, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), reexec+"=1", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOOS=linux", "GOARCH=amd64")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("lint-panics: %v\n%s", err, &stderr)
	}
	found := make(map[string]diagnostic)
	decoder := json.NewDecoder(bytes.NewReader(out))
	for {
		var tree map[string]map[string][]diagnostic
		if err := decoder.Decode(&tree); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		for _, byAnalyzer := range tree {
			for _, d := range byAnalyzer["lintpanics"] {
				rel, _ := filepath.Rel(dir, d.Posn)
				found[filepath.ToSlash(rel)] = d
			}
		}
	}
	return found
}

// starterNames are the names of the starters, without package and type. Other
// functions with such a name get a row, too, whose reason says so.
var starterNames = []string{"AddCleanup", "AfterFunc", "Go", "RegisterOnShutdown", "SetFinalizer", "TryGo", "NewCallback", "FuncOf"}

// candidates finds the go statements, and the calls of functions with the name of a
// starter, with or without those in tests.
func candidates(t *testing.T, dir string, folders []string, tests bool) []place {
	t.Helper()
	var all []place
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(name string, d fs.DirEntry, err error) error {
			base := filepath.Base(name)
			switch {
			case err != nil:
				return err
			case d.IsDir() && name != dir && (base == "testdata" || strings.HasPrefix(base, "_") || strings.HasPrefix(base, ".")):
				return filepath.SkipDir
			case d.IsDir() && name != dir && exists(filepath.Join(name, "go.mod")):
				return filepath.SkipDir
			case strings.HasSuffix(base, ".go") && (tests || !strings.HasSuffix(base, "_test.go")):
				all = append(all, fileCandidates(t, dir, name)...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func fileCandidates(t *testing.T, dir, name string) []place {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	here := build.Default
	here.GOOS, here.GOARCH = "linux", "amd64"
	built, err := here.MatchFile(filepath.Split(name))
	if err != nil {
		t.Fatal(err)
	}
	var places []place
	add := func(n ast.Node, form string) {
		pos := fset.Position(n.Pos())
		rel, _ := filepath.Rel(dir, pos.Filename)
		p := place{where: fmt.Sprintf("%s:%d:%d", filepath.ToSlash(rel), pos.Line, pos.Column), form: form}
		if !built {
			p.reported, p.why = "no", "not built on linux/amd64"
		}
		places = append(places, p)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			add(n, "go "+formOf(n.Call.Fun))
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if ok && slices.Contains(starterNames, sel.Sel.Name) && len(n.Args) > 0 {
				add(n, types.ExprString(sel)+" "+formOf(n.Args[len(n.Args)-1]))
			}
		}
		return true
	})
	return places
}

func formOf(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return "literal"
	case *ast.CallExpr:
		return "call result"
	default:
		return types.ExprString(e)
	}
}

func readTable(t *testing.T, name string) map[string]place {
	t.Helper()
	table := make(map[string]place)
	text, err := os.ReadFile(name)
	if err != nil && !*update {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) == 5 {
			cells = append(cells, "")
		}
		if len(cells) != 6 {
			t.Fatalf("%s: %d cells in %s", name, len(cells), strconv.Quote(line))
		}
		if line != tableHead+"\n" {
			table[cells[0]] = place{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5]}
		}
	}
	return maps.Clone(table)
}
