package guards

import (
	"fmt"
	"go/ast"
	"strings"
)

// A Guard is a function that fixes defer, with what has to be known before they do.
type Guard struct {
	Name    Name
	Package string // the name of the package

	missing   string          // why the package cannot be imported at all
	importers map[string]bool // the packages that the guard's package needs
	tests     map[string]bool // the packages that its tests need
}

// Find asks the go command about a guard. It returns an error if the package exists
// and has no such function without parameters. If the package cannot be found, or
// does not compile, Importable tells that for every package.
func Find(build []string, name Name) (*Guard, error) {
	if name.Type != "" {
		return nil, fmt.Errorf("%s is a method: a fix needs a function", name)
	}
	g := &Guard{Name: name, Package: name.Path[strings.LastIndex(name.Path, "/")+1:]}
	packages, err := list(build, []string{"-deps"}, name.Path)
	if err != nil {
		return nil, err
	}
	var itself *Package
	g.importers = make(map[string]bool)
	for _, p := range packages {
		if p.DepOnly {
			g.importers[p.ImportPath] = true
			if p.Error != nil && g.missing == "" {
				g.missing = p.Error.Err
			}
		} else {
			itself = &p
		}
	}
	switch {
	case itself == nil:
		g.missing = "there is no package " + name.Path
	case itself.Error != nil:
		g.missing = itself.Error.Err
	case itself.Name == "main":
		return nil, fmt.Errorf("%s is in a program, which cannot be imported", name)
	}
	if g.missing != "" {
		g.missing = oneLine(g.missing)
		return g, nil
	}
	g.Package = itself.Name
	if err := check(itself, name); err != nil {
		return nil, err
	}
	return g, g.findTests(build, itself.TestImports)
}

// oneLine joins the lines of an error of the go command.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func check(p *Package, name Name) error {
	decl := declarations(*p).functions[name.Func]
	switch {
	case decl == nil:
		return fmt.Errorf("package %s has no function %s", name.Path, name.Func)
	case !decl.Name.IsExported():
		return fmt.Errorf("%s is not exported", name)
	case decl.Type.Params.NumFields() > 0 && !isVariadic(decl.Type) || decl.Type.TypeParams != nil:
		return fmt.Errorf("%s has parameters: a fix needs a function without", name)
	}
	return nil
}

func isVariadic(t *ast.FuncType) bool {
	if len(t.Params.List) != 1 || len(t.Params.List[0].Names) > 1 {
		return false
	}
	_, ok := t.Params.List[0].Type.(*ast.Ellipsis)
	return ok
}

// findTests notes what the tests in the guard's package import. A package among them
// that imported the guard's package would make a cycle, though only in the tests.
func (g *Guard) findTests(build, imports []string) error {
	g.tests = make(map[string]bool)
	if len(imports) == 0 {
		return nil
	}
	packages, err := list(build, []string{"-deps"}, imports...)
	if err != nil {
		return err
	}
	for _, p := range packages {
		g.tests[p.ImportPath] = true
	}
	return nil
}

// Importable returns why a package cannot import the package of the guard, or "".
func (g *Guard) Importable(from string) string {
	path := g.Name.Path
	switch {
	case g.missing != "":
		return g.missing
	case from == path:
		return ""
	case g.importers[from]:
		return fmt.Sprintf("package %s imports this package, directly or not", path)
	case g.tests[from]:
		return fmt.Sprintf("the tests of package %s import this package, directly or not", path)
	}
	if parent, ok := internalTo(path); ok && from != parent && !strings.HasPrefix(from, parent+"/") {
		return fmt.Sprintf("package %s is internal to %s", path, parent)
	}
	return ""
}

// internalTo returns the path of the tree to which a package is internal.
func internalTo(path string) (parent string, ok bool) {
	if path == "internal" || strings.HasPrefix(path, "internal/") {
		return "", true
	}
	if before, found := strings.CutSuffix(path, "/internal"); found {
		return before, true
	}
	i := strings.LastIndex(path, "/internal/")
	if i < 0 {
		return "", false
	}
	return path[:i], true
}
