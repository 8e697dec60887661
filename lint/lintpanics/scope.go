package lintpanics

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// leavesOut reports whether the analyzer leaves a file out: a test file without
// -tests or -alltests, a generated file without -generated, or a file below a folder of -skip.
// The functions in such a file are still judged if another file starts them.
func (c *checker) leavesOut(file *ast.File) bool {
	name := c.fileName(file)
	return !c.conf.tests && !c.conf.allTests && c.isTestFile(file) ||
		!c.conf.generated && c.isGenerated(file) ||
		c.conf.skip.has(c.folder(name))
}

// fileName returns the name of the original source file. For a package that uses
// cgo, the go command passes the files that cgo has generated.
func (c *checker) fileName(file *ast.File) string {
	if c.madeByCgo(file) {
		return c.pass.Fset.Position(file.Name.Pos()).Filename
	}
	return c.pass.Fset.File(file.FileStart).Name()
}

func (c *checker) madeByCgo(file *ast.File) bool {
	return strings.HasSuffix(c.pass.Fset.File(file.FileStart).Name(), ".cgo1.go")
}

func (c *checker) isTestFile(file *ast.File) bool {
	return strings.HasSuffix(c.fileName(file), "_test.go")
}

// sparesTest reports whether a verdict does not matter in a test file without
// -alltests: a goroutine without a guard ends the test binary with its panic's text,
// for the author to read. What hides the panic matters.
func (c *checker) sparesTest(pos token.Pos, v verdict) bool {
	if c.conf.allTests || v.Category != missing && v.Category != unseen {
		return false
	}
	return strings.HasSuffix(c.pass.Fset.Position(pos).Filename, "_test.go")
}

// isGenerated reports whether a file is generated. It looks at the original source
// file, because the output of cgo always is.
func (c *checker) isGenerated(file *ast.File) bool {
	if !c.madeByCgo(file) {
		return ast.IsGenerated(file)
	}
	origin, err := parser.ParseFile(token.NewFileSet(), c.fileName(file), nil, parser.ParseComments|parser.PackageClauseOnly)
	return err == nil && ast.IsGenerated(origin)
}

// folder returns the folder of a file, relative to the root of its module. If there
// is no go.mod above the file, it returns the path of the package.
func (c *checker) folder(name string) string {
	dir := filepath.Dir(name)
	for root := dir; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			rel, err := filepath.Rel(root, dir)
			if err != nil {
				break
			}
			return filepath.ToSlash(rel)
		}
		if root == filepath.Dir(root) {
			break
		}
	}
	return packagePath(c.pass.Pkg)
}

// folders is the value of a flag that lists paths.
type folders []string

func (f *folders) String() string { return strings.Join(*f, ",") }

func (f *folders) Set(s string) error {
	*f = nil
	for dir := range strings.SplitSeq(s, ",") {
		if dir = strings.TrimSpace(dir); dir != "" {
			*f = append(*f, path.Clean(filepath.ToSlash(dir)))
		}
	}
	return nil
}

// has reports whether dir is one of the folders, or below one.
func (f folders) has(dir string) bool {
	for _, skip := range f {
		if dir == skip || strings.HasPrefix(dir, skip+"/") {
			return true
		}
	}
	return false
}
