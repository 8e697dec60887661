package lintpanics

import (
	"fmt"
	"go/ast"
	"path/filepath"
)

// judge looks for a guard in the body of a goroutine.
func (c *checker) judge(body *ast.BlockStmt) verdict {
	s := &scan{c: c}
	if s.list(body.List) == guarded {
		return verdict{}
	}
	return s.verdict()
}

// A scan looks at the statements of a body in the order of execution, until it
// finds a guard.
type scan struct {
	c    *checker
	risk *risk    // the first thing that can panic before a guard is deferred
	near category // the failed attempt to have a guard that is closest to a right one
	at   ast.Stmt // the statement of that attempt
}

// A flow tells how a list of statements ends.
type flow int

const (
	open    flow = iota // execution goes on without a guard
	guarded             // a guard is deferred
	ended               // the function has returned without a guard
)

// rank orders the failed attempts. The message is about the one with the highest
// rank, because it is closest to a right guard.
var rank = map[category]int{
	late: 8, conditional: 7, nested: 6, notDeferred: 5, deferRecover: 4, bareRecover: 3, swallowed: 2, missing: 1,
}

func (s *scan) found(cat category, stmt ast.Stmt) {
	if rank[cat] > rank[s.near] {
		s.near, s.at = cat, stmt
	}
}

func (s *scan) note(r *risk) {
	if s.risk == nil {
		s.risk = r
	}
}

func (s *scan) verdict() verdict {
	switch s.near {
	case notDeferred, deferRecover, bareRecover:
		return verdict{s.near, ""} // even if nothing can panic, because the author wanted a guard
	}
	switch {
	case s.risk == nil:
		return verdict{}
	case s.near == "":
		return verdict{missing, s.c.where(s.risk)}
	}
	return verdict{s.near, s.c.where(s.risk)}
}

// where describes a risk.
func (c *checker) where(r *risk) string {
	pos := c.pass.Fset.Position(r.pos)
	return fmt.Sprintf("%s (%s:%d)", r.what, filepath.Base(pos.Filename), pos.Line)
}

func (s *scan) list(list []ast.Stmt) flow {
	for _, stmt := range list {
		if f := s.stmt(stmt); f != open {
			return f
		}
	}
	return open
}

func (s *scan) stmt(stmt ast.Stmt) flow {
	switch stmt := stmt.(type) {
	case *ast.DeferStmt:
		return s.deferred(stmt)
	case *ast.BlockStmt:
		return s.list(stmt.List)
	case *ast.LabeledStmt:
		return s.stmt(stmt.Stmt)
	case *ast.IfStmt:
		return s.branches(stmt)
	case *ast.ReturnStmt:
		s.misuse(stmt)
		s.note(s.c.stmt(stmt))
		return ended
	case *ast.GoStmt:
	case *ast.BranchStmt:
		s.note(s.c.risky(stmt, "a jump")) // may skip the guard
		return open
	case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		s.inside(stmt)
	default:
		s.misuse(stmt)
	}
	s.note(s.c.stmt(stmt))
	return open
}

// deferred handles a defer statement that is executed on every path.
func (s *scan) deferred(stmt *ast.DeferStmt) flow {
	kind := s.c.deferKind(stmt)
	if kind != covered {
		if kind != missing {
			s.found(kind, stmt)
		}
		s.note(s.c.deferral(stmt))
		return open
	}
	s.note(s.c.operands(stmt.Call))
	if s.risk == nil {
		return guarded
	}
	s.found(late, stmt)
	return open
}

// branches follows both branches of an if statement. If each defers a guard, the
// statement counts as a guard.
func (s *scan) branches(stmt *ast.IfStmt) flow {
	if stmt.Init != nil {
		s.misuse(stmt.Init)
		s.note(s.c.stmt(stmt.Init))
	}
	s.note(s.c.expr(stmt.Cond))
	then, other := s.list(stmt.Body.List), open
	if stmt.Else != nil {
		other = s.stmt(stmt.Else)
	}
	switch {
	case then == ended && other == ended:
		return ended
	case then != open && other != open && s.risk == nil:
		return guarded
	case then == guarded || other == guarded:
		s.found(conditional, stmt)
	}
	return open
}

// inside looks for guards in a loop, a switch or a select, which may not be
// executed.
func (s *scan) inside(stmt ast.Stmt) {
	inspectFunc(stmt, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.DeferStmt:
			if kind := s.c.deferKind(n); kind == covered {
				s.found(conditional, n)
			} else if kind != missing {
				s.found(kind, n)
			}
		case *ast.ExprStmt, *ast.AssignStmt:
			s.misuse(n.(ast.Stmt))
		}
	})
}

// misuse looks for a guard or recover that is called instead of deferred.
func (s *scan) misuse(stmt ast.Stmt) {
	inspectFunc(stmt, func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		if s.c.builtin(call) == "recover" {
			s.found(bareRecover, stmt)
		} else if s.c.isGuardCall(call) {
			s.found(notDeferred, stmt)
		}
	})
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
	if t.fn != nil && c.conf.isGuard(t.fn) {
		return true
	}
	return c.summary(t).Helper == helperGuards
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
		return covered
	}
	worst := missing
	for _, t := range c.resolve(call.Fun) {
		switch c.summary(t).Helper {
		case helperNests:
			worst = nested
		case helperSwallow:
			worst = swallowed
		}
	}
	return worst
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
