package lintpanics

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// A guardFunc is a guard that fixes insert, and messages advise.
type guardFunc struct {
	path, pkgName, name string
	checked             bool // it exists, and this package may import it
}

// String returns the guard as code of another package would write it.
func (g *guardFunc) String() string { return g.pkgName + "." + g.name + "()" }

// guard returns the call to defer at pos, and the edits that import its package, or
// why there is none.
func (f *fixer) guard(file *ast.File, pos token.Pos) (text string, edits []analysis.TextEdit, why string) {
	g := f.pick()
	here := packagePath(f.c.pass.Pkg)
	if g.path == terms.SentryPath && strings.HasPrefix(here, terms.SentryPath+"/internal/") {
		return "", nil, "package sentry imports this package"
	}
	if why := f.usable(g); why != "" {
		return "", nil, why
	}
	q, edits, why := f.qualifier(file, pos, g)
	return q + g.name + "()", edits, why
}

// usable tells why this package cannot use a guard, or returns "". The command
// lint-panics has asked the go command already. In other drivers, only the packages
// that this one imports are known, directly or not. Any other package might import
// this one, and package sentry does not.
func (f *fixer) usable(g *guardFunc) string {
	if g.checked || g.path == packagePath(f.c.pass.Pkg) {
		return ""
	}
	if pkg := f.c.imports()[g.path]; pkg != nil {
		if fn, ok := pkg.Scope().Lookup(g.name).(*types.Func); !ok || !isNiladic(fn.Signature()) {
			return fmt.Sprintf("package %s has no function %s() without parameters", g.path, g.name)
		}
		return ""
	}
	if g.path == terms.SentryPath {
		return ""
	}
	return fmt.Sprintf("package %s may import this one: lint-panics -fix can tell", g.path)
}

// imports returns the packages that this one imports, directly or not, by path.
func (c *checker) imports() map[string]*types.Package {
	if c.closure != nil {
		return c.closure
	}
	c.closure = make(map[string]*types.Package)
	var add func(list []*types.Package)
	add = func(list []*types.Package) {
		for _, pkg := range list {
			if c.closure[pkg.Path()] == nil {
				c.closure[pkg.Path()] = pkg
				add(pkg.Imports())
			}
		}
	}
	add(c.pass.Pkg.Imports())
	return c.closure
}

// pick returns the guard that fixes insert. It is the helper without parameters that
// this package defers most often, or else the first one of -guards, or else
// sentry.Recover.
func (f *fixer) pick() *guardFunc {
	if f.picked == nil {
		switch inUse, configured := f.inUse(), f.configured(); {
		case inUse != nil:
			f.picked = inUse
		case configured != nil:
			f.picked = configured
		default:
			f.picked = &guardFunc{path: terms.SentryPath, pkgName: "sentry", name: "Recover"}
		}
	}
	return f.picked
}

// inUse returns the helper that this package defers most often. It prefers a helper
// of the project to a function of package sentry, because the project has the
// helper for a reason.
func (f *fixer) inUse() *guardFunc {
	uses := make(map[*types.Func]int)
	f.c.inspect.Preorder([]ast.Node{(*ast.DeferStmt)(nil)}, func(n ast.Node) {
		for _, t := range f.c.resolve(n.(*ast.DeferStmt).Call.Fun) {
			if t.fn != nil && f.c.isGuard(t) && f.canInsert(t.fn) {
				uses[t.fn]++
			}
		}
	})
	var best *types.Func
	for fn, n := range uses {
		own, bestOwn := !sentryGuards[fullName(fn)], best != nil && !sentryGuards[fullName(best)]
		switch {
		case best == nil, own && !bestOwn,
			own == bestOwn && n > uses[best],
			own == bestOwn && n == uses[best] && fullName(fn) < fullName(best):
			best = fn
		}
	}
	if best == nil {
		return nil
	}
	return &guardFunc{packagePath(best.Pkg()), best.Pkg().Name(), best.Name(), true}
}

// canInsert reports whether fn() can be deferred anywhere in this package.
func (f *fixer) canInsert(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Recv() == nil && isNiladic(sig) && sig.TypeParams().Len() == 0 &&
		(fn.Exported() || fn.Pkg() == f.c.pass.Pkg)
}

// isNiladic reports whether a function can be called without arguments.
func isNiladic(sig *types.Signature) bool {
	return sig.Params().Len() == 0 || sig.Variadic() && sig.Params().Len() == 1
}

// configured returns the guard that the command has checked, or the first guard of
// -guards, if it is not a method.
func (f *fixer) configured() *guardFunc {
	if g := f.c.conf.insert; g.path != "" {
		return &guardFunc{g.path, g.pkgName, g.name, true}
	}
	name := f.c.conf.firstOf
	slash := strings.LastIndex(name, "/") + 1
	pkg, fn, ok := strings.Cut(name[slash:], ".")
	if !ok || strings.Contains(fn, ".") {
		return nil
	}
	g := &guardFunc{path: name[:slash] + pkg, pkgName: path.Base(pkg), name: fn}
	if known := f.c.imports()[g.path]; known != nil {
		g.pkgName = known.Name()
	}
	return g
}
