package lintpanics

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
)

// iterations tells of a loop whether its whole body runs at least once, and whether
// anything after the loop does. A body with a jump in it may not run as a whole.
func (c *checker) iterations(loop ast.Stmt, body *ast.BlockStmt) (runs, ends bool) {
	if hasBranch(body, token.BREAK, token.CONTINUE, token.GOTO, token.FALLTHROUGH) {
		return false, true
	}
	switch loop := loop.(type) {
	case *ast.ForStmt:
		return loop.Cond == nil || c.startsTrue(loop), loop.Cond != nil
	case *ast.RangeStmt:
		return c.isFull(loop.X), true
	}
	return false, true
}

// hasBranch reports whether a function's statements have a break, continue, goto or
// fallthrough of one of these kinds.
func hasBranch(body *ast.BlockStmt, kinds ...token.Token) bool {
	found := false
	inspectFunc(body, func(n ast.Node) {
		b, ok := n.(*ast.BranchStmt)
		found = found || ok && slices.Contains(kinds, b.Tok)
	})
	return found
}

// startsTrue reports whether the condition of a loop is true at first, as that of
//
//	for i := 0; i < 3; i++ { … }
func (c *checker) startsTrue(loop *ast.ForStmt) bool {
	if v := c.info.Types[loop.Cond].Value; v != nil {
		return constant.BoolVal(v)
	}
	init, ok := loop.Init.(*ast.AssignStmt)
	cond, isBinary := loop.Cond.(*ast.BinaryExpr)
	if !ok || !isBinary || len(init.Lhs) != 1 || len(init.Rhs) != 1 {
		return false
	}
	l, ok := init.Lhs[0].(*ast.Ident)
	if x, isIdent := ast.Unparen(cond.X).(*ast.Ident); !ok || !isIdent || c.info.ObjectOf(l) != c.info.ObjectOf(x) {
		return false
	}
	from, to := c.info.Types[init.Rhs[0]].Value, c.info.Types[cond.Y].Value
	switch cond.Op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ, token.EQL, token.NEQ:
		return from != nil && to != nil && constant.Compare(from, cond.Op, to)
	}
	return false
}

// isFull reports whether a range over e has at least one iteration.
func (c *checker) isFull(e ast.Expr) bool {
	if v := c.info.Types[e].Value; v != nil {
		switch v.Kind() {
		case constant.Int:
			return constant.Sign(v) > 0
		case constant.String:
			return constant.StringVal(v) != ""
		}
		return false
	}
	if lit, ok := ast.Unparen(e).(*ast.CompositeLit); ok {
		if _, isStruct := c.info.TypeOf(lit).Underlying().(*types.Struct); !isStruct && len(lit.Elts) > 0 {
			return true
		}
	}
	a, ok := c.info.TypeOf(e).Underlying().(*types.Array)
	return ok && a.Len() > 0
}

// jumpsAhead reports whether a goto may jump over the guard. One that jumps back does
// not.
func (c *checker) jumpsAhead(stmt *ast.BranchStmt) bool {
	label := c.info.Uses[stmt.Label]
	return label == nil || label.Pos() > stmt.Pos()
}
