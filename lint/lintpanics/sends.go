package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// send returns what can panic in a send: one to a channel that is closed does.
func (c *checker) send(s *ast.SendStmt) *risk {
	if r := c.first(s.Chan, s.Value); r != nil {
		return r
	}
	if c.isNeverClosed(s.Chan) {
		return nil
	}
	return c.risky(s, "a send")
}

// isNeverClosed reports whether a channel is in a local variable, and nobody can close
// it: the variable is set once, to a new channel, and others get it only as a channel to
// receive from.
//
//	func (c *clock) After(d time.Duration) <-chan time.Time {
//		ch := make(chan time.Time, 1)
//		time.AfterFunc(d, func() { ch <- c.now() })
//		return ch
//	}
func (c *checker) isNeverClosed(ch ast.Expr) bool {
	id, ok := ast.Unparen(ch).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.info.Uses[id].(*types.Var)
	if !ok || v.Kind() != types.LocalVar {
		return false
	}
	b := c.bindings()[v]
	if b == nil || b.opaque || b.addressed || b.times != 1 || len(b.values) != 1 {
		return false
	}
	call, ok := ast.Unparen(b.values[0]).(*ast.CallExpr)
	return ok && c.builtin(call) == "make" && !c.closable()[v]
}

// closable returns the local variables with channels that are used in a way which lets
// somebody close the channel.
func (c *checker) closable() map[*types.Var]bool {
	if c.closing != nil {
		return c.closing
	}
	c.closing = make(map[*types.Var]bool)
	c.inspect.WithStack([]ast.Node{(*ast.Ident)(nil)}, func(n ast.Node, push bool, stack []ast.Node) bool {
		v, ok := c.info.Uses[n.(*ast.Ident)].(*types.Var)
		if ok && push && v.Kind() == types.LocalVar && isChan(v.Type()) && !c.keepsOpen(stack) {
			c.closing[v] = true
		}
		return true
	})
	return c.closing
}

func isChan(t types.Type) bool { _, ok := t.Underlying().(*types.Chan); return ok }

// keepsOpen reports whether the use of a channel at the end of a stack of nodes cannot
// lead to a close.
func (c *checker) keepsOpen(stack []ast.Node) bool {
	i := len(stack) - 1
	use := stack[i].(ast.Expr)
	for i--; i >= 0; i-- {
		paren, ok := stack[i].(*ast.ParenExpr)
		if !ok {
			break
		}
		use = paren
	}
	switch parent := stack[i].(type) {
	case *ast.SendStmt:
		return parent.Chan == use
	case *ast.UnaryExpr:
		return parent.Op == token.ARROW
	case *ast.RangeStmt:
		return parent.X == use
	case *ast.CallExpr:
		if b := c.builtin(parent); b != "" {
			return b == "len" || b == "cap"
		}
		return parent.Fun != use && c.receivesOnly(c.paramFor(parent, use))
	case *ast.ReturnStmt:
		return c.receivesOnly(c.resultFor(parent, use, stack))
	}
	return false
}

// receivesOnly reports whether t is a channel that can not be closed.
func (c *checker) receivesOnly(t types.Type) bool {
	if t == nil {
		return false
	}
	ch, ok := t.Underlying().(*types.Chan)
	return ok && ch.Dir() == types.RecvOnly
}

// paramFor returns the type of the parameter for which a call passes arg, or nil. It is
// the type of the result if the call is a conversion.
func (c *checker) paramFor(call *ast.CallExpr, arg ast.Expr) types.Type {
	if c.info.Types[call.Fun].IsType() {
		return c.info.TypeOf(call.Fun)
	}
	sig, ok := c.info.TypeOf(call.Fun).Underlying().(*types.Signature)
	if !ok {
		return nil
	}
	for i, e := range call.Args {
		if e == arg && i < sig.Params().Len() {
			return sig.Params().At(i).Type()
		}
	}
	return nil
}

// resultFor returns the type of the result for which a statement returns e, or nil.
func (c *checker) resultFor(ret *ast.ReturnStmt, e ast.Expr, stack []ast.Node) types.Type {
	for i := len(stack) - 1; i >= 0; i-- {
		var sig *types.Signature
		switch n := stack[i].(type) {
		case *ast.FuncLit:
			sig, _ = c.info.TypeOf(n).(*types.Signature)
		case *ast.FuncDecl:
			sig = c.info.Defs[n.Name].(*types.Func).Signature()
		default:
			continue
		}
		for j, result := range ret.Results {
			if result == e && sig != nil && len(ret.Results) == sig.Results().Len() {
				return sig.Results().At(j).Type()
			}
		}
		return nil
	}
	return nil
}
