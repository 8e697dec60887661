package lintpanics

import (
	"go/ast"
	"go/types"
	"slices"
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

// exportHooks exports the facts about the fields of this package.
func (c *checker) exportHooks() {
	c.queues()
	for _, v := range c.hooks {
		c.pass.ExportObjectFact(v, &hookFact{c.module()})
	}
}

// isHook reports whether a variable is a field that another module calls in a
// goroutine. The go statement of a hook of this module is reported itself.
func (c *checker) isHook(v *types.Var) bool {
	if v == nil || !v.IsField() || !v.Exported() || v.Pkg() == c.pass.Pkg {
		return false
	}
	fact := new(hookFact)
	return c.pass.ImportObjectFact(v.Origin(), fact) && fact.Module != c.module()
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
