package lintpanics

import (
	"go/ast"
	"go/types"
	"strings"
)

// unwinds returns what others notice first when a panic leaves the function.
func (c *checker) unwinds(decl *ast.FuncDecl) *notice {
	if n, ok := c.unwound[decl]; ok {
		return n
	}
	c.unwound[decl] = nil // for a recursive call
	for _, t := range c.scanned(decl, guarded).tells {
		if t.notice.kind != final {
			c.unwound[decl] = &t.notice
			break
		}
	}
	return c.unwound[decl]
}

// lastStmt returns the last statement of a function, apart from a bare return.
func lastStmt(body *ast.BlockStmt) ast.Stmt {
	for i := len(body.List) - 1; i >= 0; i-- {
		if ret, ok := body.List[i].(*ast.ReturnStmt); !ok || len(ret.Results) > 0 {
			return body.List[i]
		}
	}
	return nil
}

// handsOver handles the last statement of a function, which often calls the function
// that does the work. If a panic leaves that one, its deferred functions run first:
//
//	go func() {
//		defer sentry.Recover()
//		s.loop() // has: defer s.wg.Done()
//	}()
//
// Further inside, a deferred close is more often about something else.
func (s *scan) handsOver(stmt ast.Stmt) {
	if s.cover != guarded {
		return
	}
	call := lastCall(stmt)
	if call == nil || s.c.info.Types[call.Fun].IsType() || s.c.builtin(call) != "" {
		return
	}
	for _, t := range s.c.resolve(call.Fun) {
		if n := s.c.unwindsTarget(call, t); n != nil && !s.c.isOwn(*n, s.of) {
			s.tells = append(s.tells, &telling{stmt: stmt, notice: *n})
			return
		}
	}
}

// lastCall returns the call in f(), return f(), x := f() and if err := f(); … .
func lastCall(stmt ast.Stmt) *ast.CallExpr {
	switch stmt := stmt.(type) {
	case *ast.ExprStmt:
		return callOf(stmt)
	case *ast.ReturnStmt:
		if len(stmt.Results) == 1 {
			call, _ := ast.Unparen(stmt.Results[0]).(*ast.CallExpr)
			return call
		}
	case *ast.AssignStmt:
		if len(stmt.Rhs) == 1 {
			call, _ := ast.Unparen(stmt.Rhs[0]).(*ast.CallExpr)
			return call
		}
	case *ast.IfStmt:
		if stmt.Init != nil {
			return lastCall(stmt.Init)
		}
	}
	return nil
}

// unwindsTarget returns what others notice first when a panic leaves a call.
func (c *checker) unwindsTarget(call *ast.CallExpr, t target) *notice {
	if t.fn == nil {
		return nil
	}
	if decl := c.decls.of[t.fn]; decl != nil {
		if decl.Body == nil {
			return nil
		}
		n := c.unwinds(decl)
		if n == nil {
			return nil
		}
		return &c.mapped(call, []notice{*n}, c.paramsOf(decl))[0]
	}
	if u := c.importedUnwinds(t.fn); u != nil {
		return &c.importedNotices(call, []told{*u})[0]
	}
	return nil
}

// importedUnwinds returns what others notice first when a panic leaves a function of
// another package. Of other modules, it only says what belongs to a parameter: nobody
// can put a guard into (*http.Server).Serve, and only its package waits for the rest.
func (c *checker) importedUnwinds(fn *types.Func) *told {
	u := c.imported(fn).Unwinds
	if u == nil || u.Param >= 0 {
		return u
	}
	if m := c.module(); m == "" || fn.Pkg().Path() != m && !strings.HasPrefix(fn.Pkg().Path(), m+"/") {
		return nil
	}
	return u
}
