package lintpanics

import (
	"go/ast"
	"go/types"
)

// onlyStarted reports whether nothing calls a function apart from goroutines, so that
// the guard can go into it. It is tempting to put the guard there in any case. But a
// caller may recover the panics of the function on purpose, and the guard would
// report them.
func (f *fixer) onlyStarted(t target, node ast.Node) bool {
	if t.lit != nil {
		return f.litOnlyStarted(t.lit)
	}
	fn := t.fn
	if fn.Exported() && f.c.pass.Pkg.Name() != "main" || f.c.throughInterface(fn) {
		return false
	}
	starts := f.startedIdents()
	for id, obj := range f.c.info.Uses {
		if used, ok := obj.(*types.Func); ok && used.Origin() == fn && !starts[id] {
			return false
		}
	}
	return node != nil
}

// litOnlyStarted reports whether a function literal runs in goroutines only: it is the
// operand of what starts one, or the value of a variable that nothing else uses.
func (f *fixer) litOnlyStarted(lit *ast.FuncLit) bool {
	starts := f.startedIdents()
	for v, b := range f.c.bindings() {
		for _, value := range b.values {
			if ast.Unparen(value) != lit {
				continue
			}
			for id, obj := range f.c.info.Uses {
				if obj == v && !starts[id] && !f.isAssigned(id) {
					return false
				}
			}
		}
	}
	return true
}

// isAssigned reports whether id stands alone on the left side of an assignment, so
// that it does not use the variable.
func (f *fixer) isAssigned(id *ast.Ident) bool {
	if f.assigned == nil {
		f.assigned = make(map[*ast.Ident]bool)
		f.c.inspect.Preorder([]ast.Node{(*ast.AssignStmt)(nil)}, func(n ast.Node) {
			for _, l := range n.(*ast.AssignStmt).Lhs {
				if id, ok := ast.Unparen(l).(*ast.Ident); ok {
					f.assigned[id] = true
				}
			}
		})
	}
	return f.assigned[id]
}

// startedIdents returns the identifiers of functions at the places that start them,
// and where the literal of a goroutine hands over to one with its last statement.
func (f *fixer) startedIdents() map[*ast.Ident]bool {
	if f.idents != nil {
		return f.idents
	}
	f.idents = make(map[*ast.Ident]bool)
	add := func(e ast.Expr) {
		if id := calleeIdent(e); id != nil {
			f.idents[id] = true
		}
	}
	f.c.inspect.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
		for arg := range f.c.passedToGuard(n.(*ast.CallExpr)) {
			add(arg)
		}
	})
	for _, s := range f.c.allStarts() {
		add(s.fun)
		lit, ok := ast.Unparen(s.fun).(*ast.FuncLit)
		if !ok {
			continue
		}
		if last := lastStmt(lit.Body); last != nil {
			if call := lastCall(last); call != nil {
				add(call.Fun)
			}
		}
	}
	return f.idents
}

// calleeIdent returns the identifier of f, pkg.f, x.f or f[T].
func calleeIdent(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	case *ast.IndexExpr:
		return calleeIdent(e.X)
	case *ast.IndexListExpr:
		return calleeIdent(e.X)
	}
	return nil
}

// throughInterface reports whether a method could be called through an interface of
// this package.
func (c *checker) throughInterface(fn *types.Func) bool {
	if fn.Signature().Recv() == nil {
		return false
	}
	if c.inInterface == nil {
		c.inInterface = make(map[string]bool)
		c.inspect.Preorder([]ast.Node{(*ast.InterfaceType)(nil)}, func(n ast.Node) {
			for _, method := range n.(*ast.InterfaceType).Methods.List {
				for _, name := range method.Names {
					c.inInterface[name.Name] = true
				}
			}
		})
	}
	return c.inInterface[fn.Name()]
}
