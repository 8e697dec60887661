package lintpanics

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A helperFunc is a guard that fixes insert.
type helperFunc struct{ path, pkgName, name string }

// guard returns the call to defer at pos, and the edits that import its package. The
// guard is the helper without parameters that this package defers most often, or
// else the first one of -guards, or else sentry.Recover. There is none in the
// internal packages of package sentry, which cannot import it.
func (f *fixer) guard(file *ast.File, pos token.Pos) (string, []analysis.TextEdit, bool) {
	if f.pick == nil {
		f.pick = f.choose()
	}
	if f.pick.path == sentryPath && strings.HasPrefix(packagePath(f.c.pass.Pkg), sentryPath+"/internal/") {
		return "", nil, false
	}
	q, edits := f.qualifier(file, pos, f.pick.path, f.pick.pkgName)
	return q + f.pick.name + "()", edits, true
}

func (f *fixer) choose() *helperFunc {
	if h := f.inUse(); h != nil {
		return h
	}
	if h := f.configured(); h != nil {
		return h
	}
	return &helperFunc{sentryPath, "sentry", "Recover"}
}

// inUse returns the helper that this package defers most often. It prefers a helper
// of the project to a function of package sentry, because the project has the
// helper for a reason.
func (f *fixer) inUse() *helperFunc {
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
	return &helperFunc{packagePath(best.Pkg()), best.Pkg().Name(), best.Name()}
}

// canInsert reports whether fn() can be deferred anywhere in this package.
func (f *fixer) canInsert(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Recv() == nil && sig.Params().Len() == 0 && sig.TypeParams().Len() == 0 &&
		(fn.Exported() || fn.Pkg() == f.c.pass.Pkg)
}

// configured returns the first guard of -guards, if it is not a method.
func (f *fixer) configured() *helperFunc {
	name := f.c.conf.firstOf
	slash := strings.LastIndex(name, "/") + 1
	pkg, fn, ok := strings.Cut(name[slash:], ".")
	if !ok || strings.Contains(fn, ".") {
		return nil
	}
	return &helperFunc{name[:slash] + pkg, path.Base(pkg), fn}
}

// qualifier returns the text before a name of the package importPath at pos, which
// ends with a dot. If the file does not import the package, it also returns the edit
// that does.
func (f *fixer) qualifier(file *ast.File, pos token.Pos, importPath, name string) (string, []analysis.TextEdit) {
	if importPath == packagePath(f.c.pass.Pkg) {
		return "", nil
	}
	if have, found := importName(f.c.info, file, importPath); found {
		if have == "" {
			return "", nil // import . "path"
		}
		if f.means(file, pos, have) {
			return have + ".", nil
		}
	}
	free := f.freeName(file, pos, name)
	alias := ""
	if free != name || path.Base(importPath) != name {
		alias = free + " "
	}
	return free + ".", []analysis.TextEdit{f.addImport(file, alias+strconv.Quote(importPath))}
}

// importName returns the name of a package in a file. It is empty for import . "path".
func importName(info *types.Info, file *ast.File, importPath string) (name string, found bool) {
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != importPath {
			continue
		}
		obj := info.PkgNameOf(spec)
		switch {
		case obj == nil || obj.Name() == "_":
		case obj.Name() == ".":
			return "", true
		default:
			return obj.Name(), true
		}
	}
	return "", false
}

// means reports whether name is a package at pos, and not hidden by another object.
func (f *fixer) means(file *ast.File, pos token.Pos, name string) bool {
	_, obj := f.scope(file, pos).LookupParent(name, pos)
	_, isPackage := obj.(*types.PkgName)
	return isPackage
}

func (f *fixer) scope(file *ast.File, pos token.Pos) *types.Scope {
	if s := f.c.info.Scopes[file].Innermost(pos); s != nil {
		return s
	}
	return f.c.info.Scopes[file]
}

// freeName returns a name for a package that is not used in any scope around pos,
// nor in other files of this package.
func (f *fixer) freeName(file *ast.File, pos token.Pos, name string) string {
	try := name
	for i := 2; ; i++ {
		_, obj := f.scope(file, pos).LookupParent(try, token.NoPos)
		if obj == nil && f.c.pass.Pkg.Scope().Lookup(try) == nil {
			return try
		}
		if i == 2 && name == "sentry" {
			try = "panicreport" // the file probably imports sentry-go
			continue
		}
		try = fmt.Sprintf("%s%d", name, i)
	}
}

// addImport adds an import to the last import declaration with parentheses, or
// after the last import, or after the package clause.
func (f *fixer) addImport(file *ast.File, spec string) analysis.TextEdit {
	tok := f.c.pass.Fset.File(file.FileStart)
	var last, lastC *ast.GenDecl
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.IMPORT {
			if importsC(d) {
				lastC = d
			} else {
				last = d
			}
		}
	}
	switch {
	case last == nil && lastC != nil:
		return insertBelow(tok, lastC.End(), "\nimport "+spec+"\n")
	case last == nil:
		return insertBelow(tok, file.Name.End(), "\nimport "+spec+"\n")
	case !last.Lparen.IsValid() || len(last.Specs) == 0 || tok.Line(last.Rparen) == tok.Line(last.Lparen):
		return insertBelow(tok, last.End(), "import "+spec+"\n")
	}
	text := "\t" + spec + "\n"
	if !slices.ContainsFunc(last.Specs, isForeign) {
		text = "\n" + text
	}
	return insertBelow(tok, last.Specs[len(last.Specs)-1].End(), text)
}

// insertBelow inserts lines after the line of pos, so that a comment at the end of
// that line stays there.
func insertBelow(file *token.File, pos token.Pos, lines string) analysis.TextEdit {
	line := file.Line(pos)
	if line == file.LineCount() {
		return analysis.TextEdit{Pos: pos, End: pos, NewText: []byte("\n" + lines)}
	}
	at := file.LineStart(line + 1)
	return analysis.TextEdit{Pos: at, End: at, NewText: []byte(lines)}
}

func importsC(d *ast.GenDecl) bool {
	return slices.ContainsFunc(d.Specs, func(s ast.Spec) bool { return s.(*ast.ImportSpec).Path.Value == `"C"` })
}

// isForeign reports whether a package does not belong to the standard library. Its
// path then begins with a host name.
func isForeign(s ast.Spec) bool {
	host, _, _ := strings.Cut(s.(*ast.ImportSpec).Path.Value, "/")
	return strings.Contains(host, ".")
}
