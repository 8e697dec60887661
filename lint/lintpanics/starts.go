package lintpanics

import (
	"go/ast"
	"go/types"
	"slices"
)

// A start is a place in the code that starts a goroutine.
type start struct {
	node     ast.Node      // where it is reported
	what     string        // for messages
	fun      ast.Expr      // the function that runs in the goroutine
	method   string        // if fun is no function but an interface's value, the method that runs
	call     *ast.CallExpr // of the go statement, or of the starter
	arg      int           // the index of fun in the arguments of call; or one of the constants
	recovers string        // the full name of a starter that recovers the panic, and tells nobody
}

// These are the values of start.arg that are no indexes.
const (
	goStatement      = -1
	receiverArgument = -2 // fun is the receiver of call
	fieldValue       = -3 // there is no call: a field is set to fun
)

// starts collects what starts a goroutine in the files that the analyzer does not
// leave out.
func (c *checker) starts() []start {
	return c.startsIn(func(file *ast.File) bool { return !c.leavesOut(file) })
}

// allStarts collects what starts a goroutine in all files.
func (c *checker) allStarts() []start {
	return c.startsIn(func(*ast.File) bool { return true })
}

func (c *checker) startsIn(wanted func(*ast.File) bool) []start {
	var all []start
	for _, file := range c.pass.Files {
		if !wanted(file) {
			continue
		}
		for _, decl := range file.Decls {
			own := c.ownArguments(decl)
			ast.Inspect(decl, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.GoStmt:
					if !c.isOneOf(n.Call.Fun, own) {
						all = append(all, start{node: n, what: "goroutine", fun: n.Call.Fun, call: n.Call, arg: goStatement})
					}
				case *ast.CallExpr:
					all = append(all, c.callbackStarts(n, own)...)
				case *ast.AssignStmt, *ast.CompositeLit:
					all = append(all, c.hookStarts(n, own)...)
				}
				return true
			})
		}
	}
	return all
}

// callbackStarts returns the arguments that a call runs in a goroutine.
func (c *checker) callbackStarts(call *ast.CallExpr, own []*types.Var) []start {
	if c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return nil
	}
	targets := c.resolveStarter(call.Fun)
	what := "callback of " + types.ExprString(call.Fun)
	var all []start
	started := make(map[ast.Expr]bool)
	add := func(name string, r callback) {
		for _, arg := range c.passed(call, r.Param) {
			if started[arg] || c.info.Types[arg].IsNil() || c.isOneOf(arg, own) {
				continue // SetFinalizer(x, nil) removes a finalizer
			}
			started[arg] = true
			s := start{node: call, what: what, fun: arg, method: r.Method, call: call, arg: receiverArgument}
			if i := slices.Index(call.Args, arg); i >= 0 {
				s.arg = i
			}
			if r.Recovers {
				s.recovers = name
			}
			all = append(all, s)
		}
	}
	for _, fn := range targets {
		for _, r := range c.startedBy(fn) {
			add(fullName(fn), r)
		}
	}
	for _, value := range c.valueRuns(call.Fun) {
		for _, r := range value.runs {
			if r.Started && !r.Guarded {
				add(value.name, r)
			}
		}
	}
	for i, arg := range call.Args {
		if !started[arg] && c.takesSignal(arg) && c.leavesPackage(targets) && !c.isOneOf(arg, own) {
			all = append(all, start{node: call, what: what, fun: arg, call: call, arg: i})
		}
	}
	return all
}

// resolveStarter returns the functions that fun may stand for. Unlike resolve, it
// also returns methods of interfaces, which -starters can name.
func (c *checker) resolveStarter(fun ast.Expr) []*types.Func {
	var all []*types.Func
	for _, t := range c.resolve(fun) {
		if t.fn != nil {
			all = append(all, t.fn)
		}
	}
	if sel, ok := ast.Unparen(fun).(*ast.SelectorExpr); ok && len(all) == 0 {
		if fn, ok := c.info.Uses[sel.Sel].(*types.Func); ok {
			all = append(all, fn.Origin())
		}
	}
	return all
}

// startedBy returns the parameters that a function runs in a goroutine without a
// guard. A function of this module is none of these, unless a flag names it: its go
// statement is reported.
func (c *checker) startedBy(fn *types.Func) []callback {
	var all []callback
	_, named := c.conf.named(fn)
	recv := fn.Signature().Recv()
	switch {
	case named:
		all = c.runsOf(fn)
	case recv != nil && types.IsInterface(recv.Type()):
		all = c.startedThrough(fn)
	case c.decls.of[fn] == nil:
		all = slices.DeleteFunc(slices.Clone(c.imported(fn).Runs), func(r callback) bool { return r.Module == c.module() })
	}
	return slices.DeleteFunc(slices.Clone(all), func(r callback) bool { return !r.Started || r.Guarded })
}

// module returns the path of the module of this package. It is empty for the standard
// library.
func (c *checker) module() string {
	if c.pass.Module == nil {
		return ""
	}
	return c.pass.Module.Path
}

func (c *checker) isMethodExpr(fun ast.Expr) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := c.info.Selections[sel]
	return s != nil && s.Kind() == types.MethodExpr
}

// takesSignal reports whether arg is a function with an os.Signal as a parameter.
func (c *checker) takesSignal(arg ast.Expr) bool {
	t := c.info.TypeOf(arg)
	if t == nil || c.info.Types[arg].IsNil() {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	for param := range sig.Params().Variables() {
		if named := namedType(param.Type()); named != nil && named.Obj().Pkg() != nil &&
			named.Obj().Pkg().Path() == "os" && named.Obj().Name() == "Signal" {
			return true
		}
	}
	return false
}

// leavesPackage reports whether all targets belong to another package that may
// handle signals. If a target is in this package, the analyzer reports the go
// statement of the goroutine that calls the callback. A generic function, such as
// slices.DeleteFunc, does not handle signals.
func (c *checker) leavesPackage(targets []*types.Func) bool {
	for _, fn := range targets {
		if fn.Pkg() == c.pass.Pkg || fn.Origin().Signature().TypeParams().Len() > 0 {
			return false
		}
	}
	return true
}

// ownArguments returns the parameters of decl that -starters names. decl may start
// them without a guard, because the analyzer reports every call of decl with a
// function that has none.
func (c *checker) ownArguments(decl ast.Decl) []*types.Var {
	d, ok := decl.(*ast.FuncDecl)
	if !ok {
		return nil
	}
	fn, ok := c.info.Defs[d.Name].(*types.Func)
	if !ok {
		return nil
	}
	var own []*types.Var
	params := fn.Signature().Params()
	list, _ := c.conf.named(fn)
	for _, st := range list {
		if st.arg < params.Len() {
			own = append(own, params.At(st.arg))
		}
	}
	return own
}

func (c *checker) isOneOf(e ast.Expr, vars []*types.Var) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := c.info.Uses[id].(*types.Var)
	return ok && slices.Contains(vars, v) && c.bindings()[v] == nil
}

// functions returns the functions with a body in the files that the analyzer does
// not leave out, function literals included.
func (c *checker) functions() []ast.Node {
	var all []ast.Node
	for _, file := range c.pass.Files {
		if c.leavesOut(file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body != nil {
					all = append(all, n)
				}
			case *ast.FuncLit:
				all = append(all, n)
			}
			return true
		})
	}
	return all
}

// calls returns the calls in the files that the analyzer does not leave out.
func (c *checker) calls() []*ast.CallExpr {
	var all []*ast.CallExpr
	for _, file := range c.pass.Files {
		if c.leavesOut(file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				all = append(all, call)
			}
			return true
		})
	}
	return all
}
