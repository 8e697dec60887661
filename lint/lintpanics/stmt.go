package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// head returns what can panic in a statement, apart from the statements in it: for an
// if statement, that is its condition. The scan follows the statements in it.
func (c *checker) head(s ast.Stmt) *risk {
	switch s := s.(type) {
	case nil, *ast.EmptyStmt, *ast.BranchStmt, *ast.BlockStmt, *ast.LabeledStmt, *ast.SelectStmt:
		return nil
	case *ast.ExprStmt:
		return c.expr(s.X)
	case *ast.AssignStmt:
		return c.assign(s)
	case *ast.IncDecStmt:
		return c.store(s.X)
	case *ast.DeclStmt:
		return c.declare(s)
	case *ast.ReturnStmt:
		return c.first(s.Results...)
	case *ast.GoStmt:
		return c.operands(s.Call)
	case *ast.IfStmt:
		return c.expr(s.Cond)
	case *ast.ForStmt:
		return c.first(s.Cond)
	case *ast.RangeStmt:
		return c.rangeHead(s)
	case *ast.SwitchStmt:
		return c.switchHead(s)
	case *ast.TypeSwitchStmt:
		return c.typeSwitchHead(s)
	case *ast.SendStmt:
		return c.send(s)
	}
	return c.risky(s, "a statement")
}

func (c *checker) assign(s *ast.AssignStmt) *risk {
	if len(s.Lhs) == 2 && len(s.Rhs) == 1 {
		// v, ok := x.(T) does not panic, and neither does <-ch
		if assertion, ok := ast.Unparen(s.Rhs[0]).(*ast.TypeAssertExpr); ok {
			if r := c.expr(assertion.X); r != nil {
				return r
			}
			return c.stores(s.Lhs)
		}
	}
	if r := c.first(s.Rhs...); r != nil {
		return r
	}
	if r := c.stores(s.Lhs); r != nil {
		return r
	}
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		return c.operation(s, s.Tok, s.Lhs[0], s.Rhs[0])
	}
	return nil
}

func (c *checker) stores(list []ast.Expr) *risk {
	for _, e := range list {
		if e == nil {
			continue
		}
		if r := c.store(e); r != nil {
			return r
		}
	}
	return nil
}

// store returns what can panic if e is the left side of an assignment.
func (c *checker) store(e ast.Expr) *risk {
	if i, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
		if _, ok := c.info.TypeOf(i.X).Underlying().(*types.Map); ok {
			return c.risky(e, "an assignment to a map")
		}
	}
	return c.expr(e)
}

func (c *checker) declare(s *ast.DeclStmt) *risk {
	decl, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return c.risky(s, "a declaration")
	}
	for _, spec := range decl.Specs {
		if spec, ok := spec.(*ast.ValueSpec); ok {
			if len(spec.Names) == 2 && len(spec.Values) == 1 {
				if assertion, ok := ast.Unparen(spec.Values[0]).(*ast.TypeAssertExpr); ok {
					if r := c.expr(assertion.X); r != nil {
						return r
					}
					continue
				}
			}
			if r := c.first(spec.Values...); r != nil {
				return r
			}
		}
	}
	return nil
}

func (c *checker) rangeHead(s *ast.RangeStmt) *risk {
	if r := c.expr(s.X); r != nil {
		return r
	}
	switch c.info.TypeOf(s.X).Underlying().(type) {
	case *types.Basic, *types.Slice, *types.Array, *types.Map, *types.Chan:
	default:
		return c.risky(s.X, "a range over a function or a pointer")
	}
	if s.Tok != token.ASSIGN {
		return nil
	}
	return c.stores([]ast.Expr{s.Key, s.Value})
}

func (c *checker) switchHead(s *ast.SwitchStmt) *risk {
	if r := c.first(s.Tag); r != nil {
		return r
	}
	for _, clause := range s.Body.List {
		for _, e := range clause.(*ast.CaseClause).List {
			if r := c.expr(e); r != nil {
				return r
			}
			if s.Tag != nil && !c.canCompare(s.Tag, e) {
				return c.risky(e, "a comparison of interfaces")
			}
		}
	}
	return nil
}

// typeSwitchHead returns what can panic in the x of switch v := x.(type).
func (c *checker) typeSwitchHead(s *ast.TypeSwitchStmt) *risk {
	var x ast.Expr
	switch assign := s.Assign.(type) {
	case *ast.ExprStmt:
		x = assign.X
	case *ast.AssignStmt:
		x = assign.Rhs[0]
	}
	return c.expr(ast.Unparen(x).(*ast.TypeAssertExpr).X)
}
