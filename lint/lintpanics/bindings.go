package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A binding has all values to which a variable is set.
type binding struct {
	values []ast.Expr
	opaque bool     // it is also set to values that are not known
	times  int      // how often it is set
	over   ast.Expr // what it ranges over

	sets      []token.Pos // where, apart from its declaration
	addressed bool        // its address is taken, so that it may be set elsewhere
}

// bindings returns all places where the package sets a variable. Few packages need
// them, so they are collected at the first call.
func (c *checker) bindings() map[*types.Var]*binding {
	if c.vars != nil {
		return c.vars
	}
	c.vars = make(map[*types.Var]*binding)
	nodes := []ast.Node{
		(*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.RangeStmt)(nil),
		(*ast.UnaryExpr)(nil), (*ast.IncDecStmt)(nil), (*ast.CompositeLit)(nil),
		(*ast.SelectorExpr)(nil), (*ast.SliceExpr)(nil),
	}
	c.inspect.Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			c.bindAll(n.Lhs, n.Rhs)
		case *ast.ValueSpec:
			names := make([]ast.Expr, len(n.Names))
			for i, name := range n.Names {
				names[i] = name
				c.binding(name) // the declaration may have no value
			}
			if len(n.Values) > 0 {
				c.bindAll(names, n.Values)
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				c.bind(e, c.listed(e, n.X))
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					if b := c.binding(id); b != nil {
						b.over = n.X
					}
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				c.bind(n.X, nil)
				c.bind(n.X, nil) // twice, because the pointer can be used more than once
				c.address(n.X)
			}
		case *ast.SelectorExpr:
			if sel := c.info.Selections[n]; sel != nil && takesAddress(sel) {
				if isFunc(c.info.TypeOf(n.X)) {
					c.bind(n.X, nil)
				}
				c.address(n.X)
			}
		case *ast.SliceExpr:
			if _, ok := c.info.TypeOf(n.X).Underlying().(*types.Array); ok {
				c.address(n.X)
			}
		case *ast.IncDecStmt:
			c.bind(n.X, nil)
		case *ast.CompositeLit:
			c.fieldValues(n, func(v *types.Var, value ast.Expr) { c.bindField(v, value, value.Pos()) })
		}
	})
	return c.vars
}

// listed returns a list of functions that is written where v ranges over it.
func (c *checker) listed(v, list ast.Expr) ast.Expr {
	lit, ok := ast.Unparen(list).(*ast.CompositeLit)
	if !ok || v == nil {
		return nil
	}
	if t := c.info.TypeOf(v); t == nil || !isFunc(t) { // a blank v has no type
		return nil
	}
	return lit
}

func (c *checker) bindAll(lhs, rhs []ast.Expr) {
	for i, l := range lhs {
		if len(lhs) == len(rhs) {
			c.bind(l, rhs[i])
		} else {
			c.bind(l, nil)
		}
	}
}

// bind notes that lhs is set to value. value is nil if it is not known.
func (c *checker) bind(lhs, value ast.Expr) {
	if lhs == nil {
		return
	}
	if b := c.binding(c.wholeOf(lhs)); b != nil {
		if id := c.wholeOf(lhs).(*ast.Ident); c.info.Defs[id] == nil {
			b.sets = append(b.sets, id.Pos())
		}
	}
	if sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr); ok {
		c.bindField(c.variable(sel), value, sel.Pos())
	}
	b := c.binding(ast.Unparen(lhs))
	if b == nil || c.isFake(ast.Unparen(lhs).(*ast.Ident)) {
		return
	}
	b.times++
	if value == nil {
		b.opaque = true
		return
	}
	b.values = append(b.values, value)
}

// address notes that something has the address of e, or of a part of it.
func (c *checker) address(e ast.Expr) {
	if b := c.binding(c.wholeOf(e)); b != nil {
		b.addressed = true
	}
}

// takesAddress reports whether a selection is that of a method which gets the address of
// a variable as its receiver: x.Lock for (&x).Lock.
func takesAddress(sel *types.Selection) bool {
	if sel.Kind() != types.MethodVal || sel.Indirect() || isPointer(sel.Recv()) {
		return false
	}
	return isPointer(sel.Obj().(*types.Func).Signature().Recv().Type())
}

// wholeOf returns the variable of which e is a part, so that a new value of e is a new
// value of the variable: v for v.f and v[i], if v is a struct and an array.
func (c *checker) wholeOf(e ast.Expr) ast.Expr {
	e = ast.Unparen(e)
	var x ast.Expr
	switch e := e.(type) {
	case *ast.SelectorExpr:
		if c.info.Selections[e] == nil {
			return e
		}
		x = e.X
	case *ast.IndexExpr:
		x = e.X
	default:
		return e
	}
	switch c.info.TypeOf(x).Underlying().(type) {
	case *types.Struct, *types.Array:
		return c.wholeOf(x)
	}
	return e
}

func (c *checker) binding(e ast.Expr) *binding {
	id, ok := e.(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := c.info.ObjectOf(id).(*types.Var)
	if !ok {
		return nil
	}
	b := c.vars[v]
	if b == nil {
		b = new(binding)
		c.vars[v] = b
	}
	return b
}
