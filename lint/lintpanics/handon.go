package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// handedOn returns the channels, in variables and fields, from which the package
// receives a value to panic with it:
//
//	case r := <-panicCh:
//		panic(r)
//
// A goroutine that recovers a panic and sends the value there hands the panic on to
// the goroutine that waits, where a guard can see it.
func (c *checker) handedOn() map[*types.Var]bool {
	if c.panicked != nil {
		return c.panicked
	}
	c.panicked = make(map[*types.Var]bool)
	received := make(map[types.Object]*types.Var)
	c.inspect.Preorder([]ast.Node{(*ast.AssignStmt)(nil)}, func(n ast.Node) {
		a := n.(*ast.AssignStmt)
		if len(a.Rhs) != 1 {
			return
		}
		if id, ok := a.Lhs[0].(*ast.Ident); ok {
			if ch := c.receivedFrom(a.Rhs[0]); ch != nil {
				received[c.info.ObjectOf(id)] = ch
			}
		}
	})
	c.inspect.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
		call := n.(*ast.CallExpr)
		if c.builtin(call) != "panic" || len(call.Args) != 1 {
			return
		}
		ast.Inspect(call.Args[0], func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.UnaryExpr:
				if ch := c.receivedFrom(n); ch != nil {
					c.panicked[ch] = true
				}
			case *ast.Ident:
				if ch := received[c.info.Uses[n]]; ch != nil {
					c.panicked[ch] = true
				}
			}
			return true
		})
	})
	return c.panicked
}

// receivedFrom returns the channel of <-ch.
func (c *checker) receivedFrom(e ast.Expr) *types.Var {
	u, ok := ast.Unparen(e).(*ast.UnaryExpr)
	if !ok || u.Op != token.ARROW {
		return nil
	}
	return c.variable(u.X)
}
