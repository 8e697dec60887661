// Package guards asks the go command about the functions that the flags of the linter
// name: whether they exist, and which packages may import them.
package guards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Name is a function or a method, as the flags write it: pkg/path.Func or
// pkg/path.Type.Method.
type Name struct{ Path, Type, Func string }

// ParseName parses a name.
func ParseName(s string) (Name, error) {
	slash := strings.LastIndex(s, "/") + 1
	parts := strings.Split(s[slash:], ".")
	// gopkg.in/tomb.v2.Tomb.Go: a version is a part of the path.
	if len(parts) > 2 && len(parts[1]) > 1 && parts[1][0] == 'v' && strings.Trim(parts[1][1:], "0123456789") == "" {
		parts = append([]string{parts[0] + "." + parts[1]}, parts[2:]...)
	}
	n := Name{Path: s[:slash] + parts[0]}
	switch len(parts) {
	case 2:
		n.Func = parts[1]
	case 3:
		n.Type, n.Func = parts[1], parts[2]
	default:
		return Name{}, fmt.Errorf("name %q is not of the form pkg.Func or pkg.Type.Method", s)
	}
	return n, nil
}

func (n Name) String() string {
	if n.Type == "" {
		return n.Path + "." + n.Func
	}
	return n.Path + "." + n.Type + "." + n.Func
}

// A Package is what the go command tells of a package.
type Package struct {
	ImportPath, Name, Dir             string
	GoFiles, CgoFiles, IgnoredGoFiles []string
	TestImports                       []string
	Standard, DepOnly                 bool
	Error                             *struct{ Err string }
}

// list runs go list. build are flags of the go command.
func list(build []string, flags []string, paths ...string) ([]Package, error) {
	args := append([]string{"list", "-e",
		"-json=ImportPath,Name,Dir,GoFiles,CgoFiles,IgnoredGoFiles,TestImports,Standard,DepOnly,Error"}, build...)
	cmd := exec.Command("go", append(append(args, flags...), paths...)...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("run go list: %w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	var all []Package
	decoder := json.NewDecoder(&stdout)
	for {
		var p Package
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read output of go list: %w", err)
		}
		all = append(all, p)
	}
}

// Check returns an error if a name is in a package that can be found, but the package
// has no such function. A package that cannot be found may belong to another project
// with the same flags, so Check returns the names in it as unknown.
func Check(build []string, names []Name) (unknown []Name, err error) {
	var paths []string
	for _, n := range names {
		if !slices.Contains(paths, n.Path) {
			paths = append(paths, n.Path)
		}
	}
	if len(paths) == 0 {
		return nil, nil
	}
	packages, err := list(build, []string{"-find"}, paths...)
	if err != nil {
		return nil, err
	}
	found := make(map[string]*declared)
	for _, p := range packages {
		if p.Error == nil && p.Dir != "" {
			found[p.ImportPath] = declarations(p)
		}
	}
	for _, n := range names {
		switch d := found[n.Path]; {
		case d == nil:
			unknown = append(unknown, n)
		case !d.has(n):
			return nil, fmt.Errorf("package %s has no function %s", n.Path, strings.TrimPrefix(n.Type+"."+n.Func, "."))
		}
	}
	return unknown, nil
}

// declared are the functions and methods of a package.
type declared struct {
	functions map[string]*ast.FuncDecl // by Func or Type.Method
	methods   map[string]bool          // of interfaces, by Type.Method
	embedding map[string]bool          // types that may have methods of other types
}

func declarations(p Package) *declared {
	d := &declared{make(map[string]*ast.FuncDecl), make(map[string]bool), make(map[string]bool)}
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			continue
		}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				d.function(decl)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok {
						d.typ(spec)
					}
				}
			}
		}
	}
	return d
}

func (d *declared) function(decl *ast.FuncDecl) {
	name := decl.Name.Name
	if decl.Recv != nil && len(decl.Recv.List) == 1 {
		t := decl.Recv.List[0].Type
		for {
			switch typed := t.(type) {
			case *ast.StarExpr:
				t = typed.X
				continue
			case *ast.IndexExpr:
				t = typed.X
				continue
			case *ast.IndexListExpr:
				t = typed.X
				continue
			case *ast.Ident:
				name = typed.Name + "." + name
			}
			break
		}
	}
	d.functions[name] = decl
}

func (d *declared) typ(spec *ast.TypeSpec) {
	switch t := spec.Type.(type) {
	case *ast.InterfaceType:
		for _, m := range t.Methods.List {
			for _, name := range m.Names {
				d.methods[spec.Name.Name+"."+name.Name] = true
			}
			d.embedding[spec.Name.Name] = d.embedding[spec.Name.Name] || len(m.Names) == 0
		}
	case *ast.StructType:
		for _, field := range t.Fields.List {
			d.embedding[spec.Name.Name] = d.embedding[spec.Name.Name] || len(field.Names) == 0
		}
	default:
		d.embedding[spec.Name.Name] = true // an alias, or a type made of another one
	}
}

func (d *declared) has(n Name) bool {
	name := strings.TrimPrefix(n.Type+"."+n.Func, ".")
	return d.functions[name] != nil || d.methods[name] || d.embedding[n.Type]
}
