package finding

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
)

// A Key tells a finding apart from others, and stays the same while the lines around
// it move: the category, the file, the function around it, and the line of the source.
type Key struct {
	Category, File, Function, Code string
}

func (k Key) String() string {
	return strings.Join([]string{k.Category, k.File, k.Function, k.Code}, "\t")
}

// A Keyer makes keys. It reads each file once.
type Keyer struct {
	// Dir is the folder to which the files in keys are relative.
	Dir string

	files map[string]*source
}

type source struct {
	lines     [][]byte
	functions []function
}

// A function is a declaration in a file.
type function struct {
	name       string
	first, end int // lines
}

// Key returns the key of a finding. If the file cannot be read any more, function and
// code are empty.
func (k *Keyer) Key(f *Finding) Key {
	key := Key{Category: f.Category, File: Relative(k.Dir, f.File)}
	s := k.source(f.File)
	if f.Line-1 < len(s.lines) {
		key.Code = strings.Join(strings.Fields(string(s.lines[f.Line-1])), " ")
	}
	for _, fn := range s.functions {
		if fn.first <= f.Line && f.Line <= fn.end {
			key.Function = fn.name
		}
	}
	return key
}

func (k *Keyer) source(file string) *source {
	if s, ok := k.files[file]; ok {
		return s
	}
	s := new(source)
	if k.files == nil {
		k.files = make(map[string]*source)
	}
	k.files[file] = s
	text, err := os.ReadFile(file)
	if err != nil {
		return s
	}
	s.lines = bytes.Split(text, []byte("\n"))
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, text, parser.SkipObjectResolution)
	if err != nil {
		return s
	}
	for _, decl := range parsed.Decls {
		if d, ok := decl.(*ast.FuncDecl); ok {
			s.functions = append(s.functions, function{nameOf(d), fset.Position(d.Pos()).Line, fset.Position(d.End()).Line})
		}
	}
	return s
}

// nameOf returns f or T.f.
func nameOf(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	t := d.Recv.List[0].Type
	for {
		switch typed := t.(type) {
		case *ast.StarExpr:
			t = typed.X
		case *ast.ParenExpr:
			t = typed.X
		case *ast.IndexExpr:
			t = typed.X
		case *ast.IndexListExpr:
			t = typed.X
		case *ast.Ident:
			return typed.Name + "." + d.Name.Name
		default:
			return d.Name.Name
		}
	}
}
