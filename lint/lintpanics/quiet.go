package lintpanics

import "go/ast"

// belongsAboveGuard reports whether a deferred call is right before the guard,
// although it could panic after the guard has run. That is so for a call that only
// tells others that the goroutine has ended, with variables that the code around has
// just used:
//
//	defer wg.Done()
//	defer close(s.done)
//	defer func() { s.mu.Lock(); s.running = false; s.mu.Unlock(); cancel() }()
//
// It is tempting to ask for the guard first, as with other functions. But then the
// goroutine that waits could end the process before the panic is reported.
func (c *checker) belongsAboveGuard(call *ast.CallExpr) bool {
	return len(c.noticesOf(call)) > 0 && c.onlyNotifiesCall(call)
}

// onlyNotifiesCall reports whether a call only gives notices, and does what cannot
// panic.
func (c *checker) onlyNotifiesCall(call *ast.CallExpr) bool {
	for _, arg := range call.Args {
		if !c.isPlain(arg) {
			return false
		}
	}
	if b := c.builtin(call); b != "" {
		return b == "close" || b == "len" || b == "cap" || c.builtinCall(call, b) == nil
	}
	if c.info.Types[call.Fun].IsType() {
		return c.conversion(call) == nil
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return c.onlyNotifies(lit.Body)
	}
	if !isPath(call.Fun) {
		return false
	}
	if f := c.calledOnce(call.Fun); f != nil {
		return c.onlyNotifiesCall(callOfFunc(call, f))
	}
	for _, t := range c.resolve(call.Fun) {
		if !c.onlyNotifiesTarget(call, t) {
			return false
		}
	}
	return true
}

func (c *checker) onlyNotifiesTarget(call *ast.CallExpr, t target) bool {
	switch {
	case t.lit != nil:
		return c.onlyNotifies(t.lit.Body)
	case t.fn == nil:
		return c.isCancel(call.Fun) || t.method != nil && isDone(t.method)
	}
	name := fullName(t.fn)
	if name == onceDo {
		return c.onlyNotifiesCall(callOfFunc(call, call.Args[0]))
	}
	if strongNotices[name] || weakNotices[name] || finalNotices[name] || harmless[name] || c.subtracts(call, t.fn) {
		return true
	}
	if decl := c.decls.of[t.fn]; decl != nil {
		return decl.Body != nil && c.onlyNotifies(decl.Body)
	}
	return len(c.imported(t.fn).Tells) > 0 || c.summary(t).Body.Category == covered
}

// onlyNotifies reports whether a function only gives notices, and does what cannot
// panic.
func (c *checker) onlyNotifies(body *ast.BlockStmt) bool {
	if only, ok := c.quiet[body]; ok {
		return only
	}
	c.quiet[body] = false // for a recursive call
	c.quiet[body] = c.allPlain(body.List)
	return c.quiet[body]
}

func (c *checker) allPlain(list []ast.Stmt) bool {
	for _, s := range list {
		if !c.plainStmt(s) {
			return false
		}
	}
	return true
}

func (c *checker) plainStmt(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(s.X).(*ast.CallExpr); ok {
			return c.onlyNotifiesCall(call)
		}
		return c.isPlain(s.X)
	case *ast.DeferStmt:
		return c.onlyNotifiesCall(s.Call)
	case *ast.SendStmt:
		return c.isPlain(s.Chan) && c.isPlain(s.Value)
	case *ast.AssignStmt:
		return c.allPlainExprs(s.Rhs) && c.allPlainExprs(s.Lhs)
	case *ast.IncDecStmt:
		return c.isPlain(s.X)
	case *ast.ReturnStmt:
		return c.allPlainExprs(s.Results)
	case *ast.BlockStmt:
		return c.allPlain(s.List)
	case *ast.IfStmt:
		return (s.Init == nil || c.plainStmt(s.Init)) && c.isPlain(s.Cond) && c.allPlain(s.Body.List) &&
			(s.Else == nil || c.plainStmt(s.Else))
	case *ast.SelectStmt:
		return c.allPlain(s.Body.List)
	case *ast.CommClause:
		return (s.Comm == nil || c.plainStmt(s.Comm)) && c.allPlain(s.Body)
	case *ast.EmptyStmt, *ast.BranchStmt:
		return true
	}
	return false
}

func (c *checker) allPlainExprs(list []ast.Expr) bool {
	for _, e := range list {
		if !c.isPlain(e) {
			return false
		}
	}
	return true
}

// isPlain reports whether e is made of variables, their fields and constants, or
// cannot panic at all.
func (c *checker) isPlain(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident, *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		return c.isPlain(e.X)
	case *ast.UnaryExpr:
		return c.isPlain(e.X)
	case *ast.BinaryExpr:
		return c.isPlain(e.X) && c.isPlain(e.Y) && c.operation(e, e.Op, e.X, e.Y) == nil
	case *ast.CallExpr:
		return c.onlyNotifiesCall(e)
	case *ast.FuncLit:
		return true
	}
	if tv := c.info.Types[e]; tv.IsType() || tv.Value != nil {
		return true
	}
	return c.expr(e) == nil
}
