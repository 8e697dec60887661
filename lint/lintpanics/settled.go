package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"slices"
)

// settled reports whether e has the same value at a place and later, so that a
// function literal there need not have it passed. That is so for what is made of
// constants, functions, variables that are not set any more, and fields that are set
// only when their struct is made.
func (f *fixer) settled(e ast.Expr, at token.Pos) bool {
	if tv := f.c.info.Types[e]; tv.Value != nil || tv.IsNil() || tv.IsType() {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return true
	case *ast.Ident:
		switch obj := f.c.info.Uses[e].(type) {
		case *types.Func:
			return true
		case *types.Var:
			return f.settledVar(obj, at)
		}
	case *ast.SelectorExpr:
		return f.settledSelector(e, at)
	case *ast.IndexExpr:
		return f.c.isInstance(e.X)
	case *ast.IndexListExpr:
		return true
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return f.settledAddress(e.X, at)
		}
		return e.Op != token.ARROW && f.settled(e.X, at)
	case *ast.BinaryExpr:
		return e.Op != token.QUO && e.Op != token.REM && f.settled(e.X, at) && f.settled(e.Y, at)
	case *ast.CallExpr:
		return f.c.info.Types[e.Fun].IsType() && len(e.Args) == 1 && f.settled(e.Args[0], at)
	}
	return false
}

// settledAddress reports whether &e is the same address at a place and later.
func (f *fixer) settledAddress(e ast.Expr, at token.Pos) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := f.c.info.Uses[e].(*types.Var)
		return ok && f.isPerIteration(v)
	case *ast.SelectorExpr:
		if f.c.info.Selections[e] == nil {
			return true // pkg.Name
		}
		if isPointer(f.c.info.TypeOf(e.X)) {
			return f.settled(e.X, at)
		}
		return f.settledAddress(e.X, at)
	}
	return false
}

func (f *fixer) settledSelector(e *ast.SelectorExpr, at token.Pos) bool {
	sel, ok := f.c.info.Selections[e]
	if !ok {
		_, isFunc := f.c.info.Uses[e.Sel].(*types.Func)
		return isFunc
	}
	switch sel.Kind() {
	case types.MethodExpr:
		return true
	case types.MethodVal:
		if !isPointer(f.c.info.TypeOf(e.X)) && !types.IsInterface(sel.Recv()) && !copies(sel) {
			return f.settledAddress(e.X, at)
		}
		return !copies(sel) && f.settled(e.X, at)
	}
	v, ok := sel.Obj().(*types.Var)
	return ok && f.settled(e.X, at) && f.isSteady(v, at)
}

// copies reports whether a method value copies its receiver. The receiver may
// change after that.
func copies(sel *types.Selection) bool {
	if types.IsInterface(sel.Recv()) {
		return false
	}
	return !isPointer(sel.Obj().(*types.Func).Signature().Recv().Type())
}

// settledVar reports whether a local variable keeps the value that it has at a place:
// everything that sets it comes before, in the same function, and no loop comes back
// to it.
func (f *fixer) settledVar(v *types.Var, at token.Pos) bool {
	if v.IsField() || v.Pkg() != f.c.pass.Pkg || v.Parent() == v.Pkg().Scope() || !f.isPerIteration(v) {
		return false
	}
	if v.Kind() == types.ResultVar {
		return false // a return statement sets it
	}
	b := f.c.bindings()[v]
	if b == nil {
		return true
	}
	return !b.addressed && !slices.ContainsFunc(b.sets, func(set token.Pos) bool { return f.setAgain(set, at, v.Pos()) })
}

// setAgain reports whether an assignment to a variable, or to a field of one, may run
// after a place has. The variable is declared at from.
func (f *fixer) setAgain(set, at, from token.Pos) bool {
	around := f.c.around(at)
	if set >= at || f.c.jumps(around) {
		return true
	}
	for _, n := range f.c.around(set) {
		if lit, ok := n.(*ast.FuncLit); ok && (from < lit.Pos() || lit.End() <= from) {
			return true // a closure, which may run again
		}
	}
	return slices.ContainsFunc(around, func(n ast.Node) bool { return isLoop(n) && n.Pos() > from && n.Pos() <= set })
}

// isPerIteration reports whether a variable is a new one in each iteration of a loop.
// Before Go 1.22, the variable of a loop was not.
func (f *fixer) isPerIteration(v *types.Var) bool {
	go1 := f.c.pass.Pkg.GoVersion()
	if go1 == "" || version.Compare(go1, "go1.22") >= 0 || v.Kind() != types.LocalVar {
		return true
	}
	for _, n := range f.c.around(v.Pos()) {
		switch n := n.(type) {
		case *ast.ForStmt:
			if v.Pos() < n.Body.Pos() {
				return false
			}
		case *ast.RangeStmt:
			if v.Pos() < n.Body.Pos() {
				return false
			}
		}
	}
	return true
}

func isLoop(n ast.Node) bool {
	switch n.(type) {
	case *ast.ForStmt, *ast.RangeStmt:
		return true
	}
	return false
}

// isSteady reports whether a field keeps the value that it has at a place: it is
// unexported, its value is no struct or array that could change in place, and only the
// functions that make the struct set it, before that place.
func (f *fixer) isSteady(field *types.Var, at token.Pos) bool {
	field = field.Origin()
	if field.Exported() || field.Pkg() != f.c.pass.Pkg {
		return false
	}
	switch field.Type().Underlying().(type) {
	case *types.Struct, *types.Array:
		return false
	}
	sets := f.setFields()[field]
	return !slices.ContainsFunc(sets, func(s fieldSet) bool {
		return s.made == nil || f.sameFunc(s.at, at) && f.setAgain(s.at, at, s.made.Pos())
	})
}

// sameFunc reports whether two places are in the same declaration.
func (f *fixer) sameFunc(a, b token.Pos) bool {
	of := func(pos token.Pos) ast.Node {
		path := f.c.around(pos)
		return path[max(0, len(path)-2)] // the last one is the file
	}
	return of(a) == of(b)
}

// A fieldSet is a place that sets a field.
type fieldSet struct {
	at   token.Pos
	made *types.Var // the variable with the struct, if the function has just made it
}

// setFields returns the places where the package sets fields, and whether the struct is
// one that the same function has just made:
//
//	s := &server{}
//	s.client = c
func (f *fixer) setFields() map[*types.Var][]fieldSet {
	if f.fields != nil {
		return f.fields
	}
	f.fields = make(map[*types.Var][]fieldSet)
	set := func(e ast.Expr) {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if !ok || f.c.info.Selections[sel] == nil {
			return
		}
		if v, ok := f.c.info.Selections[sel].Obj().(*types.Var); ok {
			f.fields[v.Origin()] = append(f.fields[v.Origin()], fieldSet{sel.Pos(), f.madeHere(sel.X)})
		}
	}
	nodes := []ast.Node{(*ast.AssignStmt)(nil), (*ast.IncDecStmt)(nil), (*ast.RangeStmt)(nil), (*ast.UnaryExpr)(nil)}
	f.c.inspect.Preorder(nodes, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				set(l)
			}
		case *ast.IncDecStmt:
			set(n.X)
		case *ast.RangeStmt:
			set(n.Key)
			set(n.Value)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				set(n.X)
			}
		}
	})
	return f.fields
}

// madeHere returns the local variable that e names, if it is set to a new struct.
func (f *fixer) madeHere(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	v, ok := f.c.info.Uses[id].(*types.Var)
	if !ok || v.Kind() != types.LocalVar {
		return nil
	}
	b := f.c.bindings()[v]
	if b == nil || b.times != 1 || len(b.values) != 1 {
		return nil
	}
	value := ast.Unparen(b.values[0])
	if u, ok := value.(*ast.UnaryExpr); ok && u.Op == token.AND {
		value = ast.Unparen(u.X)
	}
	switch value := value.(type) {
	case *ast.CompositeLit:
		return v
	case *ast.CallExpr:
		if f.c.builtin(value) == "new" {
			return v
		}
	}
	return nil
}
