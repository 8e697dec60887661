package lintpanics

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"sync"
)

// targets returns the functions that a start runs. A method of an interface's value is
// one if the value has a type of this module.
func (c *checker) targets(s start) []target {
	if s.method == "" {
		return c.resolve(s.fun)
	}
	t := c.info.TypeOf(s.fun)
	if types.IsInterface(t) {
		return nil // reported where it gets its value, if at all
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, c.pass.Pkg, s.method)
	fn, ok := obj.(*types.Func)
	if !ok {
		return nil
	}
	fn = fn.Origin()
	if call, ok := ast.Unparen(s.fun).(*ast.CallExpr); ok && c.info.Types[call.Fun].IsType() && len(call.Args) == 1 {
		if c.callsReceiver(fn) {
			return c.resolve(call.Args[0]) // cron.FuncJob(f)
		}
	}
	if c.decls.of[fn] == nil {
		return nil
	}
	return []target{c.funcTarget(fn)}
}

// callsReceiver reports whether a method calls its receiver, which is a function.
func (c *checker) callsReceiver(fn *types.Func) bool {
	return slices.ContainsFunc(c.runsOf(fn), func(r callback) bool { return r.Param == receiver && r.Method == "" && !r.Guarded })
}

// startedThrough returns the parameters that a method of an interface runs in a
// goroutine, if a type that implements the interface has such a method. It asks the
// types of the packages that this one imports, directly or not, and those that
// knownShapes has.
func (c *checker) startedThrough(fn *types.Func) []callback {
	if !slices.ContainsFunc(slices.Collect(fn.Signature().Params().Variables()), func(v *types.Var) bool { return canHoldFunc(v.Type()) }) {
		return nil
	}
	var all []callback
	for _, m := range reached(fn, c.startingMethods) {
		all = append(all, m.runs...)
	}
	return all
}

// reached returns those of the methods that a call of fn, a method of an interface, may
// reach.
func reached(fn *types.Func, methods func() []startingMethod) (all []startingMethod) {
	iface, ok := fn.Signature().Recv().Type().Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	for _, m := range methods() {
		if m.fn.Name() != fn.Name() {
			continue
		}
		recv := m.fn.Signature().Recv().Type()
		if named := namedType(recv); named == nil || named.TypeParams().Len() > 0 {
			continue
		}
		if types.Implements(recv, iface) {
			all = append(all, m)
		}
	}
	return all
}

// isDone reports whether a method of an interface is one that a WaitGroup has as Done.
func isDone(method *types.Func) bool {
	return method.Name() == "Done" && len(reached(method, func() (all []startingMethod) {
		for _, fn := range knownShapes() {
			all = append(all, startingMethod{fn: fn})
		}
		return all
	})) > 0
}

// A startingMethod is a method that runs an argument in a goroutine.
type startingMethod struct {
	fn   *types.Func
	runs []callback
}

// startingMethods returns the methods that are starters, as far as this package can
// know them.
func (c *checker) startingMethods() []startingMethod {
	if c.starting != nil {
		return *c.starting
	}
	c.starting = new([]startingMethod)
	add := func(fn *types.Func) {
		if fn.Signature().Recv() == nil || types.IsInterface(fn.Signature().Recv().Type()) {
			return
		}
		if runs := c.startedBy(fn); len(runs) > 0 {
			*c.starting = append(*c.starting, startingMethod{fn, runs})
		}
	}
	if c.pass.AllObjectFacts != nil {
		for _, f := range c.pass.AllObjectFacts() {
			if fn, ok := f.Object.(*types.Func); ok && fn.Pkg() != c.pass.Pkg {
				add(fn)
			}
		}
	}
	for _, fn := range knownShapes() {
		add(fn)
	}
	return *c.starting
}

// shapes are types whose methods are starters, for packages that only have an
// interface over them:
//
//	type Group interface{ Go(func() error) }
//
// The types decide whether such an interface fits, as they do for the compiler.
var shapes = map[string]string{
	"sync": "type WaitGroup struct{}\n" +
		"func (*WaitGroup) Add(int) {}; func (*WaitGroup) Done() {}; func (*WaitGroup) Wait() {}; func (*WaitGroup) Go(func()) {}",
	"golang.org/x/sync/errgroup": "type Group struct{}\n" +
		"func (*Group) Go(func() error) {}; func (*Group) TryGo(func() error) bool { return true }\n" +
		"func (*Group) Wait() error { return nil }; func (*Group) SetLimit(int) {}",
}

// knownShapes returns the methods of shapes.
var knownShapes = sync.OnceValue(func() []*types.Func {
	var all []*types.Func
	fset := token.NewFileSet()
	for path, source := range shapes {
		file, err := parser.ParseFile(fset, path, "package p\n"+source, 0)
		if err != nil {
			continue
		}
		pkg, err := new(types.Config).Check(path, fset, []*ast.File{file}, nil)
		if err != nil {
			continue
		}
		for _, name := range pkg.Scope().Names() {
			named := pkg.Scope().Lookup(name).Type().(*types.Named)
			for m := range named.Methods() {
				all = append(all, m)
			}
		}
	}
	return all
})
