package lintpanics

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// An entry is an entry point: a function that is called from outside of Go, or by
// code that recovers its panics.
type entry struct {
	what string
	fn   *types.Func
	decl *ast.FuncDecl // nil for a promoted method of another package
	node ast.Node      // where it is reported
}

// addEntry is what notes an entry.
type addEntry = func(what string, fn *types.Func, decl *ast.FuncDecl, node ast.Node)

// entries collects the entry points in the files that the analyzer does not leave
// out.
func (c *checker) entries() []entry {
	var all []entry
	seen := make(map[*types.Func]bool)
	add := func(what string, fn *types.Func, decl *ast.FuncDecl, node ast.Node) {
		if !seen[fn] {
			seen[fn] = true
			all = append(all, entry{what, fn, decl, node})
		}
	}
	for _, file := range c.pass.Files {
		if c.leavesOut(file) {
			continue
		}
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if what := c.entryKind(decl); what != "" {
					add(what, c.info.Defs[decl.Name].(*types.Func), decl, decl.Name)
				}
			case *ast.GenDecl:
				c.methodEntries(decl, add)
			}
		}
	}
	if slices.ContainsFunc(c.pass.Pkg.Imports(), func(pkg *types.Package) bool { return pkg.Path() == "net/rpc" }) {
		for _, call := range c.calls() {
			c.rpcEntries(call, add)
		}
	}
	return all
}

// entryKind returns which kind of entry point decl is, or "" if it is none.
func (c *checker) entryKind(decl *ast.FuncDecl) string {
	fn, ok := c.info.Defs[decl.Name].(*types.Func)
	switch {
	case !ok || decl.Body == nil:
		return ""
	case isExported(decl):
		return "exported C function"
	case c.conf.funcs.matches(fullName(fn)):
		return "entry point"
	}
	return ""
}

// isExported reports whether decl has one of these comments:
//
//	//export Name
//	//go:wasmexport name
func isExported(decl *ast.FuncDecl) bool {
	if decl.Doc == nil {
		return false
	}
	return slices.ContainsFunc(decl.Doc.List, func(comment *ast.Comment) bool {
		return strings.HasPrefix(comment.Text, "//export ") ||
			strings.HasPrefix(comment.Text, "//go:wasmexport ")
	})
}

// methodEntries adds the exported methods of the types that -methods names.
func (c *checker) methodEntries(decl *ast.GenDecl, add addEntry) {
	for _, spec := range decl.Specs {
		spec, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		obj := c.info.Defs[spec.Name]
		if obj == nil || !c.conf.methods[packagePath(c.pass.Pkg)+"."+obj.Name()] || types.IsInterface(obj.Type()) {
			continue
		}
		c.exportedMethods(obj.Type(), func(fn *types.Func) { c.addMethod(add, "entry point", fn, spec.Name) })
	}
}

// exportedMethods passes the exported methods of T and *T to visit.
func (c *checker) exportedMethods(t types.Type, visit func(*types.Func)) {
	for sel := range types.NewMethodSet(types.NewPointer(t)).Methods() {
		if fn := sel.Obj().(*types.Func).Origin(); fn.Exported() {
			visit(fn)
		}
	}
}

// addMethod adds a method. If it has no declaration here, it is reported at node.
func (c *checker) addMethod(add addEntry, what string, fn *types.Func, node ast.Node) {
	method := c.decls.of[fn]
	if method != nil {
		node = method.Name
	}
	add(what, fn, method, node)
}

// rpcRegisters are the functions that register the methods of their last argument. Each
// call of such a method runs in a goroutine without a guard: server.go of net/rpc, go1.26.
var rpcRegisters = names{
	"net/rpc.Register":            true,
	"net/rpc.RegisterName":        true,
	"net/rpc.Server.Register":     true,
	"net/rpc.Server.RegisterName": true,
}

// rpcEntries adds the methods that a call registers with package net/rpc.
func (c *checker) rpcEntries(call *ast.CallExpr, add addEntry) {
	if len(call.Args) == 0 || c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return
	}
	for _, fn := range c.resolveStarter(call.Fun) {
		if named := namedType(c.info.TypeOf(call.Args[len(call.Args)-1])); rpcRegisters[fullName(fn)] && named != nil && !types.IsInterface(named) {
			c.exportedMethods(named, func(fn *types.Func) {
				if isRPC(fn.Signature()) {
					c.addMethod(add, "RPC method", fn, call)
				}
			})
		}
	}
}

// isRPC reports whether a method has the form that net/rpc calls:
//
//	func (t *T) Method(args A, reply *B) error
func isRPC(sig *types.Signature) bool {
	return sig.Params().Len() == 2 && isPointer(sig.Params().At(1).Type()) && sig.Results().Len() == 1 &&
		types.Identical(sig.Results().At(0).Type(), types.Universe.Lookup("error").Type())
}
