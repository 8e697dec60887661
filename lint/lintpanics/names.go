package lintpanics

import (
	"go/types"
	"strings"
)

// shortName returns the name of a function for a message, in the form in which the
// code of this package would write it.
func (c *checker) shortName(fn *types.Func) string {
	qualifier := func(pkg *types.Package) string {
		if pkg == c.pass.Pkg {
			return ""
		}
		return pkg.Name()
	}
	recv := fn.Signature().Recv()
	if name, ok := strings.CutPrefix(fn.Name(), "_Cfunc_"); ok {
		return "C." + name // the name before cgo changed it
	}
	if recv == nil {
		if q := qualifierOf(fn, qualifier); q != "" {
			return q + "." + fn.Name()
		}
		return fn.Name()
	}
	named := namedType(recv.Type())
	if named == nil {
		return fn.Name()
	}
	name := named.Obj().Name()
	if q := qualifierOf(fn, qualifier); q != "" {
		name = q + "." + name
	}
	if _, ok := recv.Type().(*types.Pointer); ok {
		name = "(*" + name + ")"
	}
	return name + "." + fn.Name()
}

func qualifierOf(fn *types.Func, q types.Qualifier) string {
	if fn.Pkg() == nil {
		return ""
	}
	return q(fn.Pkg())
}
