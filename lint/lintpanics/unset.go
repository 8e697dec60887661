package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// maybeUnset reports whether the function of a call is in a variable or a field, or is a
// method of an interface in one, that may not be set, or is what a call has returned that
// may return nil. To call it is a panic; if it is deferred, when the goroutine ends. What
// other packages make of an exported type does not count.
func (c *checker) maybeUnset(call *ast.CallExpr) bool {
	fun := ast.Unparen(call.Fun)
	if sel, ok := fun.(*ast.SelectorExpr); ok && c.info.Selections[sel] != nil && c.info.Selections[sel].Kind() == types.MethodVal {
		if !types.IsInterface(c.info.TypeOf(sel.X)) || c.conf.isGuard(c.info.Uses[sel.Sel].(*types.Func).Origin()) {
			return false
		}
		fun = sel.X
	}
	if v := c.variable(fun); v != nil && c.unset()[v.Origin()] {
		return true
	}
	return slices.ContainsFunc(c.resolve(call.Fun), func(t target) bool { return t.sum != nil && t.sum.Nil })
}

// unset returns the variables that are declared without a value, and the fields of the
// structs that are made without one, if the package does not set them at once. Those
// that it sets to nil are among them.
func (c *checker) unset() map[*types.Var]bool {
	if c.unsetVars != nil {
		return c.unsetVars
	}
	c.unsetVars = make(map[*types.Var]bool)
	for v, b := range c.bindings() {
		if slices.ContainsFunc(b.values, func(e ast.Expr) bool { return c.info.Types[e].IsNil() }) {
			c.unsetVars[v] = true
		}
	}
	for _, file := range c.pass.Files {
		if c.isTestFile(file) {
			continue
		}
		for _, decl := range file.Decls {
			if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.VAR {
				c.unsetBy(g, c.setByInit)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BlockStmt:
				c.unsetIn(n.List)
			case *ast.CaseClause:
				c.unsetIn(n.Body)
			case *ast.CommClause:
				c.unsetIn(n.Body)
			case *ast.FuncType:
				c.unsetResults(n)
			}
			return true
		})
	}
	return c.unsetVars
}

// setByInit reports whether a function init of the package sets v.
func (c *checker) setByInit(v *types.Var) bool {
	for _, fn := range c.decls.order {
		if decl := c.decls.of[fn]; fn.Name() == "init" && decl.Recv == nil && decl.Body != nil && c.setIn(decl.Body.List, v) {
			return true
		}
	}
	return false
}

// unsetIn looks at the statements of a list that make something. A later statement of
// the list may set it.
func (c *checker) unsetIn(list []ast.Stmt) {
	for i, stmt := range list {
		c.unsetBy(stmt, func(v *types.Var) bool { return c.setIn(list[i+1:], v) })
	}
}

// setIn reports whether a list of statements sets v on every path.
func (c *checker) setIn(list []ast.Stmt, v *types.Var) bool {
	return slices.ContainsFunc(list, func(s ast.Stmt) bool { return c.sets(s, v) })
}

func (c *checker) sets(stmt ast.Stmt, v *types.Var) bool {
	switch stmt := stmt.(type) {
	case *ast.AssignStmt:
		return slices.ContainsFunc(stmt.Lhs, func(l ast.Expr) bool {
			set := c.variable(l)
			return set != nil && set.Origin() == v
		})
	case *ast.BlockStmt:
		return c.setIn(stmt.List, v)
	case *ast.IfStmt:
		return stmt.Else != nil && c.setIn(stmt.Body.List, v) && c.sets(stmt.Else, v)
	case *ast.SwitchStmt:
		hasDefault := false
		for _, clause := range stmt.Body.List {
			clause := clause.(*ast.CaseClause)
			hasDefault = hasDefault || clause.List == nil
			if !c.setIn(clause.Body, v) {
				return false
			}
		}
		return hasDefault
	}
	return false
}

// unsetBy notes what a node makes without setting it. It leaves out the statements in
// the node, which have lists of their own.
func (c *checker) unsetBy(root ast.Node, later func(*types.Var) bool) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
			return false
		case *ast.CompositeLit:
			c.unsetLit(n, later)
		case *ast.CallExpr:
			if b := c.builtin(n); b == "new" || b == "make" {
				if t := c.info.Types[n.Args[0]]; t.IsType() {
					c.unsetMade(t.Type, later)
				}
			}
		case *ast.ValueSpec:
			if len(n.Values) == 0 {
				for _, name := range n.Names {
					c.unsetVar(c.info.Defs[name], later)
				}
			}
		}
		return true
	})
}

// unsetResults notes the named results of a function, which have no value at first.
func (c *checker) unsetResults(typ *ast.FuncType) {
	if typ.Results == nil {
		return
	}
	for _, field := range typ.Results.List {
		for _, name := range field.Names {
			c.unsetVar(c.info.Defs[name], func(*types.Var) bool { return false })
		}
	}
}

func (c *checker) unsetVar(obj types.Object, later func(*types.Var) bool) {
	v, ok := obj.(*types.Var)
	switch {
	case !ok:
	case holdsValue(v.Type()):
		if !later(v) {
			c.unsetVars[v] = true
		}
	case !later(v):
		c.zero(v.Type(), later)
	}
}

// holdsValue reports whether a variable of type t holds a function or an interface.
func holdsValue(t types.Type) bool { return isFunc(t) || types.IsInterface(t) }

func (c *checker) unsetLit(lit *ast.CompositeLit, later func(*types.Var) bool) {
	switch t := c.info.TypeOf(lit).Underlying().(type) {
	case *types.Struct:
		set := make(map[*types.Var]bool)
		c.fieldValues(lit, func(v *types.Var, value ast.Expr) {
			if v != nil {
				set[v.Origin()] = true
			}
		})
		c.unsetFields(t, func(v *types.Var) bool { return set[v] || later(v) })
	case *types.Array:
		if int64(len(lit.Elts)) < t.Len() {
			c.zero(t.Elem(), later)
		}
	}
}

// unsetMade notes what new and make leave unset.
func (c *checker) unsetMade(t types.Type, later func(*types.Var) bool) {
	switch u := t.Underlying().(type) {
	case *types.Slice:
		t = u.Elem()
	case *types.Chan:
		t = u.Elem() // a receive from it, when it is closed
	}
	c.zero(t, later)
}

// zero notes what is unset in the zero value of a type.
func (c *checker) zero(t types.Type, later func(*types.Var) bool) {
	switch t := t.Underlying().(type) {
	case *types.Struct:
		c.unsetFields(t, later)
	case *types.Array:
		c.zero(t.Elem(), later)
	}
}

func (c *checker) unsetFields(s *types.Struct, isSet func(*types.Var) bool) {
	for v := range s.Fields() {
		v = v.Origin()
		switch {
		case isSet(v):
		case !holdsValue(v.Type()):
			c.zero(v.Type(), isSet)
		case v.Pkg() == c.pass.Pkg:
			c.unsetVars[v] = true
		}
	}
}
