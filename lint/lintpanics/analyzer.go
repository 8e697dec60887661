package lintpanics

import (
	_ "embed"
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

//go:embed doc.go
var source string

// Analyzer is the lintpanics analyzer. The package comment describes its flags.
// They are global, as the flags of every analyzer.
var Analyzer = New()

// New returns an analyzer with flags of its own. It is for a process that needs
// more than one configuration, as the settings of golangci-lint allow.
func New() *analysis.Analyzer {
	conf := new(config)
	a := &analysis.Analyzer{
		Name:      "lintpanics",
		Doc:       doc(source),
		URL:       "https://pkg.go.dev/github.com/panicreport/sentry/lint/lintpanics",
		Requires:  []*analysis.Analyzer{inspect.Analyzer},
		FactTypes: []analysis.Fact{new(funcFact), new(hookFact), new(hooksFact)},
		Run:       func(pass *analysis.Pass) (any, error) { return run(pass, conf) },
	}
	conf.register(&a.Flags)
	return a
}

// doc returns the part of the package comment that describes the analyzer, which
// begins after its heading:
//
//	// # Analyzer lintpanics
//	//
//	// lintpanics: report goroutines without a deferred guard
func doc(source string) string {
	comment, _, _ := strings.Cut(source, "\npackage ")
	var text []string
	for line := range strings.Lines(comment) {
		text = append(text, strings.TrimPrefix(strings.TrimPrefix(line, "//"), " "))
	}
	_, described, _ := strings.Cut(strings.Join(text, ""), "# Analyzer lintpanics\n\n")
	return described
}

// run first exports facts for the packages that import this one. Then it collects
// what starts a goroutine, finds the function that runs in it, looks for a guard in
// that function, and reports.
func run(pass *analysis.Pass, conf *config) (any, error) {
	c := &checker{
		pass:    pass,
		conf:    conf,
		info:    pass.TypesInfo,
		inspect: pass.ResultOf[inspect.Analyzer].(*inspector.Inspector),
		decls:   declarations(pass),
		memo:    make(map[ast.Node]*summary),
		noticed: make(map[ast.Node][]notice),
		unwound: make(map[ast.Node]*notice),
		quiet:   make(map[*ast.BlockStmt]bool),
		runs:    make(map[ast.Node][]callback),
		makes:   make(map[*ast.FuncDecl]bool),
	}
	c.exportFacts()
	c.exportVariables()
	c.exportHooks()

	r := newReporter(c)
	for _, s := range c.starts() {
		r.start(s)
	}
	for _, e := range c.entries() {
		r.entry(e)
	}
	for _, node := range c.functions() {
		r.order(node)
	}
	for _, call := range c.calls() {
		r.passed(call)
	}
	r.unusedIgnores()
	r.flush()
	return nil, nil
}
