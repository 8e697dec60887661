package lintpanics

import (
	"go/ast"
	"go/types"
)

// A function often does not start a goroutine for what it is passed, but puts it into
// a queue, from which a goroutine takes it:
//
//	func (q *Queue) Submit(f func()) { q.tasks <- f }
//
//	func (q *Queue) work() { // go q.work()
//		for f := range q.tasks {
//			f()
//		}
//	}
//
// The queue is a field or a variable of the package, or a field of what is in the
// queue. What a variable holds is not told apart by the struct to which it belongs.

// isTask reports whether t is a function that a queue would hold: one without
// parameters, apart from a context, and without results, apart from an error. It is
// tempting to follow all functions. But one with parameters is mostly an option or a
// handler, which the package calls for other reasons too.
func isTask(t types.Type) bool {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Params().Len() > 1 || sig.Results().Len() > 1 {
		return false
	}
	if sig.Params().Len() == 1 && sig.Params().At(0).Type().String() != "context.Context" {
		return false
	}
	return sig.Results().Len() == 0 || types.Identical(sig.Results().At(0).Type(), types.Universe.Lookup("error").Type())
}

// holdsTasks reports whether a value of type t is a task, or holds some.
func holdsTasks(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Signature:
		return isTask(t)
	case *types.Slice:
		return holdsTasks(t.Elem())
	case *types.Array:
		return holdsTasks(t.Elem())
	case *types.Map:
		return holdsTasks(t.Elem())
	case *types.Chan:
		return holdsTasks(t.Elem())
	}
	return false
}

// isHookField reports whether other packages can set a field to a function.
func isHookField(v *types.Var) bool { return v.IsField() && v.Exported() && isFunc(v.Type()) }

// A queue tells what happens to the tasks that a variable holds.
type queue struct{ started, recovers bool }

// queues returns the fields and variables of the package that hold tasks which run in
// a goroutine that the package starts.
func (c *checker) queues() map[*types.Var]queue {
	if c.tasks != nil {
		return c.tasks
	}
	c.tasks = make(map[*types.Var]queue)
	f := &follower{c: c, holds: make(map[*types.Var]int), visited: make(map[visit]bool), everywhere: true}
	var vars []*types.Var
	hold := func(v *types.Var) {
		if _, ok := f.holds[v]; !ok {
			f.holds[v] = len(vars)
			vars = append(vars, v)
		}
	}
	for id, obj := range c.info.Defs {
		v, ok := obj.(*types.Var)
		if ok && id != nil && (v.IsField() || v.Kind() == types.PackageVar) && canHoldFunc(v.Type()) {
			hold(v)
		}
	}
	for _, obj := range c.info.Uses {
		if v, ok := obj.(*types.Var); ok && v.Pkg() != c.pass.Pkg && v.Pkg() != nil && isHookField(v) && c.isOfModule(v.Pkg()) {
			hold(v.Origin())
		}
	}
	if len(vars) == 0 {
		return c.tasks
	}
	for _, fn := range c.decls.order {
		if decl := c.decls.of[fn]; decl.Body != nil {
			f.follow(decl.Body)
		}
	}
	for _, fn := range c.decls.order {
		if decl := c.decls.of[fn]; decl.Body != nil {
			f.body(decl.Body, situation{})
		}
	}
	for _, r := range f.result() {
		if r.Started && !r.Guarded && r.Method == "" {
			if v := vars[r.Param]; isHookField(v) && !r.Recovers {
				c.hooks = append(c.hooks, v)
			}
			if r.Recovers && !holdsTasks(vars[r.Param].Type()) {
				continue // a handler, whose panic is an answer
			}
			if q, ok := c.tasks[vars[r.Param]]; !ok || q.recovers {
				c.tasks[vars[r.Param]] = queue{true, r.Recovers}
			}
		}
	}
	return c.tasks
}

// stores follows what a statement or an expression puts into a queue.
func (f *follower) stores(n ast.Node, in situation) {
	if f.everywhere {
		return // that goes from one variable to another
	}
	put := func(to, value ast.Expr) {
		if to != nil {
			f.put(f.c.variable(element(to)), value)
		}
	}
	switch n := n.(type) {
	case *ast.SendStmt:
		put(n.Chan, n.Value)
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			if len(n.Lhs) == len(n.Rhs) {
				put(l, n.Rhs[i])
			}
		}
	case *ast.CompositeLit:
		f.putFields(n)
	}
}

// laterStores follows what the literals in a body put into a queue, as an option does:
//
//	func WithTask(f func()) Option { return func(o *options) { o.task = f } }
func (f *follower) laterStores(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok {
			ast.Inspect(lit.Body, func(n ast.Node) bool {
				switch n.(type) {
				case *ast.FuncLit:
					return false // visited later
				case *ast.SendStmt, *ast.AssignStmt, *ast.CompositeLit:
					f.stores(n, situation{})
				}
				return true
			})
		}
		return true
	})
}

// element returns x for x[i].
func element(e ast.Expr) ast.Expr {
	if i, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
		return element(i.X)
	}
	return e
}

// putFields follows the values of the fields in a struct literal.
func (f *follower) putFields(lit *ast.CompositeLit) {
	s, ok := f.c.info.TypeOf(lit).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				v, _ := f.c.info.Uses[id].(*types.Var)
				f.put(v, kv.Value)
			}
		} else if i < s.NumFields() {
			f.put(s.Field(i), elt)
		}
	}
}

// put notes that value goes into a variable.
func (f *follower) put(v *types.Var, value ast.Expr) {
	if v == nil || !v.IsField() && v.Kind() != types.PackageVar {
		return
	}
	param, ok := f.param(value)
	if !ok {
		return
	}
	if q := f.c.queues()[v.Origin()]; q.started {
		f.add(callback{Param: param}, situation{started: true, recovers: q.recovers, where: v.Name()})
	}
}
