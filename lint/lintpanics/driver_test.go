package lintpanics_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/panicreport/sentry/lint/lintpanics"
)

// A driver runs the analyzer on packages in memory, which is fast. It has no facts
// about the standard library, so every call of a function there can panic.
type driver struct {
	fset     *token.FileSet
	std      types.Importer
	packages map[string]*types.Package
	facts    map[types.Object]analysis.Fact
	analyzer *analysis.Analyzer
}

func newDriver(t testing.TB, standIns ...string) *driver {
	t.Helper()
	fset := token.NewFileSet()
	d := &driver{
		fset:     fset,
		std:      importer.ForCompiler(fset, "source", nil),
		packages: make(map[string]*types.Package),
		facts:    make(map[types.Object]analysis.Fact),
		analyzer: lintpanics.New(),
	}
	for _, path := range standIns {
		name := filepath.Base(path)
		source, err := os.ReadFile(filepath.Join("testdata", "src", filepath.FromSlash(path), name+".go"))
		if err != nil {
			t.Fatal(err)
		}
		d.run(t, path, string(source))
	}
	return d
}

func (d *driver) Import(path string) (*types.Package, error) {
	if pkg, ok := d.packages[path]; ok {
		return pkg, nil
	}
	pkg, err := d.std.Import(path)
	if err == nil {
		d.packages[path] = pkg // the importer reads the folder each time
	}
	return pkg, err
}

// A finding is a report and its line.
type finding struct {
	line     int
	category string
	message  string
	fixes    int
}

// run analyzes a package of one file and keeps its facts.
func (d *driver) run(t testing.TB, path, source string) []finding {
	t.Helper()
	file, err := parser.ParseFile(d.fset, path+".go", source, parser.ParseComments)
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	info := &types.Info{
		Types: make(map[ast.Expr]types.TypeAndValue), Defs: make(map[*ast.Ident]types.Object),
		Uses: make(map[*ast.Ident]types.Object), Implicits: make(map[ast.Node]types.Object),
		Instances: make(map[*ast.Ident]types.Instance), Scopes: make(map[ast.Node]*types.Scope),
		Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}
	conf := types.Config{Importer: d, Sizes: types.SizesFor("gc", "amd64")}
	pkg, err := conf.Check(path, d.fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatalf("%v in\n%s", err, source)
	}
	d.packages[path] = pkg
	var findings []finding
	pass := &analysis.Pass{
		Analyzer: d.analyzer, Fset: d.fset, Files: []*ast.File{file}, Pkg: pkg, TypesInfo: info,
		TypesSizes: conf.Sizes, ResultOf: make(map[*analysis.Analyzer]any),
		ReadFile: func(string) ([]byte, error) { return []byte(source), nil },
		Report: func(diag analysis.Diagnostic) {
			findings = append(findings, finding{d.fset.Position(diag.Pos).Line, diag.Category, diag.Message, len(diag.SuggestedFixes)})
		},
		ImportObjectFact: d.importFact,
		ExportObjectFact: func(obj types.Object, fact analysis.Fact) { d.facts[obj] = fact },
	}
	for _, a := range []*analysis.Analyzer{inspect.Analyzer, d.analyzer} {
		result, err := a.Run(pass)
		if err != nil {
			t.Fatalf("%s: %v", a, err)
		}
		pass.ResultOf[a] = result
	}
	return findings
}

func (d *driver) importFact(obj types.Object, fact analysis.Fact) bool {
	known, ok := d.facts[obj]
	if ok {
		reflect.ValueOf(fact).Elem().Set(reflect.ValueOf(known).Elem())
	}
	return ok
}
