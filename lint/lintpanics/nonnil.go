package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/astutil"
)

// isNonNil reports whether a pointer is known not to be nil where e stands: a variable
// that is never set again, and that holds the address of a new struct, or that the code
// before has compared with nil or dereferenced.
//
//	func (s *server) start() {
//		s.wg.Add(1)                     // panics here if s is nil
//		go func() { <-s.done }()
//	}
func (c *checker) isNonNil(e ast.Expr) bool {
	e = ast.Unparen(e)
	if c.isMade(e) {
		return true
	}
	id, ok := e.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.info.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Kind() == types.PackageVar || v.Kind() == types.ResultVar {
		return false
	}
	b := c.bindings()[v]
	switch {
	case b == nil && v.Kind() == types.LocalVar:
		return false // of a type switch
	case b == nil:
	case b.addressed || len(b.sets) > 0 || b.over != nil || b.times > 1:
		return false
	case len(b.values) == 1 && c.isMade(b.values[0]):
		return true
	}
	return c.provedBefore(v, id.Pos()) || b == nil && c.isAlwaysPassed(v)
}

// isMade reports whether e is the address of a variable, or calls a function that returns
// one.
func (c *checker) isMade(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.AND // &s.n panics if s is nil
	case *ast.CallExpr:
		if c.info.Types[e.Fun].IsType() {
			return false
		}
		if b := c.builtin(e); b != "" {
			return b == "new"
		}
		for _, t := range c.resolve(e.Fun) {
			if decl := c.decls.of[t.fn]; decl == nil || decl.Body == nil || !c.returnsMade(decl) {
				return false
			}
		}
		return true
	}
	return false
}

// returnsMade reports whether a function always returns a pointer that is not nil. It
// must not defer anything that could recover a panic, or set the result.
func (c *checker) returnsMade(decl *ast.FuncDecl) bool {
	if made, ok := c.makes[decl]; ok {
		return made
	}
	c.makes[decl] = false // for a recursive call
	returns, all := 0, true
	inspectFunc(decl.Body, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			returns++
			all = all && len(n.Results) == 1 && c.isNonNil(n.Results[0])
		case *ast.DeferStmt:
			all = all && len(decl.Type.Results.List[0].Names) == 0 && c.builtin(n.Call) == "" && c.recoversNothing(n.Call)
		}
	})
	c.makes[decl] = returns > 0 && all
	return c.makes[decl]
}

// recoversNothing reports whether a deferred call is known to let a panic go on.
func (c *checker) recoversNothing(call *ast.CallExpr) bool {
	return !slices.ContainsFunc(c.resolve(call.Fun), func(t target) bool {
		return t.unseen != "" || c.summary(t).Helper != noHelper && c.summary(t).Helper != helperRepanics
	})
}

// around returns the nodes around a position, up to the file.
func (c *checker) around(pos token.Pos) []ast.Node {
	for _, file := range c.pass.Files {
		if file.FileStart <= pos && pos < file.FileEnd {
			path, _ := astutil.PathEnclosingInterval(file, pos, pos)
			return path
		}
	}
	return nil
}

// provedBefore reports whether code that runs before a position has panicked or left if
// a variable is nil.
func (c *checker) provedBefore(v *types.Var, pos token.Pos) bool {
	path := c.around(pos)
	if len(path) < 2 || c.jumps(path) {
		return false
	}
	for i, parent := range path[1:] {
		child := path[i]
		switch parent := parent.(type) {
		case *ast.BlockStmt:
			if c.provesOneOf(parent.List, child, v) {
				return true
			}
		case *ast.CaseClause:
			if c.provesOneOf(parent.Body, child, v) {
				return true
			}
		case *ast.CommClause:
			if c.provesOneOf(parent.Body, child, v) {
				return true
			}
		case *ast.IfStmt:
			if child != parent.Init && child != parent.Cond &&
				(c.implies(parent.Cond, child == parent.Body, v) || c.dereferenced(parent.Cond, v) || c.proves(parent.Init, v)) {
				return true
			}
		case *ast.ForStmt:
			if child == parent.Body && parent.Cond != nil && c.implies(parent.Cond, true, v) {
				return true
			}
		case *ast.BinaryExpr:
			if child == parent.Y && (parent.Op == token.LAND || parent.Op == token.LOR) && c.implies(parent.X, parent.Op == token.LAND, v) {
				return true
			}
		}
	}
	return false
}

// jumps reports whether a function on a path has a goto, which may jump over what proves
// something.
func (c *checker) jumps(path []ast.Node) bool {
	return slices.ContainsFunc(path, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			body := funcBody(n)
			return body != nil && hasBranch(body, token.GOTO)
		}
		return false
	})
}

// provesOneOf reports whether a statement of a list proves something before child.
func (c *checker) provesOneOf(list []ast.Stmt, child ast.Node, v *types.Var) bool {
	for _, stmt := range list {
		if stmt.End() > child.Pos() {
			return false
		}
		if c.proves(stmt, v) {
			return true
		}
	}
	return false
}

// proves reports whether execution goes on after a statement only if v is not nil.
func (c *checker) proves(stmt ast.Stmt, v *types.Var) bool {
	switch stmt := stmt.(type) {
	case *ast.IfStmt:
		return c.proves(stmt.Init, v) || c.dereferenced(stmt.Cond, v) || leaves(c, stmt.Body) && c.implies(stmt.Cond, false, v)
	case *ast.ForStmt:
		return c.proves(stmt.Init, v) || stmt.Cond != nil && c.dereferenced(stmt.Cond, v)
	case *ast.RangeStmt:
		return (stmt.Value != nil || !isArray(c.info.TypeOf(stmt.X))) && c.dereferenced(stmt.X, v)
	case *ast.SwitchStmt:
		return c.proves(stmt.Init, v) || stmt.Tag != nil && c.dereferenced(stmt.Tag, v)
	case *ast.ExprStmt, *ast.AssignStmt, *ast.IncDecStmt, *ast.SendStmt, *ast.DeclStmt, *ast.GoStmt, *ast.DeferStmt:
		return c.dereferenced(stmt, v)
	}
	return false
}

// leaves reports whether execution does not go on after a block.
func leaves(c *checker, body *ast.BlockStmt) bool {
	if len(body.List) == 0 {
		return false
	}
	switch last := body.List[len(body.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.ExprStmt:
		call, ok := ast.Unparen(last.X).(*ast.CallExpr)
		return ok && c.builtin(call) == "panic"
	}
	return false
}

// implies reports whether v is not nil if a condition is true, or false.
func (c *checker) implies(cond ast.Expr, is bool, v *types.Var) bool {
	switch e := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT && c.implies(e.X, !is, v)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.LAND, token.LOR:
			if (e.Op == token.LAND) == is {
				return c.implies(e.X, is, v) || c.implies(e.Y, is, v)
			}
			return c.implies(e.X, is, v) && c.implies(e.Y, is, v)
		case token.EQL, token.NEQ:
			x, y := ast.Unparen(e.X), ast.Unparen(e.Y)
			if c.info.Types[x].IsNil() {
				x, y = y, x
			}
			id, ok := x.(*ast.Ident)
			return ok && c.info.Uses[id] == v && c.info.Types[y].IsNil() && (e.Op == token.NEQ) == is
		}
	}
	return false
}

// isArray reports whether t is an array or a pointer to one, whose length is a constant:
// without a use of the elements, it is not evaluated.
func isArray(t types.Type) bool {
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	_, ok := t.Underlying().(*types.Array)
	return ok
}

// dereferenced reports whether evaluating a node always dereferences v.
func (c *checker) dereferenced(root ast.Node, v *types.Var) bool {
	found := false
	ast.Inspect(root, func(n ast.Node) bool {
		if e, ok := n.(ast.Expr); ok && c.info.Types[e].Value != nil {
			return false // len(v.array) is a constant
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				found = found || c.dereferenced(n.X, v)
				return false
			}
		case *ast.SelectorExpr:
			id, ok := ast.Unparen(n.X).(*ast.Ident)
			if sel := c.info.Selections[n]; ok && sel != nil && c.info.Uses[id] == v {
				found = found || sel.Kind() == types.FieldVal || len(sel.Index()) > 1 || dereferences(sel)
			}
		case *ast.StarExpr:
			id, ok := ast.Unparen(n.X).(*ast.Ident)
			found = found || ok && c.info.Uses[id] == v
		}
		return !found
	})
	return found
}

// isAlwaysPassed reports whether every use of an unexported function of this package
// passes a pointer that is not nil for a parameter, or as the receiver.
func (c *checker) isAlwaysPassed(v *types.Var) bool {
	if known, ok := c.passedNonNil[v]; ok {
		return known
	}
	if c.passedNonNil == nil {
		c.passedNonNil = make(map[*types.Var]bool)
		c.usesOf = make(map[*types.Func][]*ast.Ident)
		for id, obj := range c.info.Uses {
			if fn, ok := obj.(*types.Func); ok && c.decls.of[fn.Origin()] != nil {
				c.usesOf[fn.Origin()] = append(c.usesOf[fn.Origin()], id)
			}
		}
		for _, uses := range c.usesOf {
			slices.SortFunc(uses, func(a, b *ast.Ident) int { return int(a.Pos() - b.Pos()) })
		}
	}
	c.passedNonNil[v] = false // for a recursive call
	fn, param := c.ownerOf(v)
	if fn == nil || fn.Exported() || c.throughInterface(fn) || isExported(c.decls.of[fn]) {
		return false
	}
	uses := 0
	for _, id := range c.usesOf[fn] {
		if c.inTest(id.Pos()) {
			continue
		}
		uses++
		if !c.passesNonNil(id, param) {
			return false
		}
	}
	c.passedNonNil[v] = uses > 0
	return uses > 0
}

// ownerOf returns the function that has v as a parameter or as the receiver.
func (c *checker) ownerOf(v *types.Var) (*types.Func, int) {
	for _, n := range c.around(v.Pos()) {
		switch n := n.(type) {
		case *ast.FuncLit:
			return nil, 0
		case *ast.FuncDecl:
			fn, _ := c.info.Defs[n.Name].(*types.Func)
			param, ok := c.paramsOf(n)[v]
			if !ok {
				return nil, 0
			}
			return fn, param
		}
	}
	return nil, 0
}

// passesNonNil reports whether the use of a function passes a pointer that is not nil.
func (c *checker) passesNonNil(id *ast.Ident, param int) bool {
	for _, n := range c.around(id.Pos()) {
		switch n := n.(type) {
		case *ast.Ident, *ast.ParenExpr, *ast.IndexExpr, *ast.IndexListExpr:
		case *ast.SelectorExpr:
			if n.Sel != id {
				return false
			}
			if param == receiver {
				sel := c.info.Selections[n]
				return sel != nil && sel.Kind() == types.MethodVal && len(sel.Index()) == 1 && (!isPointer(sel.Recv()) || c.isNonNil(n.X))
			}
		case *ast.CallExpr:
			if param == receiver || calleeIdent(n.Fun) != id || c.isMethodExpr(n.Fun) {
				return false
			}
			e := argument(c.info, n, param)
			return e != nil && c.isNonNil(e)
		default:
			return false
		}
	}
	return false
}

// throughPointer reports whether a selection goes through an embedded pointer, which
// may be nil itself.
func throughPointer(sel *types.Selection) bool {
	t := sel.Recv()
	for _, i := range sel.Index()[:len(sel.Index())-1] {
		if p, ok := types.Unalias(t).Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		s, ok := t.Underlying().(*types.Struct)
		if !ok {
			return true
		}
		if t = s.Field(i).Type(); isPointer(t) {
			return true
		}
	}
	return false
}
