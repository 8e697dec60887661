package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A risk is something that can panic. Everything that is not known to be safe is a
// risk. A nil risk means that nothing can panic.
type risk struct {
	pos  token.Pos
	what string
}

func (c *checker) risky(n ast.Node, what string) *risk { return &risk{n.Pos(), what} }

// first returns the first risk of several expressions.
func (c *checker) first(exprs ...ast.Expr) *risk {
	for _, e := range exprs {
		if e == nil {
			continue
		}
		if r := c.expr(e); r != nil {
			return r
		}
	}
	return nil
}

// expr returns what can panic when e is evaluated.
func (c *checker) expr(e ast.Expr) *risk {
	if tv, ok := c.info.Types[e]; ok && (tv.Value != nil || tv.IsType()) {
		return nil
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.BasicLit, *ast.FuncLit:
		return nil
	case *ast.ParenExpr:
		return c.expr(e.X)
	case *ast.UnaryExpr:
		return c.expr(e.X) // a receive from a nil or closed channel does not panic
	case *ast.BinaryExpr:
		return c.binary(e)
	case *ast.SelectorExpr:
		return c.selector(e)
	case *ast.IndexExpr:
		return c.index(e)
	case *ast.IndexListExpr:
		return c.expr(e.X)
	case *ast.SliceExpr:
		return c.slice(e)
	case *ast.CompositeLit:
		return c.composite(e)
	case *ast.CallExpr:
		return c.call(e)
	case *ast.StarExpr:
		if c.isNonNil(e.X) {
			return nil
		}
		return c.risky(e, "a dereference")
	case *ast.TypeAssertExpr:
		return c.risky(e, "a type assertion")
	}
	return c.risky(e, "an expression")
}

func (c *checker) binary(e *ast.BinaryExpr) *risk {
	if r := c.first(e.X, e.Y); r != nil {
		return r
	}
	return c.operation(e, e.Op, e.X, e.Y)
}

// operation returns what can panic in x op y, except for x and y themselves.
func (c *checker) operation(at ast.Node, op token.Token, x, y ast.Expr) *risk {
	switch op {
	case token.QUO, token.REM, token.QUO_ASSIGN, token.REM_ASSIGN:
		if c.info.Types[y].Value == nil && !hasInfo(c.info.TypeOf(x), types.IsFloat|types.IsComplex) {
			return c.risky(at, "a division")
		}
	case token.SHL, token.SHR, token.SHL_ASSIGN, token.SHR_ASSIGN:
		if c.info.Types[y].Value == nil && !hasInfo(c.info.TypeOf(y), types.IsUnsigned) {
			return c.risky(at, "a shift by a signed count")
		}
	case token.EQL, token.NEQ:
		if !c.canCompare(x, y) {
			return c.risky(at, "a comparison of interfaces")
		}
	}
	return nil
}

func hasInfo(t types.Type, want types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&want != 0
}

// canCompare reports whether x == y cannot panic. It can panic if both are
// interfaces or contain interfaces, because their values may be slices.
func (c *checker) canCompare(x, y ast.Expr) bool {
	return c.info.Types[x].IsNil() || c.info.Types[y].IsNil() ||
		strictlyComparable(c.info.TypeOf(x)) || strictlyComparable(c.info.TypeOf(y))
}

func strictlyComparable(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic, *types.Pointer, *types.Chan:
		return true
	case *types.Array:
		return strictlyComparable(t.Elem())
	case *types.Struct:
		for field := range t.Fields() {
			if !strictlyComparable(field.Type()) {
				return false
			}
		}
		return true
	}
	return false
}

func (c *checker) selector(e *ast.SelectorExpr) *risk {
	sel, ok := c.info.Selections[e]
	if !ok || sel.Kind() == types.MethodExpr {
		return nil // pkg.Name, T.Method
	}
	if r := c.expr(e.X); r != nil {
		return r
	}
	if sel.Kind() == types.FieldVal {
		if sel.Indirect() && (throughPointer(sel) || !c.isNonNil(e.X)) {
			return c.risky(e, "the field "+e.Sel.Name+" of a pointer")
		}
		return nil
	}
	return c.receiver(e, sel)
}

// receiver returns what can panic when e.X becomes the receiver of a method.
func (c *checker) receiver(e *ast.SelectorExpr, sel *types.Selection) *risk {
	if types.IsInterface(sel.Recv()) {
		return c.risky(e, "the method "+e.Sel.Name+" of an interface")
	}
	if dereferences(sel) && (throughPointer(sel) || !c.isNonNil(e.X)) {
		return c.risky(e, "the method "+e.Sel.Name+" of a pointer")
	}
	return nil
}

func (c *checker) index(e *ast.IndexExpr) *risk {
	if r := c.first(e.X, e.Index); r != nil {
		return r
	}
	switch t := c.info.TypeOf(e.X).Underlying().(type) {
	case *types.Signature:
		return nil // an instance
	case *types.Map:
		if c.canHash(t.Key(), e.Index) {
			return nil
		}
		return c.risky(e, "a map with interfaces as keys")
	case *types.Array:
		if c.info.Types[e.Index].Value != nil {
			return nil // the compiler has checked it
		}
	}
	return c.risky(e, "an index")
}

// canHash reports whether key cannot be an interface with a slice as its value,
// which would panic as the key of a map.
func (c *checker) canHash(want types.Type, key ast.Expr) bool {
	return strictlyComparable(want) || strictlyComparable(c.info.TypeOf(key))
}

func (c *checker) slice(e *ast.SliceExpr) *risk {
	if r := c.expr(e.X); r != nil {
		return r
	}
	switch c.info.TypeOf(e.X).Underlying().(type) {
	case *types.Slice, *types.Array, *types.Basic:
		if e.Low == nil && e.High == nil && e.Max == nil {
			return nil
		}
	}
	return c.risky(e, "a slice of something")
}

func (c *checker) composite(e *ast.CompositeLit) *risk {
	m, isMap := c.info.TypeOf(e).Underlying().(*types.Map)
	_, isStruct := c.info.TypeOf(e).Underlying().(*types.Struct)
	for _, elt := range e.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			if r := c.expr(elt); r != nil {
				return r
			}
			continue
		}
		if !isStruct {
			if r := c.expr(kv.Key); r != nil {
				return r
			}
		}
		if isMap && !c.canHash(m.Key(), kv.Key) {
			return c.risky(kv, "a map with interfaces as keys")
		}
		if r := c.expr(kv.Value); r != nil {
			return r
		}
	}
	return nil
}
