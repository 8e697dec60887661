package lintpanics

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
)

// callbacks returns the parameters of a function that it calls, or runs in a
// goroutine: directly, in a function literal, or through another function. A function
// that runs one in a goroutine is a starter for the packages that import it.
//
//	func Go(f func()) { go f() }                        // starts 0
//	func Each(fs []func()) { for _, f := range fs { go f() } }
//	func Try(f func()) { defer restore(); f() }         // calls 0, and recovers
//	func Later(f func()) { time.AfterFunc(time.Hour, func() { Try(f) }) }
func (c *checker) callbacks(node ast.Node) []callback {
	if all, ok := c.runs[node]; ok {
		return all
	}
	c.runs[node] = nil // for a recursive call
	f := &follower{c: c, holds: make(map[*types.Var]int), visited: make(map[visit]bool)}
	wanted := isOneMethod
	if hasGo(funcBody(node)) {
		wanted = isInterface // see goMethod
	}
	for v, i := range c.paramsOf(node) {
		if canHoldFunc(v.Type()) || canHold(v.Type(), wanted) {
			f.holds[v] = i
		}
	}
	if len(f.holds) > 0 {
		f.follow(funcBody(node))
		f.body(funcBody(node), situation{})
		f.laterStores(funcBody(node))
	}
	c.runs[node] = f.result()
	return c.runs[node]
}

func hasGo(body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		_, ok := n.(*ast.GoStmt)
		found = found || ok
		return !found
	})
	return found
}

// A follower follows the functions that a function is passed.
type follower struct {
	c       *checker
	holds   map[*types.Var]int // the variables that hold a parameter
	found   []callback
	visited map[visit]bool

	// everywhere follows the functions in the variables of the package, instead of
	// those that one function is passed; see queues.
	everywhere bool
}

// A situation tells where a call happens.
type situation struct {
	started  bool   // in another goroutine than that of the caller
	recovers bool   // a deferred function recovers and does not report
	guarded  bool   // a guard reports; the panic does not get further
	where    string // what starts the goroutine
	later    bool   // in a function that is returned
}

type visit struct {
	body *ast.BlockStmt
	in   situation
}

// follow finds the local variables that are set to what a parameter holds.
func (f *follower) follow(body *ast.BlockStmt) {
	for range maxAliases {
		before := len(f.holds)
		ast.Inspect(body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) {
						f.alias(l, n.Rhs[i])
					} else {
						f.alias(l, n.Rhs[0]) // f, ok := <-fs
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if len(n.Names) == len(n.Values) {
						f.alias(name, n.Values[i])
					}
				}
			case *ast.RangeStmt:
				f.alias(n.Value, n.X)
				f.alias(n.Key, n.X) // of a channel
			}
			return true
		})
		if len(f.holds) == before {
			return
		}
	}
}

func (f *follower) alias(l, value ast.Expr) {
	id, ok := l.(*ast.Ident)
	if !ok || value == nil {
		return
	}
	v, ok := f.c.info.ObjectOf(id).(*types.Var)
	if !ok || v.Kind() != types.LocalVar || !canHoldFunc(v.Type()) && !isInterface(v.Type()) {
		return
	}
	if param, ok := f.param(value); ok {
		f.holds[v] = param
	}
}

// param returns the parameter that holds what e is.
func (f *follower) param(e ast.Expr) (int, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := f.c.info.Uses[e].(*types.Var)
		if !ok {
			return 0, false
		}
		param, ok := f.holds[v]
		return param, ok
	case *ast.IndexExpr:
		return f.param(e.X)
	case *ast.SliceExpr:
		return f.param(e.X)
	case *ast.StarExpr:
		return f.param(e.X)
	case *ast.TypeAssertExpr:
		return f.param(e.X)
	case *ast.UnaryExpr:
		return f.param(e.X)
	case *ast.SelectorExpr:
		v, ok := f.c.info.Uses[e.Sel].(*types.Var)
		if !ok || !f.everywhere {
			return 0, false
		}
		param, ok := f.holds[v.Origin()]
		return param, ok
	case *ast.CallExpr:
		if f.c.info.Types[e.Fun].IsType() || f.c.builtin(e) == "append" {
			for _, arg := range e.Args {
				if param, ok := f.param(arg); ok {
					return param, true
				}
			}
		}
	}
	return 0, false
}

// body follows the calls in a body.
func (f *follower) body(body *ast.BlockStmt, in situation) {
	if f.visited[visit{body, in}] {
		return
	}
	f.visited[visit{body, in}] = true
	switch f.c.recovery(body) {
	case helperGuards:
		in.guarded = true
	case helperSwallows:
		in.recovers = true
	}
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // followed where it is called
		case *ast.SendStmt, *ast.AssignStmt, *ast.CompositeLit:
			f.stores(n, in)
		case *ast.GoStmt:
			f.goMethod(n)
			f.call(n.Call, f.startedAt(n))
			for _, arg := range n.Call.Args {
				f.expr(arg, in)
			}
			return false
		case *ast.CallExpr:
			f.call(n, in)
		case *ast.ReturnStmt:
			f.returned(n, in)
		}
		return true
	})
}

// returned follows the function literals that a function returns. What they start, they
// start when the caller calls them.
func (f *follower) returned(n *ast.ReturnStmt, in situation) {
	for _, e := range n.Results {
		if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok && !f.everywhere {
			in.later = true
			f.body(lit.Body, in)
		}
	}
}

// goMethod notes go s.Serve(), where s is an interface with more methods. Deeper inside
// of a goroutine, a call of one of these says less: a net.Conn that a goroutine reads is
// not passed to be run.
func (f *follower) goMethod(n *ast.GoStmt) {
	sel, ok := ast.Unparen(n.Call.Fun).(*ast.SelectorExpr)
	if !ok || !isInterface(f.c.info.TypeOf(sel.X)) || isOneMethod(f.c.info.TypeOf(sel.X)) {
		return
	}
	if param, ok := f.param(sel.X); ok {
		f.add(callback{Param: param, Method: sel.Sel.Name}, f.startedAt(n))
	}
}

func (f *follower) startedAt(n *ast.GoStmt) situation {
	if f.everywhere {
		return situation{started: true} // the same for all, to visit each body once
	}
	return situation{started: true, where: f.c.line(n.Pos())}
}

// expr follows the calls in an expression.
func (f *follower) expr(e ast.Expr, in situation) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			f.call(n, in)
		}
		return true
	})
}

// recovery tells what the deferred functions of a body do with a panic.
func (c *checker) recovery(body *ast.BlockStmt) helperKind {
	kind := noHelper
	inspectFunc(body, func(n ast.Node) {
		d, ok := n.(*ast.DeferStmt)
		if !ok {
			return
		}
		switch c.deferKind(d) {
		case covered:
			kind = helperGuards
		case swallowed:
			if kind == noHelper {
				kind = helperSwallows
			}
		}
	})
	return kind
}

// call follows one call.
func (f *follower) call(call *ast.CallExpr, in situation) {
	c := f.c
	if c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return
	}
	if param, ok := f.param(call.Fun); ok {
		f.add(callback{Param: param}, in)
		return
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && in.started {
		if param, ok := f.param(sel.X); ok && isOneMethod(c.info.TypeOf(sel.X)) {
			f.add(callback{Param: param, Method: sel.Sel.Name}, in)
			return
		}
	}
	for _, t := range c.resolve(call.Fun) {
		if t.lit != nil {
			f.pass(call, t.lit)
			f.body(t.lit.Body, in)
		}
	}
	for _, value := range c.valueRuns(call.Fun) {
		for _, r := range value.runs {
			f.through(call, r, in)
		}
	}
	for _, fn := range c.resolveStarter(call.Fun) {
		for _, r := range c.runsOf(fn) {
			f.through(call, r, in)
		}
		if decl := c.decls.of[fn]; f.everywhere && in.started && decl != nil && decl.Body != nil {
			f.body(decl.Body, in)
		}
	}
}

// pass notes which parameters of a literal hold a parameter.
func (f *follower) pass(call *ast.CallExpr, lit *ast.FuncLit) {
	for v, i := range f.c.paramsOf(lit) {
		if i < len(call.Args) && canHoldFunc(v.Type()) {
			if param, ok := f.param(call.Args[i]); ok {
				f.holds[v] = param
			}
		}
	}
}

// through follows what a call passes to a function that runs it.
func (f *follower) through(call *ast.CallExpr, r callback, in situation) {
	inner := situation{started: in.started || r.Started, recovers: r.Recovers, guarded: r.Guarded, where: cmp.Or(in.where, r.Where), later: in.later}
	if f.everywhere {
		inner.where = ""
	}
	if !r.Started {
		inner.recovers, inner.guarded = in.recovers || r.Recovers, in.guarded || r.Guarded
	}
	for _, arg := range f.c.passed(call, r.Param) {
		if param, ok := f.param(arg); ok {
			f.add(callback{Param: param, Method: r.Method}, inner)
			continue
		}
		if r.Method != "" {
			continue
		}
		for _, t := range f.c.resolve(arg) {
			if t.lit != nil {
				f.body(t.lit.Body, inner)
			} else if decl := f.c.decls.of[t.fn]; f.everywhere && inner.started && decl != nil && decl.Body != nil {
				f.body(decl.Body, inner)
			}
		}
	}
}

// passed returns the expressions that a call passes for a parameter; several for the
// last one of a variadic function.
func (c *checker) passed(call *ast.CallExpr, param int) []ast.Expr {
	sig, ok := c.info.TypeOf(call.Fun).Underlying().(*types.Signature)
	if ok && sig.Variadic() && !call.Ellipsis.IsValid() && param >= 0 {
		index := param
		if c.isMethodExpr(call.Fun) {
			index++
		}
		if index == sig.Params().Len()-1 && index <= len(call.Args) {
			return call.Args[index:]
		}
	}
	if e := argument(c.info, call, param); e != nil {
		return []ast.Expr{e}
	}
	return nil
}

// add notes a callback.
func (f *follower) add(r callback, in situation) {
	if in.later && !in.started {
		return
	}
	r.Started, r.Recovers, r.Guarded, r.Where = in.started, in.recovers && !in.guarded, in.guarded, in.where
	f.found = append(f.found, r)
}

// result returns the callbacks, the worst of each parameter: that it runs in a
// goroutine without recovering is worse than that it does recover.
func (f *follower) result() []callback {
	order := func(a, b callback) int {
		return cmp.Or(a.Param-b.Param, cmp.Compare(a.Method, b.Method), boolOrder(b.Started, a.Started),
			boolOrder(a.Guarded, b.Guarded), boolOrder(a.Recovers, b.Recovers), cmp.Compare(a.Where, b.Where))
	}
	slices.SortFunc(f.found, order)
	return slices.CompactFunc(f.found, func(a, b callback) bool {
		return a.Param == b.Param && a.Method == b.Method && a.Started == b.Started && a.Guarded == b.Guarded
	})
}

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
