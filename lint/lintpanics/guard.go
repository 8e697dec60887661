package lintpanics

import (
	"fmt"
	"go/ast"
	"path/filepath"
	"slices"
)

// where describes a risk.
func (c *checker) where(r *risk) string {
	pos := c.pass.Fset.Position(r.pos)
	return fmt.Sprintf("%s (%s:%d)", r.what, filepath.Base(pos.Filename), pos.Line)
}

// deferral returns what can panic in a defer statement that defers no guard: in the
// operands, which are evaluated at once, or in the function, which runs after any
// guard that is deferred later.
func (c *checker) deferral(s *ast.DeferStmt) *risk {
	if r := c.operands(s.Call); r != nil {
		return r
	}
	if b := c.builtin(s.Call); b != "" {
		return c.builtinCall(s.Call, b)
	}
	return c.callee(s.Call)
}

// isGuardCall reports whether call is a call of a guard, deferred or not.
func (c *checker) isGuardCall(call *ast.CallExpr) bool {
	if c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return false
	}
	for _, t := range c.resolve(call.Fun) {
		if !c.isGuard(t) {
			return false
		}
	}
	return true
}

func (c *checker) isGuard(t target) bool {
	if t.fn != nil && c.conf.isGuard(t.fn) || t.method != nil && c.conf.isGuard(t.method) {
		return true // of the methods of interfaces, only those that -guards names
	}
	return c.summary(t).Helper == helperGuards
}

// guardOperands returns what can panic when the call of a guard is deferred. That the
// value of an interface is nil does not count, if -guards names its method.
func (c *checker) guardOperands(call *ast.CallExpr) *risk {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if t := c.resolve(sel)[0]; t.method != nil {
			return c.first(append([]ast.Expr{sel.X}, call.Args...)...)
		}
	}
	return c.operands(call)
}

// deferKind tells what a deferred call does with a panic. It returns covered for a
// guard, and missing for a function that does nothing with it.
func (c *checker) deferKind(stmt *ast.DeferStmt) category {
	call := stmt.Call
	if c.builtin(call) == "recover" {
		return deferRecover
	}
	if c.callsRecover(call.Args) {
		return bareRecover // arguments are evaluated at once, when there is no panic
	}
	if c.isGuardCall(call) {
		if c.maybeUnset(call) {
			return conditional
		}
		return covered
	}
	kind := missing
	for _, t := range c.resolve(call.Fun) {
		switch c.summary(t).Helper {
		case helperNests:
			kind = nested
		case helperSwallows, helperSometimes:
			return swallowed
		}
	}
	return kind
}

// repanics reports whether a deferred call only panics if there is a panic already.
func (c *checker) repanics(call *ast.CallExpr) bool {
	if c.builtin(call) != "" {
		return false
	}
	for _, t := range c.resolve(call.Fun) {
		if c.summary(t).Helper != helperRepanics {
			return false
		}
	}
	return true
}

// mayPanicAgain reports whether a deferred call that recovers a panic panics again on some
// path, so that a guard above it gets what it does not want.
func (c *checker) mayPanicAgain(call *ast.CallExpr) bool {
	return !slices.ContainsFunc(c.resolve(call.Fun), func(t target) bool { return c.summary(t).Helper != helperSometimes })
}

func (c *checker) callsRecover(args []ast.Expr) bool {
	found := false
	for _, arg := range args {
		inspectFunc(arg, func(n ast.Node) {
			if call, ok := n.(*ast.CallExpr); ok && c.builtin(call) == "recover" {
				found = true
			}
		})
	}
	return found
}

// helperName returns the full name of the function that stmt defers and that
// recovers a panic without a report. It returns "" for a function literal.
func (c *checker) helperName(stmt ast.Stmt) string {
	d, ok := stmt.(*ast.DeferStmt)
	if !ok {
		return ""
	}
	for _, t := range c.resolve(d.Call.Fun) {
		if kind := c.summary(t).Helper; t.fn != nil && (kind == helperSwallows || kind == helperSometimes) {
			return fullName(t.fn)
		}
	}
	return ""
}

// defersGuard reports whether a function defers a guard.
func (c *checker) defersGuard(body *ast.BlockStmt) bool {
	found := false
	inspectFunc(body, func(n ast.Node) {
		if d, ok := n.(*ast.DeferStmt); ok && !found {
			found = c.deferKind(d) == covered
		}
	})
	return found
}
