package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// maxAliases is how many variables root follows, each of which is set to the one
// before. It ends the search in a package that is wrong in an unusual way.
const maxAliases = 8

// root returns the variable to which what e touches belongs: s for s.wg, and for a
// local variable that is set to s.wg. It returns nil if that is not known.
func (c *checker) root(e ast.Expr) *types.Var {
	for range maxAliases {
		v, from := c.base(e)
		if v == nil || v.Kind() != types.LocalVar || from == nil {
			return v
		}
		e = from
	}
	return nil
}

// base returns the variable at the start of a path, and the path to which the
// variable is set, if it is set once and to a path.
func (c *checker) base(e ast.Expr) (*types.Var, ast.Expr) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := c.info.ObjectOf(e).(*types.Var)
		if !ok {
			return nil, nil
		}
		return v, c.aliased(v)
	case *ast.SelectorExpr:
		if c.info.Selections[e] == nil {
			v, _ := c.info.Uses[e.Sel].(*types.Var)
			return v, nil // pkg.Name
		}
		return c.base(e.X)
	case *ast.IndexExpr:
		return c.base(e.X)
	case *ast.SliceExpr:
		return c.base(e.X)
	case *ast.StarExpr:
		return c.base(e.X)
	case *ast.TypeAssertExpr:
		return c.base(e.X)
	case *ast.UnaryExpr:
		if e.Op == token.AND || e.Op == token.ARROW {
			return c.base(e.X)
		}
	}
	return nil, nil
}

// aliased returns the path to which a local variable is set, or over which it ranges.
// It returns nil for a variable with a value of its own.
func (c *checker) aliased(v *types.Var) ast.Expr {
	if v.IsField() || v.Kind() != types.LocalVar {
		return nil
	}
	b := c.bindings()[v]
	switch {
	case b == nil:
		return nil
	case b.over != nil:
		return b.over
	case b.times != 1 || len(b.values) != 1:
		return nil
	}
	if !isRooted(b.values[0]) {
		return nil
	}
	return b.values[0]
}

// isRooted reports whether e is a path from a variable.
func isRooted(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return isRooted(e.X)
	case *ast.IndexExpr:
		return isRooted(e.X)
	case *ast.SliceExpr:
		return isRooted(e.X)
	case *ast.StarExpr:
		return isRooted(e.X)
	case *ast.TypeAssertExpr:
		return isRooted(e.X)
	case *ast.UnaryExpr:
		return (e.Op == token.AND || e.Op == token.ARROW) && isRooted(e.X)
	}
	return false
}

// isOwn reports whether a notice is about a local variable of a function, which
// nobody else waits for. A WaitGroup that a call has returned belongs to others.
func (c *checker) isOwn(n notice, of ast.Node) bool {
	v := n.root
	if v == nil || v.IsField() || v.Kind() != types.LocalVar {
		return false
	}
	if body := funcBody(of); v.Pos() < body.Pos() || body.End() <= v.Pos() {
		return false // of a function around it
	}
	return n.kind != strong || !isPointer(v.Type()) || !c.isReturned(v)
}

// isReturned reports whether a variable is set to what a call returns.
func (c *checker) isReturned(v *types.Var) bool {
	b := c.bindings()[v]
	if b == nil || b.opaque {
		return true
	}
	for _, value := range b.values {
		if call, ok := ast.Unparen(value).(*ast.CallExpr); ok && c.builtin(call) == "" {
			return true
		}
	}
	return false
}

// isPath reports whether e is a variable or a field of one: a.b.c.
func isPath(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return isPath(e.X)
	}
	return false
}
