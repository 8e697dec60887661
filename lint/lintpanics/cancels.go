package lintpanics

import (
	"go/ast"
	"go/types"
)

// isCancel reports whether e is a function that cancels a context: one of the types
// context.CancelFunc and context.CancelCauseFunc, or a variable or field of another
// type that the package sets to one:
//
//	s.ctx, s.cancel = context.WithCancel(ctx) // cancel func()
func (c *checker) isCancel(e ast.Expr) bool {
	if isCancelFunc(c.info.TypeOf(e)) {
		return true
	}
	v := c.variable(e)
	return v != nil && c.cancels()[v.Origin()]
}

// isCancelFunc reports whether t is context.CancelFunc or context.CancelCauseFunc.
func isCancelFunc(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != "context" {
		return false
	}
	return named.Obj().Name() == "CancelFunc" || named.Obj().Name() == "CancelCauseFunc"
}

// cancels returns the variables and fields of other types that the package sets to
// such a function.
func (c *checker) cancels() map[*types.Var]bool {
	if c.canceling != nil {
		return c.canceling
	}
	c.canceling = make(map[*types.Var]bool)
	set := func(l ast.Expr, t types.Type) {
		if v := c.variable(l); v != nil && t != nil && isCancelFunc(t) && !isCancelFunc(v.Type()) {
			c.canceling[v.Origin()] = true
		}
	}
	c.inspect.Preorder([]ast.Node{(*ast.AssignStmt)(nil), (*ast.KeyValueExpr)(nil)}, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if len(n.Lhs) == len(n.Rhs) {
					set(l, c.info.TypeOf(n.Rhs[i]))
				} else if results, ok := c.info.TypeOf(n.Rhs[0]).(*types.Tuple); ok && i < results.Len() {
					set(l, results.At(i).Type())
				}
			}
		case *ast.KeyValueExpr:
			set(n.Key, c.info.TypeOf(n.Value))
		}
	})
	return c.canceling
}

// calledOnce returns f if e is sync.OnceFunc(f), or a variable that is set to that and
// to nothing else.
func (c *checker) calledOnce(e ast.Expr) ast.Expr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		v := c.variable(e)
		b := c.bindings()[v]
		if v == nil || b == nil || b.opaque || len(b.values) != 1 {
			return nil
		}
		if call, ok = ast.Unparen(b.values[0]).(*ast.CallExpr); !ok {
			return nil
		}
	}
	if c.info.Types[call.Fun].IsType() || len(call.Args) != 1 {
		return nil
	}
	for _, t := range c.resolve(call.Fun) {
		if t.fn == nil || fullName(t.fn) != onceFunc {
			return nil
		}
	}
	return call.Args[0]
}

// callOfFunc returns a call of f at the place of another call.
func callOfFunc(at *ast.CallExpr, f ast.Expr) *ast.CallExpr {
	return &ast.CallExpr{Fun: f, Lparen: at.Lparen, Rparen: at.Rparen}
}
