package lintpanics

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A hookFact says that the package of a field calls the function in it in a goroutine
// that has no guard and does not recover. The packages that import it set the field:
//
//	type Config struct{ OnEvent func(Event) }
//
//	func (c *Client) read() { … c.config.OnEvent(e) … } // go c.read()
type hookFact struct {
	Module string // as callback.Module
}

func (*hookFact) AFact() {}

func (f *hookFact) String() string { return "hook" }

// A hooksFact lists the fields of other packages of its module that a package calls in
// goroutines, as path.Type.Field: net/http calls those of net/http/httptrace.
type hooksFact struct {
	Fields []string
	Module string
}

func (*hooksFact) AFact() {}

func (f *hooksFact) String() string { return "hooks " + strings.Join(f.Fields, " ") }

// builtinHooks are hooks that a package calls for a goroutine of another one: package
// net, for that of (*http.Transport).dialConnFor; net/http/httptrace/trace.go of go1.26.
var builtinHooks = names{
	"net/http/httptrace.ClientTrace.ConnectDone":  true,
	"net/http/httptrace.ClientTrace.ConnectStart": true,
	"net/http/httptrace.ClientTrace.DNSDone":      true,
	"net/http/httptrace.ClientTrace.DNSStart":     true,
}

// exportHooks exports the facts about the fields of this package.
func (c *checker) exportHooks() {
	c.queues()
	fact := &hooksFact{Module: c.module()}
	for _, v := range c.hooks {
		if v.Pkg() == c.pass.Pkg {
			c.pass.ExportObjectFact(v, &hookFact{c.module()})
		} else if name := fieldName(v); name != "" {
			fact.Fields = append(fact.Fields, name)
		}
	}
	if len(fact.Fields) > 0 && c.pass.ExportPackageFact != nil {
		slices.Sort(fact.Fields)
		c.pass.ExportPackageFact(fact)
	}
}

// fieldName returns path.Type.Field for a field of a struct that a package declares.
func fieldName(v *types.Var) string {
	for _, name := range v.Pkg().Scope().Names() {
		obj, ok := v.Pkg().Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		if s, ok := obj.Type().Underlying().(*types.Struct); ok && slices.Contains(slices.Collect(s.Fields()), v) {
			return packagePath(v.Pkg()) + "." + name + "." + v.Name()
		}
	}
	return ""
}

// isOfModule reports whether a package belongs to the module of this one.
func (c *checker) isOfModule(pkg *types.Package) bool {
	m := c.module()
	if m == "" { // the standard library, whose paths begin without a domain
		first, _, _ := strings.Cut(pkg.Path(), "/")
		return !strings.Contains(first, ".")
	}
	return pkg.Path() == m || strings.HasPrefix(pkg.Path(), m+"/")
}

// otherHooks returns the fields that packages of other modules call in goroutines,
// although the fields belong to another package of the same module.
func (c *checker) otherHooks() map[string]bool {
	if c.namedHooks == nil {
		c.namedHooks = make(map[string]bool)
		if c.pass.AllPackageFacts == nil {
			return c.namedHooks
		}
		for _, f := range c.pass.AllPackageFacts() {
			if fact, ok := f.Fact.(*hooksFact); ok && fact.Module != c.module() {
				for _, name := range fact.Fields {
					c.namedHooks[name] = true
				}
			}
		}
	}
	return c.namedHooks
}

// isHook reports whether a variable is a field that another module calls in a
// goroutine. The go statement of a hook of this module is reported itself.
func (c *checker) isHook(v *types.Var) bool {
	if v == nil || !v.IsField() || !v.Exported() || v.Pkg() == c.pass.Pkg {
		return false
	}
	fact := new(hookFact)
	if c.pass.ImportObjectFact(v.Origin(), fact) {
		return fact.Module != c.module()
	}
	if !isFunc(v.Type()) {
		return false
	}
	name := fieldName(v.Origin())
	return builtinHooks[name] || c.otherHooks()[name]
}

// isHere reports whether a function has its code in this module. It is tempting to
// report others too. But nobody can put a guard into (&net.Dialer{}).DialContext.
func (c *checker) isHere(e ast.Expr) bool {
	return slices.ContainsFunc(c.resolve(e), func(t target) bool {
		return t.lit != nil || t.fn != nil && (c.decls.of[t.fn] != nil || c.isOurs(fullName(t.fn)))
	})
}

// hookStarts returns the functions to which a statement or a struct literal sets hooks.
func (c *checker) hookStarts(n ast.Node, own []*types.Var) []start {
	var all []start
	set := func(at ast.Node, v *types.Var, value ast.Expr) {
		if c.isHook(v) && !c.info.Types[value].IsNil() && !c.isOneOf(value, own) && c.isHere(value) {
			all = append(all, start{node: at, what: "callback " + v.Name(), fun: value, arg: fieldValue})
		}
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			if len(n.Lhs) == len(n.Rhs) {
				set(n, c.variable(l), n.Rhs[i])
			}
		}
	case *ast.CompositeLit:
		c.fieldValues(n, func(v *types.Var, value ast.Expr) { set(value, v, value) })
	}
	return all
}
