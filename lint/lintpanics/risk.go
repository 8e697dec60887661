package lintpanics

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// A risk is something that can panic. Everything that is not known to be safe is a
// risk. A nil risk means that nothing can panic.
type risk struct {
	pos  token.Pos
	what string
}

func (c *checker) risky(n ast.Node, what string) *risk { return &risk{n.Pos(), what} }

// first returns the first risk of several expressions.
func (c *checker) first(exprs ...ast.Expr) *risk {
	for _, e := range exprs {
		if e == nil {
			continue
		}
		if r := c.expr(e); r != nil {
			return r
		}
	}
	return nil
}

// expr returns what can panic when e is evaluated.
func (c *checker) expr(e ast.Expr) *risk {
	if tv, ok := c.info.Types[e]; ok && (tv.Value != nil || tv.IsType()) {
		return nil
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.BasicLit, *ast.FuncLit:
		return nil
	case *ast.ParenExpr:
		return c.expr(e.X)
	case *ast.UnaryExpr:
		return c.expr(e.X) // a receive from a nil or closed channel does not panic
	case *ast.BinaryExpr:
		return c.binary(e)
	case *ast.SelectorExpr:
		return c.selector(e)
	case *ast.IndexExpr:
		return c.index(e)
	case *ast.IndexListExpr:
		return c.expr(e.X)
	case *ast.SliceExpr:
		return c.slice(e)
	case *ast.CompositeLit:
		return c.composite(e)
	case *ast.CallExpr:
		return c.call(e)
	case *ast.StarExpr:
		return c.risky(e, "a dereference")
	case *ast.TypeAssertExpr:
		return c.risky(e, "a type assertion")
	}
	return c.risky(e, "an expression")
}

func (c *checker) binary(e *ast.BinaryExpr) *risk {
	if r := c.first(e.X, e.Y); r != nil {
		return r
	}
	return c.operation(e, e.Op, e.X, e.Y)
}

// operation returns what can panic in x op y, except for x and y themselves.
func (c *checker) operation(at ast.Node, op token.Token, x, y ast.Expr) *risk {
	switch op {
	case token.QUO, token.REM, token.QUO_ASSIGN, token.REM_ASSIGN:
		if c.info.Types[y].Value == nil && !hasInfo(c.info.TypeOf(x), types.IsFloat|types.IsComplex) {
			return c.risky(at, "a division")
		}
	case token.SHL, token.SHR, token.SHL_ASSIGN, token.SHR_ASSIGN:
		if c.info.Types[y].Value == nil && !hasInfo(c.info.TypeOf(y), types.IsUnsigned) {
			return c.risky(at, "a shift by a signed count")
		}
	case token.EQL, token.NEQ:
		if !c.canCompare(x, y) {
			return c.risky(at, "a comparison of interfaces")
		}
	}
	return nil
}

func hasInfo(t types.Type, want types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&want != 0
}

// canCompare reports whether x == y cannot panic. It can panic if both are
// interfaces or contain interfaces, because their values may be slices.
func (c *checker) canCompare(x, y ast.Expr) bool {
	return c.info.Types[x].IsNil() || c.info.Types[y].IsNil() ||
		strictlyComparable(c.info.TypeOf(x)) || strictlyComparable(c.info.TypeOf(y))
}

func strictlyComparable(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic, *types.Pointer, *types.Chan:
		return true
	case *types.Array:
		return strictlyComparable(t.Elem())
	case *types.Struct:
		for field := range t.Fields() {
			if !strictlyComparable(field.Type()) {
				return false
			}
		}
		return true
	}
	return false
}

func (c *checker) selector(e *ast.SelectorExpr) *risk {
	sel, ok := c.info.Selections[e]
	if !ok || sel.Kind() == types.MethodExpr {
		return nil // pkg.Name, T.Method
	}
	if r := c.expr(e.X); r != nil {
		return r
	}
	if sel.Kind() == types.FieldVal {
		if sel.Indirect() {
			return c.risky(e, "the field "+e.Sel.Name+" of a pointer")
		}
		return nil
	}
	return c.receiver(e, sel)
}

// receiver returns what can panic when e.X becomes the receiver of a method.
func (c *checker) receiver(e *ast.SelectorExpr, sel *types.Selection) *risk {
	if types.IsInterface(sel.Recv()) {
		return c.risky(e, "the method "+e.Sel.Name+" of an interface")
	}
	if dereferences(sel) {
		return c.risky(e, "the method "+e.Sel.Name+" of a pointer")
	}
	return nil
}

func (c *checker) index(e *ast.IndexExpr) *risk {
	if r := c.first(e.X, e.Index); r != nil {
		return r
	}
	switch t := c.info.TypeOf(e.X).Underlying().(type) {
	case *types.Signature:
		return nil // an instance
	case *types.Map:
		if c.canHash(t.Key(), e.Index) {
			return nil
		}
		return c.risky(e, "a map with interfaces as keys")
	case *types.Array:
		if c.info.Types[e.Index].Value != nil {
			return nil // the compiler has checked it
		}
	}
	return c.risky(e, "an index")
}

// canHash reports whether key cannot be an interface with a slice as its value,
// which would panic as the key of a map.
func (c *checker) canHash(want types.Type, key ast.Expr) bool {
	return strictlyComparable(want) || strictlyComparable(c.info.TypeOf(key))
}

func (c *checker) slice(e *ast.SliceExpr) *risk {
	if r := c.expr(e.X); r != nil {
		return r
	}
	switch c.info.TypeOf(e.X).Underlying().(type) {
	case *types.Slice, *types.Array, *types.Basic:
		if e.Low == nil && e.High == nil && e.Max == nil {
			return nil
		}
	}
	return c.risky(e, "a slice of something")
}

func (c *checker) composite(e *ast.CompositeLit) *risk {
	m, isMap := c.info.TypeOf(e).Underlying().(*types.Map)
	_, isStruct := c.info.TypeOf(e).Underlying().(*types.Struct)
	for _, elt := range e.Elts {
		kv, ok := elt.(*ast.KeyValueExpr)
		if !ok {
			if r := c.expr(elt); r != nil {
				return r
			}
			continue
		}
		if !isStruct {
			if r := c.expr(kv.Key); r != nil {
				return r
			}
		}
		if isMap && !c.canHash(m.Key(), kv.Key) {
			return c.risky(kv, "a map with interfaces as keys")
		}
		if r := c.expr(kv.Value); r != nil {
			return r
		}
	}
	return nil
}

// call returns what can panic in a call and in the called function. A panic that a
// guard of the called function reports does not count.
func (c *checker) call(e *ast.CallExpr) *risk {
	if c.info.Types[e.Fun].IsType() {
		return c.conversion(e)
	}
	if b := c.builtin(e); b != "" {
		return c.builtinCall(e, b)
	}
	if r := c.operands(e); r != nil {
		return r
	}
	return c.callee(e)
}

// operands returns what can panic before the called function is entered. A go or
// defer statement evaluates the operands at once.
func (c *checker) operands(e *ast.CallExpr) *risk {
	if c.builtin(e) == "" {
		if r := c.expr(e.Fun); r != nil {
			return r
		}
	}
	return c.first(e.Args...)
}

// callee returns what can panic in the called function.
func (c *checker) callee(e *ast.CallExpr) *risk {
	for _, t := range c.resolve(e.Fun) {
		if t.fn != nil && t.sum == nil && c.conf.isSafe(t.fn) {
			continue
		}
		if c.summary(t).Body.Category != covered {
			return c.risky(e, "a call of "+t.describe())
		}
	}
	return nil
}

func (t target) describe() string {
	switch {
	case t.name != "":
		return t.name
	case t.lit != nil:
		return "a function literal"
	}
	return t.unseen
}

// builtin returns the name of the built-in function that is called. It returns "" if
// the call is not one of a built-in function.
func (c *checker) builtin(e *ast.CallExpr) string {
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		if b, ok := c.info.Uses[fun].(*types.Builtin); ok {
			return b.Name()
		}
	case *ast.SelectorExpr:
		if b, ok := c.info.Uses[fun.Sel].(*types.Builtin); ok {
			return "unsafe." + b.Name()
		}
	}
	return ""
}

func (c *checker) builtinCall(e *ast.CallExpr, name string) *risk {
	for _, arg := range e.Args {
		if r := c.expr(arg); r != nil {
			return r
		}
	}
	switch name {
	case "append", "cap", "clear", "complex", "copy", "imag", "len", "max", "min",
		"new", "print", "println", "real", "recover":
		return nil
	case "make":
		for _, size := range e.Args[1:] {
			if v := c.info.Types[size].Value; v == nil || constant.Sign(v) < 0 {
				return c.risky(e, "make with a size")
			}
		}
		return nil
	case "delete":
		if m, ok := c.info.TypeOf(e.Args[0]).Underlying().(*types.Map); ok && c.canHash(m.Key(), e.Args[1]) {
			return nil
		}
	}
	return c.risky(e, "a call of "+name)
}

// conversion returns what can panic in T(x). Only the conversion of a slice to an
// array can panic, if the slice is too short.
func (c *checker) conversion(e *ast.CallExpr) *risk {
	if r := c.first(e.Args...); r != nil {
		return r
	}
	if len(e.Args) != 1 {
		return nil
	}
	switch c.info.TypeOf(e.Args[0]).Underlying().(type) {
	case *types.Basic, *types.Pointer, *types.Struct, *types.Signature, *types.Map, *types.Chan, *types.Array:
		return nil
	}
	to := c.info.TypeOf(e)
	if _, isParam := types.Unalias(to).(*types.TypeParam); isParam {
		return c.risky(e, "a conversion to a type parameter")
	}
	switch to.Underlying().(type) {
	case *types.Array, *types.Pointer:
		return c.risky(e, "a conversion of a slice to an array")
	}
	return nil
}

// stmt returns what can panic when s is executed, or in the function that s defers.
func (c *checker) stmt(s ast.Stmt) *risk {
	switch s := s.(type) {
	case nil, *ast.EmptyStmt, *ast.BranchStmt:
		return nil
	case *ast.ExprStmt:
		return c.expr(s.X)
	case *ast.AssignStmt:
		return c.assign(s)
	case *ast.IncDecStmt:
		return c.store(s.X)
	case *ast.DeclStmt:
		return c.declare(s)
	case *ast.ReturnStmt:
		return c.first(s.Results...)
	case *ast.BlockStmt:
		return c.stmts(s.List)
	case *ast.LabeledStmt:
		return c.stmt(s.Stmt)
	case *ast.GoStmt:
		return c.operands(s.Call)
	case *ast.DeferStmt:
		return c.deferral(s)
	case *ast.IfStmt:
		return c.any(c.stmt(s.Init), c.expr(s.Cond), c.stmts(s.Body.List), c.stmt(s.Else))
	case *ast.ForStmt:
		return c.any(c.stmt(s.Init), c.first(s.Cond), c.stmts(s.Body.List), c.stmt(s.Post))
	case *ast.RangeStmt:
		return c.rangeOver(s)
	case *ast.SwitchStmt:
		return c.any(c.stmt(s.Init), c.first(s.Tag), c.cases(s))
	case *ast.TypeSwitchStmt:
		return c.any(c.stmt(s.Init), c.typeSwitch(s), c.stmts(s.Body.List))
	case *ast.SelectStmt:
		return c.stmts(s.Body.List)
	case *ast.CaseClause:
		return c.stmts(s.Body)
	case *ast.CommClause:
		return c.any(c.stmt(s.Comm), c.stmts(s.Body))
	case *ast.SendStmt:
		return c.risky(s, "a send")
	}
	return c.risky(s, "a statement")
}

func (c *checker) any(risks ...*risk) *risk {
	for _, r := range risks {
		if r != nil {
			return r
		}
	}
	return nil
}

func (c *checker) stmts(list []ast.Stmt) *risk {
	for _, s := range list {
		if r := c.stmt(s); r != nil {
			return r
		}
	}
	return nil
}

func (c *checker) assign(s *ast.AssignStmt) *risk {
	if len(s.Lhs) == 2 && len(s.Rhs) == 1 {
		// v, ok := x.(T) does not panic, and neither does <-ch
		if assertion, ok := ast.Unparen(s.Rhs[0]).(*ast.TypeAssertExpr); ok {
			return c.any(c.expr(assertion.X), c.store(s.Lhs[0]), c.store(s.Lhs[1]))
		}
	}
	if r := c.first(s.Rhs...); r != nil {
		return r
	}
	for _, lhs := range s.Lhs {
		if r := c.store(lhs); r != nil {
			return r
		}
	}
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		return c.operation(s, s.Tok, s.Lhs[0], s.Rhs[0])
	}
	return nil
}

// store returns what can panic if e is the left side of an assignment.
func (c *checker) store(e ast.Expr) *risk {
	if i, ok := ast.Unparen(e).(*ast.IndexExpr); ok {
		if _, ok := c.info.TypeOf(i.X).Underlying().(*types.Map); ok {
			return c.risky(e, "an assignment to a map")
		}
	}
	return c.expr(e)
}

func (c *checker) declare(s *ast.DeclStmt) *risk {
	decl, ok := s.Decl.(*ast.GenDecl)
	if !ok {
		return c.risky(s, "a declaration")
	}
	for _, spec := range decl.Specs {
		if spec, ok := spec.(*ast.ValueSpec); ok {
			if len(spec.Names) == 2 && len(spec.Values) == 1 {
				if assertion, ok := ast.Unparen(spec.Values[0]).(*ast.TypeAssertExpr); ok {
					return c.expr(assertion.X)
				}
			}
			if r := c.first(spec.Values...); r != nil {
				return r
			}
		}
	}
	return nil
}

func (c *checker) rangeOver(s *ast.RangeStmt) *risk {
	if r := c.expr(s.X); r != nil {
		return r
	}
	switch c.info.TypeOf(s.X).Underlying().(type) {
	case *types.Basic, *types.Slice, *types.Array, *types.Map, *types.Chan:
	default:
		return c.risky(s.X, "a range over a function or a pointer")
	}
	for _, lhs := range []ast.Expr{s.Key, s.Value} {
		if lhs != nil {
			if r := c.store(lhs); r != nil {
				return r
			}
		}
	}
	return c.stmts(s.Body.List)
}

func (c *checker) cases(s *ast.SwitchStmt) *risk {
	for _, clause := range s.Body.List {
		clause := clause.(*ast.CaseClause)
		for _, e := range clause.List {
			if r := c.expr(e); r != nil {
				return r
			}
			if s.Tag != nil && !c.canCompare(s.Tag, e) {
				return c.risky(e, "a comparison of interfaces")
			}
		}
		if r := c.stmts(clause.Body); r != nil {
			return r
		}
	}
	return nil
}

// typeSwitch returns what can panic in the x of switch v := x.(type).
func (c *checker) typeSwitch(s *ast.TypeSwitchStmt) *risk {
	var x ast.Expr
	switch assign := s.Assign.(type) {
	case *ast.ExprStmt:
		x = assign.X
	case *ast.AssignStmt:
		x = assign.Rhs[0]
	}
	return c.expr(ast.Unparen(x).(*ast.TypeAssertExpr).X)
}

// deferral returns what can panic in a defer statement that defers no guard: in the
// operands, which are evaluated at once, or in the function, which runs after any
// guard that is deferred later.
func (c *checker) deferral(s *ast.DeferStmt) *risk {
	if c.endsWait(s.Call) {
		return nil
	}
	if r := c.operands(s.Call); r != nil {
		return r
	}
	if b := c.builtin(s.Call); b != "" {
		return c.builtinCall(s.Call, b)
	}
	return c.callee(s.Call)
}

// endsWait reports whether call is wg.Done() or s.wg.Done(). It is tempting to ask
// for the guard first, as with other functions. But then Done would run before the
// guard, and the goroutine that waits could end the process before the panic is
// reported. So the analyzer accepts that Done can panic, with a negative counter or
// a nil s, and that nobody would report that panic.
func (c *checker) endsWait(call *ast.CallExpr) bool {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !isPath(sel.X) {
		return false
	}
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	return ok && fullName(fn) == "sync.WaitGroup.Done"
}

// isPath reports whether e is a variable or a field of one: a.b.c.
func isPath(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		return isPath(e.X)
	}
	return false
}
