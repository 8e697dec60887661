package lintpanics

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// call returns what can panic in a call and in the called function. A panic that a
// guard of the called function reports does not count.
func (c *checker) call(e *ast.CallExpr) *risk {
	if c.info.Types[e.Fun].IsType() {
		return c.conversion(e)
	}
	if b := c.builtin(e); b != "" {
		return c.builtinCall(e, b)
	}
	if r := c.operands(e); r != nil {
		return r
	}
	return c.callee(e)
}

// operands returns what can panic before the called function is entered. A go or
// defer statement evaluates the operands at once.
func (c *checker) operands(e *ast.CallExpr) *risk {
	if c.builtin(e) == "" {
		if r := c.expr(e.Fun); r != nil {
			return r
		}
	}
	return c.first(e.Args...)
}

// callee returns what can panic in the called function.
func (c *checker) callee(e *ast.CallExpr) *risk {
	for _, t := range c.resolve(e.Fun) {
		if t.fn != nil && t.sum == nil && (c.conf.isSafe(t.fn) || c.isHarmless(e, t.fn)) {
			continue
		}
		if c.summary(t).Body.Category != covered {
			return c.risky(e, "a call of "+t.describe())
		}
	}
	if c.maybeUnset(e) && !c.isNonNil(e.Fun) {
		return c.risky(e, "a call of "+types.ExprString(e.Fun)+", which may be nil,")
	}
	return nil
}

func (t target) describe() string {
	switch {
	case t.name != "":
		return t.name
	case t.lit != nil:
		return "a function literal"
	}
	return t.unseen
}

// builtin returns the name of the built-in function that is called. It returns "" if
// the call is not one of a built-in function.
func (c *checker) builtin(e *ast.CallExpr) string {
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		if b, ok := c.info.Uses[fun].(*types.Builtin); ok {
			return b.Name()
		}
	case *ast.SelectorExpr:
		if b, ok := c.info.Uses[fun.Sel].(*types.Builtin); ok {
			return "unsafe." + b.Name()
		}
	}
	return ""
}

func (c *checker) builtinCall(e *ast.CallExpr, name string) *risk {
	for _, arg := range e.Args {
		if r := c.expr(arg); r != nil {
			return r
		}
	}
	switch name {
	case "append", "cap", "clear", "complex", "copy", "imag", "len", "max", "min",
		"new", "print", "println", "real", "recover":
		return nil
	case "make":
		for _, size := range e.Args[1:] {
			if v := c.info.Types[size].Value; v == nil || constant.Sign(v) < 0 {
				return c.risky(e, "make with a size")
			}
		}
		return nil
	case "delete":
		if m, ok := c.info.TypeOf(e.Args[0]).Underlying().(*types.Map); ok && c.canHash(m.Key(), e.Args[1]) {
			return nil
		}
	}
	return c.risky(e, "a call of "+name)
}

// conversion returns what can panic in T(x). Only the conversion of a slice to an
// array can panic, if the slice is too short.
func (c *checker) conversion(e *ast.CallExpr) *risk {
	if r := c.first(e.Args...); r != nil {
		return r
	}
	if len(e.Args) != 1 {
		return nil
	}
	switch c.info.TypeOf(e.Args[0]).Underlying().(type) {
	case *types.Basic, *types.Pointer, *types.Struct, *types.Signature, *types.Map, *types.Chan, *types.Array:
		return nil
	}
	to := c.info.TypeOf(e)
	if _, isParam := types.Unalias(to).(*types.TypeParam); isParam {
		return c.risky(e, "a conversion to a type parameter")
	}
	switch to.Underlying().(type) {
	case *types.Array, *types.Pointer:
		return c.risky(e, "a conversion of a slice to an array")
	}
	return nil
}
