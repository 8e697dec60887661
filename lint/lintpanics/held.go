package lintpanics

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A field can hold a function, or an interface's value, that the package always sets to
// the same kind of thing:
//
//	type server struct {
//		onPanic func()  // always sentry.Recover, or a helper of the project
//		log     Guard   // always *logger
//	}
//
// The analyzer knows what such a field holds if only this package can set it. What its
// tests set does not count.

// isHeld reports whether only this package can set a field.
func (c *checker) isHeld(v *types.Var) bool {
	return v.IsField() && v.Pkg() == c.pass.Pkg && (!v.Exported() || v.Pkg().Name() == "main") && !c.isAlike(v)
}

// held returns the values to which the package sets a field, a local variable, or a
// variable of its own. ok is false if there may be others.
func (c *checker) held(v *types.Var) (b *binding, ok bool) {
	v = v.Origin()
	switch {
	case v.IsField():
		ok = c.isHeld(v)
	case v.Kind() == types.LocalVar:
		ok = true
	case v.Kind() == types.PackageVar:
		ok = v.Pkg() == c.pass.Pkg && (!v.Exported() || v.Pkg().Name() == "main")
	}
	if !ok {
		return nil, false
	}
	b = c.bindings()[v]
	return b, b != nil && !b.opaque && len(b.values) > 0
}

// resolveHeld resolves the functions in a variable or a field.
func (c *checker) resolveHeld(v *types.Var, why string) []target {
	b, ok := c.held(v)
	if !ok {
		return hidden(why)
	}
	b.opaque = true // ends the recursion for what is set to itself
	defer func() { b.opaque = false }()
	var all []target
	for _, value := range b.values {
		if c.info.Types[value].IsNil() {
			continue // go with a nil function is a fatal error, not a panic
		}
		all = append(all, c.resolve(value)...)
	}
	if len(all) == 0 {
		return hidden(why)
	}
	return all
}

// A dynamic is a type that the value of an interface can have.
type dynamic struct {
	typ  types.Type
	made bool // it is no nil pointer
}

// resolveDynamic resolves a method of an interface, if all values are known that the
// interface can have. Each target keeps the method of the interface, too.
func (c *checker) resolveDynamic(e *ast.SelectorExpr, method *types.Func) []target {
	unknown := []target{c.funcTarget(method)}
	list, ok := c.dynamicTypes(e.X)
	if !ok || len(list) == 0 {
		return unknown
	}
	var all []target
	for _, d := range list {
		sel := types.NewMethodSet(d.typ).Lookup(c.pass.Pkg, method.Name())
		if sel == nil {
			return unknown
		}
		t := c.wrapped(sel)
		if d.made && len(sel.Index()) == 1 {
			t.sum = nil
		}
		t.method = method.Origin()
		all = append(all, t)
	}
	return all
}

// dynamicTypes returns the types that the value of an interface in a variable or a
// field can have.
func (c *checker) dynamicTypes(e ast.Expr) (list []dynamic, ok bool) {
	t := c.info.TypeOf(e)
	switch {
	case t == nil || isTypeParam(t):
		return nil, false
	case !types.IsInterface(t):
		return []dynamic{{t, c.isMade(e)}}, true
	}
	if call, isCall := ast.Unparen(e).(*ast.CallExpr); isCall && c.info.Types[call.Fun].IsType() && len(call.Args) == 1 {
		return c.dynamicTypes(call.Args[0])
	}
	v := c.variable(e)
	if v == nil {
		return nil, false
	}
	b, ok := c.held(v)
	if !ok {
		return nil, false
	}
	b.opaque = true
	defer func() { b.opaque = false }()
	for _, value := range b.values {
		if c.info.Types[value].IsNil() {
			continue
		}
		more, ok := c.dynamicTypes(value)
		if !ok {
			return nil, false
		}
		list = append(list, more...)
	}
	return list, true
}

// bindField notes that a field is set to value, or that it may be set anywhere if value
// is nil.
func (c *checker) bindField(v *types.Var, value ast.Expr, at token.Pos) {
	if v == nil || !v.IsField() || v.Pkg() != c.pass.Pkg || !isFunc(v.Type()) && !types.IsInterface(v.Type()) || c.inTest(at) {
		return
	}
	b := c.vars[v.Origin()]
	if b == nil {
		b = new(binding)
		c.vars[v.Origin()] = b
	}
	b.times++
	if value == nil {
		b.opaque = true
		return
	}
	b.values = append(b.values, value)
}

// isFake reports whether id is a variable of the package that holds a function, in a
// test that replaces it.
func (c *checker) isFake(id *ast.Ident) bool {
	v, ok := c.info.ObjectOf(id).(*types.Var)
	return ok && v.Kind() == types.PackageVar && isFunc(v.Type()) && c.inTest(id.Pos())
}

func (c *checker) inTest(pos token.Pos) bool {
	return strings.HasSuffix(c.pass.Fset.Position(pos).Filename, "_test.go")
}

// isAlike reports whether a field belongs to a struct that the package converts to
// another one, or may assign to one without a name. That sets the field without its name.
func (c *checker) isAlike(v *types.Var) bool {
	if c.alike == nil {
		c.alike = make(map[*types.Var]bool)
		c.inspect.Preorder([]ast.Node{(*ast.CallExpr)(nil)}, func(n ast.Node) {
			if call := n.(*ast.CallExpr); c.info.Types[call.Fun].IsType() && len(call.Args) == 1 {
				c.addAlike(structOf(c.info.TypeOf(call)), structOf(c.info.TypeOf(call.Args[0])))
			}
		})
		var named, all []*types.Struct
		c.inspect.Preorder([]ast.Node{(*ast.TypeSpec)(nil), (*ast.StructType)(nil)}, func(n ast.Node) {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if s := structOf(c.info.TypeOf(n.Type)); s != nil {
					named = append(named, s)
				}
			case *ast.StructType:
				if s := structOf(c.info.TypeOf(n)); s != nil {
					all = append(all, s)
				}
			}
		})
		for _, s := range all {
			if slices.Contains(named, s) {
				continue
			}
			for _, other := range all {
				c.addAlike(s, other)
			}
		}
	}
	return c.alike[v.Origin()]
}

// structOf returns the struct of a type or of the type to which it points, or nil.
func structOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

func (c *checker) addAlike(s, other *types.Struct) {
	if s == nil || other == nil || s == other || !types.IdenticalIgnoreTags(s, other) {
		return
	}
	for i := range s.NumFields() {
		c.alike[s.Field(i).Origin()], c.alike[other.Field(i).Origin()] = true, true
	}
}
