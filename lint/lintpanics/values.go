package lintpanics

import (
	"go/ast"
	"go/types"
	"slices"
)

// A function that starts its parameter can be a value, which another package calls:
//
//	var Go = func(f func()) { go f() }
//
//	func (p *Pool) Starter() func(func()) { return p.start }

// runsOfTarget returns the parameters that a function calls or starts.
func (c *checker) runsOfTarget(t target) []callback {
	switch {
	case t.sum != nil:
		return t.sum.Runs
	case t.lit != nil:
		return c.callbacks(t.lit)
	case t.fn != nil:
		return c.runsOf(t.fn)
	}
	return nil
}

// exportVariables exports the callbacks of the functions in exported variables. Another
// package may set such a variable, too. But it starts goroutines until then.
func (c *checker) exportVariables() {
	scope := c.pass.Pkg.Scope()
	for _, name := range scope.Names() {
		v, ok := scope.Lookup(name).(*types.Var)
		if !ok || !v.Exported() || !isFunc(v.Type()) {
			continue
		}
		b := c.bindings()[v]
		if b == nil {
			continue
		}
		var runs []callback
		for _, value := range b.values {
			for _, t := range c.resolve(value) {
				runs = append(runs, c.runsOfTarget(t)...)
			}
		}
		if len(runs) > 0 {
			c.pass.ExportObjectFact(v, &funcFact{summary{Body: verdict{Category: missing}, Runs: c.withModule(runs)}})
		}
	}
}

// valueRuns returns the callbacks of the functions in fun that another module has made:
// in a variable of its own, or as the result of a call.
func (c *checker) valueRuns(fun ast.Expr) []spawner {
	var all []spawner
	if v := c.variable(fun); v != nil && v.Kind() == types.PackageVar && v.Pkg() != c.pass.Pkg {
		fact := new(funcFact)
		if c.pass.ImportObjectFact(v, fact) {
			all = append(all, spawner{v.Pkg().Name() + "." + v.Name(), fact.Summary.Runs})
		}
	}
	for _, t := range c.resolve(fun) {
		if t.sum != nil && t.fn == nil && len(t.sum.Runs) > 0 {
			all = append(all, spawner{t.name, t.sum.Runs})
		}
	}
	for i, s := range all {
		all[i].runs = slices.DeleteFunc(slices.Clone(s.runs), func(r callback) bool { return r.Module == c.module() })
	}
	return all
}
