package lintpanics

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
)

// A spawner is a function that a call may reach, with what it does with its
// parameters.
type spawner struct {
	name string // for messages
	runs []callback
}

// spawners returns the functions that a call of fun may reach. If fun is a method of an
// interface, a field or a parameter, it may be any that this package knows of:
//
//	s.spawner.Go(func() { defer wg.Done(); work() })
//
// One that has a guard is enough for a report that Done runs before that guard. To
// defer another guard below Done is right then, whichever function it is.
func (c *checker) spawners(fun ast.Expr) []spawner {
	var all []spawner
	for _, fn := range c.resolveStarter(fun) {
		if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			all = append(all, c.guardingMethods(fn)...)
			continue
		}
		all = append(all, spawner{c.shortName(fn), c.runsOf(fn)})
	}
	if v := c.variable(fun); v != nil && (v.IsField() || v.Kind() == types.ParamVar) {
		for _, value := range c.valuesOf()[v.Origin()] {
			all = append(all, c.spawnersOf(value)...)
		}
	}
	return all
}

// spawnersOf returns the functions of a value that is no field and no parameter.
func (c *checker) spawnersOf(value ast.Expr) []spawner {
	var all []spawner
	for _, t := range c.resolve(value) {
		switch {
		case t.fn != nil:
			all = append(all, spawner{c.shortName(t.fn), c.runsOf(t.fn)})
		case t.lit != nil:
			all = append(all, spawner{"the function at " + c.line(t.lit.Pos()), c.callbacks(t.lit)})
		}
	}
	return all
}

// guardingMethods returns the methods that a call of fn, a method of an interface, may
// reach and that run an argument in a goroutine with a guard. It asks the types of this
// package and of those that it imports, directly or not.
func (c *checker) guardingMethods(fn *types.Func) []spawner {
	var all []spawner
	for _, m := range reached(fn, c.guarding) {
		all = append(all, spawner{c.shortName(m.fn), m.runs})
	}
	return all
}

// guarding returns the methods that this package knows to run an argument in a
// goroutine with a guard, in the order of their names.
func (c *checker) guarding() []startingMethod {
	if c.guards != nil {
		return *c.guards
	}
	c.guards = new([]startingMethod)
	add := func(fn *types.Func) {
		if fn.Signature().Recv() == nil || types.IsInterface(fn.Signature().Recv().Type()) {
			return
		}
		runs := slices.DeleteFunc(slices.Clone(c.runsOf(fn)), func(r callback) bool { return !r.Started || !r.Guarded })
		if len(runs) > 0 {
			*c.guards = append(*c.guards, startingMethod{fn, runs})
		}
	}
	for _, fn := range c.decls.order {
		add(fn)
	}
	if c.pass.AllObjectFacts != nil {
		for _, f := range c.pass.AllObjectFacts() {
			if fn, ok := f.Object.(*types.Func); ok && fn.Pkg() != c.pass.Pkg {
				add(fn)
			}
		}
	}
	slices.SortStableFunc(*c.guards, func(a, b startingMethod) int { return cmp.Compare(fullName(a.fn), fullName(b.fn)) })
	return *c.guards
}

// valuesOf returns the functions to which the package sets fields, and which it passes
// for parameters of its own functions.
func (c *checker) valuesOf() map[*types.Var][]ast.Expr {
	if c.values != nil {
		return c.values
	}
	c.values = make(map[*types.Var][]ast.Expr)
	set := func(v *types.Var, value ast.Expr) {
		if v != nil && isFunc(v.Type()) {
			c.values[v.Origin()] = append(c.values[v.Origin()], value)
		}
	}
	nodes := []ast.Node{(*ast.AssignStmt)(nil), (*ast.CompositeLit)(nil), (*ast.CallExpr)(nil)}
	c.inspect.Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, l := range n.Lhs {
				if v := c.variable(l); len(n.Lhs) == len(n.Rhs) && v != nil && v.IsField() {
					set(v, n.Rhs[i])
				}
			}
		case *ast.CompositeLit:
			c.fieldValues(n, set)
		case *ast.CallExpr:
			c.argumentValues(n, set)
		}
	})
	return c.values
}

// fieldValues passes the fields of a struct literal to set, with their values.
func (c *checker) fieldValues(lit *ast.CompositeLit, set func(*types.Var, ast.Expr)) {
	s, ok := c.info.TypeOf(lit).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			set(c.variable(kv.Key), kv.Value)
		} else if i < s.NumFields() {
			set(s.Field(i), elt)
		}
	}
}

// argumentValues passes the parameters of a function of this package to set, with the
// arguments of a call.
func (c *checker) argumentValues(call *ast.CallExpr, set func(*types.Var, ast.Expr)) {
	if c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return
	}
	for _, t := range c.resolve(call.Fun) {
		if decl := c.decls.of[t.fn]; decl != nil {
			for v, i := range c.paramsOf(decl) {
				if e := argument(c.info, call, i); e != nil && i >= 0 {
					set(v, e)
				}
			}
		}
	}
}
