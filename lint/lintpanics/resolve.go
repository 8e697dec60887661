package lintpanics

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// A checker looks for guards in the functions of one package.
type checker struct {
	pass    *analysis.Pass
	conf    *config
	info    *types.Info
	inspect *inspector.Inspector
	decls   declared
	vars    map[*types.Var]*binding
	sends   map[*types.Var]bool // variables and fields with channels to which the package sends

	panicked    map[*types.Var]bool       // see handedOn
	canceling   map[*types.Var]bool       // see cancels
	closing     map[*types.Var]bool       // see closable
	closure     map[string]*types.Package // see imports
	starting    *[]startingMethod
	guards      *[]startingMethod         // see guarding
	values      map[*types.Var][]ast.Expr // see valuesOf
	tasks       map[*types.Var]queue      // see queues
	hooks       []*types.Var              // the same
	namedHooks  map[string]bool           // see otherHooks
	inInterface map[string]bool           // the methods of the interfaces that the package writes

	alike        map[*types.Var]bool    // see isAlike
	unsetVars    map[*types.Var]bool    // see unset
	makes        map[*ast.FuncDecl]bool // see returnsMade
	passedNonNil map[*types.Var]bool    // see isAlwaysPassed
	usesOf       map[*types.Func][]*ast.Ident

	// Results, by *ast.FuncDecl and *ast.FuncLit, or by their bodies.
	memo    map[ast.Node]*summary
	noticed map[ast.Node][]notice
	unwound map[ast.Node]*notice
	quiet   map[*ast.BlockStmt]bool
	runs    map[ast.Node][]callback
}

// declared has the functions that a package declares, and their order in the
// source, so that the same input always gives the same output.
type declared struct {
	of    map[*types.Func]*ast.FuncDecl
	order []*types.Func
}

func declarations(pass *analysis.Pass) declared {
	d := declared{of: make(map[*types.Func]*ast.FuncDecl)}
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			decl, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if fn, ok := pass.TypesInfo.Defs[decl.Name].(*types.Func); ok {
				d.of[fn] = decl
				d.order = append(d.order, fn)
			}
		}
	}
	return d
}

// A target is one function that an expression may stand for. Of lit, fn, sum and
// unseen, at least one is set.
type target struct {
	name   string // for messages; empty for a literal
	lit    *ast.FuncLit
	fn     *types.Func
	sum    *summary    // if it is already known
	unseen string      // why the function is not known
	method *types.Func // if that is so because it is a method of an interface
}

func hidden(why string) []target { return []target{{unseen: why}} }

// resolve returns every function that e may stand for. It is never empty.
func (c *checker) resolve(e ast.Expr) []target {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return []target{{lit: e}}
	case *ast.Ident:
		return c.resolveObject(c.info.Uses[e])
	case *ast.SelectorExpr:
		return c.resolveSelector(e)
	case *ast.IndexExpr: // an instance of a generic function, or an element
		if c.isInstance(e.X) {
			return c.resolve(e.X)
		}
		return hidden("an element")
	case *ast.IndexListExpr:
		return c.resolve(e.X)
	case *ast.CallExpr:
		return c.resolveCall(e)
	case *ast.TypeAssertExpr:
		return hidden("an interface's value")
	case *ast.CompositeLit:
		return c.resolveElements(e)
	}
	return hidden("a function value")
}

// resolveElements resolves the functions in []func(){f, g}, for a function that runs
// all of them.
func (c *checker) resolveElements(lit *ast.CompositeLit) []target {
	if !canHoldFunc(c.info.TypeOf(lit)) || len(lit.Elts) == 0 {
		return hidden("a function value")
	}
	var all []target
	for _, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			elt = kv.Value
		}
		all = append(all, c.resolve(elt)...)
	}
	return all
}

// isInstance reports whether e names a generic function.
func (c *checker) isInstance(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		_, ok := c.info.Uses[e].(*types.Func)
		return ok
	case *ast.SelectorExpr:
		_, ok := c.info.Uses[e.Sel].(*types.Func)
		return ok
	}
	return false
}

func (c *checker) resolveObject(obj types.Object) []target {
	switch obj := obj.(type) {
	case *types.Func:
		return []target{c.funcTarget(obj)}
	case *types.Var:
		return c.resolveVar(obj)
	}
	return hidden("a function value")
}

func (c *checker) funcTarget(fn *types.Func) target {
	fn = fn.Origin()
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return target{name: fn.Name(), unseen: "an interface's method", method: fn}
	}
	return target{name: c.shortName(fn), fn: fn}
}

func (c *checker) resolveSelector(e *ast.SelectorExpr) []target {
	sel, ok := c.info.Selections[e]
	if !ok {
		return c.resolveObject(c.info.Uses[e.Sel]) // pkg.Name
	}
	if sel.Kind() == types.FieldVal {
		return c.resolveHeld(sel.Obj().(*types.Var), "a field")
	}
	fn := sel.Obj().(*types.Func)
	switch {
	case sel.Kind() == types.MethodExpr:
		return []target{c.wrapped(sel)}
	case isInterface(sel.Recv()):
		return c.resolveDynamic(e, fn)
	}
	return []target{c.funcTarget(fn)}
}

// wrapped returns the target of a method that is called with a pointer that nobody has
// dereferenced yet.
func (c *checker) wrapped(sel *types.Selection) target {
	t := c.funcTarget(sel.Obj().(*types.Func))
	if t.fn != nil && dereferences(sel) {
		t.sum = &summary{Body: verdict{Category: late, Detail: "the wrapper of the method, which dereferences the pointer,"}}
	}
	return t
}

// dereferences reports whether a call by sel dereferences a pointer to get the
// receiver. If a method of T is called by a *T that is nil, the call panics in a
// wrapper, before the first statement of the method.
func dereferences(sel *types.Selection) bool {
	fn := sel.Obj().(*types.Func)
	_, byPointer := types.Unalias(sel.Recv()).(*types.Pointer)
	_, wantsPointer := types.Unalias(fn.Signature().Recv().Type()).(*types.Pointer)
	if len(sel.Index()) > 1 {
		return sel.Indirect()
	}
	return byPointer && !wantsPointer
}

// resolveCall resolves the function that a call returns.
func (c *checker) resolveCall(call *ast.CallExpr) []target {
	if c.info.Types[call.Fun].IsType() && len(call.Args) == 1 {
		return c.resolve(call.Args[0]) // conversion to a named function type
	}
	var all []target
	for _, t := range c.resolve(call.Fun) {
		sum := c.summary(t)
		if sum.Result == nil {
			return hidden("a call's result")
		}
		result := sum.Result
		if t.fn == nil || c.decls.of[t.fn] != nil {
			result = &summary{Body: result.Body, Helper: result.Helper, Nil: result.Nil} // a go statement of this package
		}
		all = append(all, target{name: "the result of " + t.describe(), sum: result})
	}
	return all
}

// resolveVar resolves the values to which a variable is set, if all of them are in
// this package. That is not so for a parameter, nor for an exported variable.
func (c *checker) resolveVar(v *types.Var) []target {
	if v.IsField() {
		return c.resolveHeld(v, "a field")
	}
	if v.Kind() != types.LocalVar && v.Kind() != types.PackageVar {
		return hidden("a parameter") // even if it is also set here
	}
	return c.resolveHeld(v, "a variable")
}

// summary returns the summary of a target.
func (c *checker) summary(t target) *summary {
	switch {
	case t.sum != nil:
		return t.sum
	case t.lit != nil:
		return c.ofBody(t.lit, t.lit.Type, t.lit.Body)
	case t.fn != nil:
		return c.ofFunc(t.fn)
	}
	return &summary{Body: verdict{Category: unseen, Detail: t.unseen}}
}

// ofFunc returns the summary of a function of any package.
func (c *checker) ofFunc(fn *types.Func) *summary {
	decl := c.decls.of[fn]
	if decl == nil {
		return c.imported(fn)
	}
	if isClock(decl) {
		return new(summary)
	}
	if decl.Body == nil {
		return &summary{Body: verdict{Category: unseen, Detail: "a function without a Go body"}}
	}
	return c.ofBody(decl, decl.Type, decl.Body)
}

// ofBody returns the summary of a function of this package, which it makes at the
// first call. Until the summary is complete, a recursive call counts as a call of a
// function that can panic.
func (c *checker) ofBody(node ast.Node, typ *ast.FuncType, body *ast.BlockStmt) *summary {
	if s, ok := c.memo[node]; ok {
		return s
	}
	c.memo[node] = &summary{Body: verdict{Category: missing, Detail: "a recursive call"}}
	s := &summary{
		Helper: c.helper(body),
		Hands:  c.hands(typ, body),
		Result: c.result(typ, body),
	}
	s.Body = c.judge(node)
	c.memo[node] = s
	return s
}

// result returns one summary for all functions that a body returns. The worst of
// them counts.
func (c *checker) result(typ *ast.FuncType, body *ast.BlockStmt) *summary {
	if typ.Results == nil || typ.Results.NumFields() != 1 || len(typ.Results.List[0].Names) > 0 {
		return nil
	}
	if _, ok := c.info.TypeOf(typ.Results.List[0].Type).Underlying().(*types.Signature); !ok {
		return nil
	}
	var worst *summary
	var runs []callback
	known, maybeNil := true, false
	inspectFunc(body, func(n ast.Node) {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok || len(ret.Results) != 1 {
			return
		}
		if c.info.Types[ret.Results[0]].IsNil() {
			maybeNil = true
			return
		}
		for _, t := range c.resolve(ret.Results[0]) {
			s := c.summary(t)
			known, maybeNil = known && s.Body.Category != unseen, maybeNil || s.Nil
			runs = append(runs, c.runsOfTarget(t)...)
			if worst == nil || worst.Body.Category == covered && s.Body.Category != covered {
				worst = s
			} else if s.Helper != helperGuards && worst.Helper == helperGuards {
				worst = &summary{Body: worst.Body}
			}
		}
	})
	if !known || worst == nil {
		return nil
	}
	return &summary{Body: worst.Body, Helper: worst.Helper, Nil: maybeNil, Runs: runs}
}

// inspectFunc visits the nodes of a function, but not those of function literals in
// it.
func inspectFunc(root ast.Node, visit func(ast.Node)) {
	ast.Inspect(root, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if n != nil {
			visit(n)
		}
		return true
	})
}
