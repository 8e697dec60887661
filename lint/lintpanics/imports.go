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

// qualifier returns the text before a name of a package at pos, which ends with a
// dot. If the file does not import the package, it also returns the edit that does.
// A file imports a package once: if a variable hides it at pos, there is no
// qualifier, and why tells that.
func (f *fixer) qualifier(file *ast.File, pos token.Pos, g *guardFunc) (text string, edits []analysis.TextEdit, why string) {
	if g.path == packagePath(f.c.pass.Pkg) {
		return "", nil, ""
	}
	if have, found := importName(f.c.info, file, g.path); found {
		switch {
		case have == "":
			return "", nil, "" // import . "path"
		case f.means(file, pos, have):
			return have + ".", nil, ""
		}
		return "", nil, "another " + have + " hides package " + g.path + " here"
	}
	free := f.freeName(file, g.pkgName)
	alias := ""
	if free != g.pkgName || path.Base(g.path) != g.pkgName {
		alias = free + " "
	}
	return free + ".", []analysis.TextEdit{f.addImport(file, alias, g.path)}, ""
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
	scope := f.c.info.Scopes[file].Innermost(pos)
	if scope == nil {
		scope = f.c.info.Scopes[file]
	}
	_, obj := scope.LookupParent(name, pos)
	_, isPackage := obj.(*types.PkgName)
	return isPackage
}

// freeName returns a name for a package that nothing in the file has, nor in the
// package. So all fixes of the file can use it.
func (f *fixer) freeName(file *ast.File, name string) string {
	try := name
	for i := 2; ; i++ {
		if !declares(f.c.info.Scopes[file], try) && f.c.pass.Pkg.Scope().Lookup(try) == nil {
			return try
		}
		if i == 2 && name == "sentry" {
			try = "panicreport" // the file probably imports sentry-go
			continue
		}
		try = fmt.Sprintf("%s%d", name, i)
	}
}

// declares reports whether a scope, or one in it, declares name.
func declares(scope *types.Scope, name string) bool {
	if scope.Lookup(name) != nil {
		return true
	}
	for child := range scope.Children() {
		if declares(child, name) {
			return true
		}
	}
	return false
}

// addImport adds an import to the group of the imports that look most like it. If
// there is no declaration with parentheses, it goes after the last import, or after
// the package clause.
func (f *fixer) addImport(file *ast.File, alias, importPath string) analysis.TextEdit {
	spec := alias + strconv.Quote(importPath)
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
	group := f.nearestGroup(tok, last, importPath)
	if group == nil {
		return insertBelow(tok, last.Specs[len(last.Specs)-1].End(), "\n\t"+spec+"\n")
	}
	before := 0
	for before < len(group) && pathOf(group[before]) < importPath {
		before++
	}
	if before == 0 {
		at := tok.LineStart(tok.Line(specStart(group[0])))
		return analysis.TextEdit{Pos: at, End: at, NewText: []byte("\t" + spec + "\n")}
	}
	return insertBelow(tok, group[before-1].End(), "\t"+spec+"\n")
}

// specStart returns the start of an import, with the comment above it.
func specStart(spec *ast.ImportSpec) token.Pos {
	if spec.Doc != nil {
		return spec.Doc.Pos()
	}
	return spec.Pos()
}

// nearestGroup returns the imports between two blank lines that share most elements
// of their paths with importPath. It returns nil if there are only imports of the
// standard library. A group of the packages of this module is the last choice, because
// its authors have set it apart.
func (f *fixer) nearestGroup(tok *token.File, d *ast.GenDecl, importPath string) []*ast.ImportSpec {
	var best, group []*ast.ImportSpec
	most := -1
	flush := func() {
		shared := -1
		apart := f.isOwnGroup(group) && !f.c.isOurs(importPath+".")
		for _, spec := range group {
			if apart {
				shared = max(shared, 0)
			} else if isForeign(pathOf(spec)) == isForeign(importPath) {
				shared = max(shared, 1+sharedElements(pathOf(spec), importPath))
			}
		}
		if shared > most {
			best, most = group, shared
		}
		group = nil
	}
	for i, spec := range d.Specs {
		spec := spec.(*ast.ImportSpec)
		if i > 0 && tok.Line(specStart(spec)) > tok.Line(d.Specs[i-1].End())+1 {
			flush()
		}
		group = append(group, spec)
	}
	flush()
	return best
}

// isOwnGroup reports whether all imports of a group belong to this module.
func (f *fixer) isOwnGroup(group []*ast.ImportSpec) bool {
	return !slices.ContainsFunc(group, func(spec *ast.ImportSpec) bool { return !f.c.isOurs(pathOf(spec) + ".") })
}

// sharedElements returns how many elements two paths have in common at the start.
func sharedElements(a, b string) int {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	n := 0
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

func pathOf(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value)
	return p
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
	return slices.ContainsFunc(d.Specs, func(s ast.Spec) bool { return pathOf(s.(*ast.ImportSpec)) == "C" })
}

// isForeign reports whether a package does not belong to the standard library. Its
// path then begins with a host name.
func isForeign(importPath string) bool {
	host, _, _ := strings.Cut(importPath, "/")
	return strings.Contains(host, ".")
}
