package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
)

// helper tells what a function does with a panic when it is deferred. A function
// that is a guard calls recover itself, once, and reports the value on every path
// on which there is one:
//
//	if r := recover(); r != nil {
//		log.Print(r)
//		sentry.RecoverError(r)
//	}
func (c *checker) helper(body *ast.BlockStmt) helperKind {
	recovers, guards, panics := 0, false, false
	inspectFunc(body, func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		switch {
		case !ok:
		case c.builtin(call) == "recover":
			recovers++
		case c.builtin(call) == "panic":
			panics = true
		case c.namesReporter(call):
			guards = true
		}
	})
	switch {
	case recovers == 1 && c.follow(body, nil, reporting):
		return helperGuards
	case recovers == 1 && c.follow(body, nil, panicking):
		return helperRepanics
	case recovers > 0 && panics:
		return helperSometimes
	case recovers > 0:
		return helperSwallows
	case guards:
		return helperNests
	}
	return noHelper
}

// namesReporter reports whether call is a call of a guard or a reporter.
func (c *checker) namesReporter(call *ast.CallExpr) bool {
	if c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return false
	}
	for _, t := range c.resolve(call.Fun) {
		if c.isGuard(t) || t.fn != nil && c.conf.isSink(t.fn) {
			return true
		}
	}
	return false
}

// hands returns the parameters that a function reports on every path.
func (c *checker) hands(typ *ast.FuncType, body *ast.BlockStmt) []int {
	var hands []int
	i := 0
	for _, field := range typ.Params.List {
		for _, name := range field.Names {
			if v, ok := c.info.Defs[name].(*types.Var); ok && couldBePanic(v.Type()) && c.follow(body, v, reporting) {
				hands = append(hands, i)
			}
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
	return hands
}

// couldBePanic reports whether a parameter of type t can be the value of a panic,
// which is an interface. It saves a search for the others.
func couldBePanic(t types.Type) bool { return types.IsInterface(t) }

// A goal is what a trail looks for.
type goal int

const (
	reporting goal = iota // the value is reported
	panicking             // the function panics again
)

// follow reports whether the recovered value (or the parameter v, if it is not nil)
// meets the goal on every path through body on which it is not nil.
func (c *checker) follow(body *ast.BlockStmt, v *types.Var, goal goal) bool {
	t := &trail{c: c, goal: goal, carries: make(map[types.Object]bool)}
	if v != nil {
		t.carries[v] = true
	} else {
		t.recover = true
	}
	return t.list(body.List) == reported
}

// A trail follows a value through the statements of a function.
type trail struct {
	c       *checker
	goal    goal
	recover bool                  // the value is the result of recover
	carries map[types.Object]bool // the variables that have the value, or something made from it
}

// A fate tells what has happened to the value after a statement.
type fate int

const (
	kept     fate = iota // the goal is not met yet
	reported             // it is met on every path
	lost                 // the function has returned before that
)

func (t *trail) list(list []ast.Stmt) fate {
	for _, stmt := range list {
		if f := t.stmt(stmt); f != kept {
			return f
		}
	}
	return kept
}

func (t *trail) stmt(stmt ast.Stmt) fate {
	switch stmt := stmt.(type) {
	case *ast.BlockStmt:
		return t.list(stmt.List)
	case *ast.LabeledStmt:
		return t.stmt(stmt.Stmt)
	case *ast.IfStmt:
		return t.branches(stmt)
	case *ast.SwitchStmt:
		return t.clauses(stmt.Init, stmt.Body)
	case *ast.TypeSwitchStmt:
		return t.typeClauses(stmt)
	case *ast.ReturnStmt:
		if t.reports(stmt) {
			return reported
		}
		return lost
	case *ast.BranchStmt:
		return lost
	case *ast.AssignStmt:
		t.assign(stmt.Lhs, stmt.Rhs)
	case *ast.DeclStmt:
		t.declare(stmt)
	case *ast.GoStmt, *ast.ForStmt, *ast.RangeStmt, *ast.SelectStmt:
		return kept // a report in these may be too late, or may not be executed
	}
	switch {
	case t.reports(stmt):
		return reported
	case t.panics(stmt):
		if t.goal == panicking {
			return reported
		}
		return lost
	}
	return kept
}

// branches follows both branches of an if statement, but not a branch on which
// there is no panic:
//
//	if r != nil { … }    if r == nil { return }
func (t *trail) branches(stmt *ast.IfStmt) fate {
	if stmt.Init != nil {
		if f := t.stmt(stmt.Init); f != kept {
			return f
		}
	}
	then, other := t.list(stmt.Body.List), kept
	if stmt.Else != nil {
		other = t.stmt(stmt.Else)
	}
	switch t.nilTest(stmt.Cond) {
	case token.NEQ:
		return then
	case token.EQL:
		return other
	}
	if t.isAbort(stmt.Cond) {
		return other
	}
	return both(then, other)
}

func both(a, b fate) fate {
	switch {
	case a == b:
		return a
	case a == lost || b == lost:
		return lost
	}
	return kept
}

// isAbort reports whether a condition is r == http.ErrAbortHandler, if r has the value.
// That panic is no crash: a server ends an answer with it.
func (t *trail) isAbort(cond ast.Expr) bool {
	var x, y ast.Expr
	switch e := ast.Unparen(cond).(type) {
	case *ast.BinaryExpr:
		if e.Op == token.EQL {
			x, y = e.X, e.Y
		}
	case *ast.CallExpr:
		if fn := t.c.resolve(e.Fun)[0].fn; fn != nil && fullName(fn) == "errors.Is" && len(e.Args) == 2 {
			x, y = e.Args[0], e.Args[1]
		}
	}
	if x == nil {
		return false
	}
	return t.mentions(x) && t.c.isAbortHandler(y) || t.mentions(y) && t.c.isAbortHandler(x)
}

func (c *checker) isAbortHandler(e ast.Expr) bool {
	v := c.variable(e)
	return v != nil && v.Name() == "ErrAbortHandler" && v.Pkg() != nil && v.Pkg().Path() == "net/http"
}

// nilTest returns the operator of r != nil or r == nil, if r has the value.
func (t *trail) nilTest(cond ast.Expr) token.Token {
	e, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return token.ILLEGAL
	}
	x, y := ast.Unparen(e.X), ast.Unparen(e.Y)
	if t.c.info.Types[x].IsNil() {
		x, y = y, x
	}
	id, ok := x.(*ast.Ident)
	if !ok || !t.c.info.Types[y].IsNil() || !t.carries[t.c.info.Uses[id]] {
		return token.ILLEGAL
	}
	return e.Op
}

// clauses follows all clauses of a switch. Without a default, no clause may be
// executed.
func (t *trail) clauses(init ast.Stmt, body *ast.BlockStmt) fate {
	if init != nil {
		if f := t.stmt(init); f != kept {
			return f
		}
	}
	return t.join(body, false)
}

// typeClauses follows the clauses of switch e := r.(type), except for case nil,
// where there is no panic.
func (t *trail) typeClauses(stmt *ast.TypeSwitchStmt) fate {
	if stmt.Init != nil {
		if f := t.stmt(stmt.Init); f != kept {
			return f
		}
	}
	carries := t.mentions(stmt.Assign)
	for _, clause := range stmt.Body.List {
		if obj := t.c.info.Implicits[clause]; obj != nil && carries {
			t.carries[obj] = true
		}
	}
	return t.join(stmt.Body, carries)
}

func (t *trail) join(body *ast.BlockStmt, skipNil bool) fate {
	all, hasDefault, first := reported, false, true
	for _, stmt := range body.List {
		clause := stmt.(*ast.CaseClause)
		hasDefault = hasDefault || clause.List == nil
		if skipNil && len(clause.List) == 1 && t.c.info.Types[clause.List[0]].IsNil() {
			continue
		}
		if f := t.list(clause.Body); first {
			all, first = f, false
		} else {
			all = both(all, f)
		}
	}
	if !hasDefault {
		return both(all, kept)
	}
	return all
}

// assign notes which variables have the value after an assignment. They have it if
// the right side mentions it.
func (t *trail) assign(lhs, rhs []ast.Expr) {
	for i, l := range lhs {
		from := rhs[0]
		if len(rhs) == len(lhs) {
			from = rhs[i]
		}
		id, ok := ast.Unparen(l).(*ast.Ident)
		if !ok {
			continue
		}
		if obj := t.c.info.ObjectOf(id); obj != nil {
			t.carries[obj] = t.mentions(from)
		}
	}
}

func (t *trail) declare(stmt *ast.DeclStmt) {
	decl, ok := stmt.Decl.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range decl.Specs {
		if spec, ok := spec.(*ast.ValueSpec); ok && len(spec.Values) > 0 {
			names := make([]ast.Expr, len(spec.Names))
			for i, name := range spec.Names {
				names[i] = name
			}
			t.assign(names, spec.Values)
		}
	}
}

// mentions reports whether the value is used in n.
func (t *trail) mentions(n ast.Node) bool {
	found := false
	inspectFunc(n, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.Ident:
			found = found || t.carries[t.c.info.Uses[n]]
		case *ast.CallExpr:
			found = found || t.recover && t.c.builtin(n) == "recover"
		}
	})
	return found
}

// reports reports whether stmt passes the value to a reporter, or to a goroutine that
// panics with it.
func (t *trail) reports(stmt ast.Stmt) bool {
	if t.goal != reporting {
		return false
	}
	found := false
	inspectCertain(stmt, func(n ast.Node) {
		if send, ok := n.(*ast.SendStmt); ok && t.mentions(send.Value) {
			found = found || t.c.handedOn()[t.c.variable(send.Chan)]
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || found || t.c.info.Types[call.Fun].IsType() || t.c.builtin(call) != "" {
			return
		}
		for _, i := range t.c.sinks(call) {
			found = found || i < len(call.Args) && t.mentions(call.Args[i])
		}
	})
	return found
}

// inspectCertain visits the nodes of a statement as inspectFunc does, but not those that
// && and || may leave out.
func inspectCertain(root ast.Node, visit func(ast.Node)) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil, *ast.FuncLit:
			return false
		case *ast.BinaryExpr:
			if n.Op == token.LAND || n.Op == token.LOR {
				inspectCertain(n.X, visit)
				return false
			}
		}
		visit(n)
		return true
	})
}

// sinks returns the indexes of the arguments that a call reports.
func (c *checker) sinks(call *ast.CallExpr) []int {
	targets := c.resolve(call.Fun)
	if len(targets) != 1 {
		return nil
	}
	if fn := targets[0].fn; fn != nil && c.conf.isSink(fn) {
		return []int{sentrySinks[fullName(fn)]}
	}
	return c.summary(targets[0]).Hands
}

// panics reports whether stmt is a call of panic.
func (t *trail) panics(stmt ast.Stmt) bool {
	e, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := ast.Unparen(e.X).(*ast.CallExpr)
	return ok && t.c.builtin(call) == "panic"
}
