package lintpanics

import (
	"go/types"
	"strings"
)

// shortName is how a message names a function: as the package would.
func (c *checker) shortName(fn *types.Func) string {
	qualifier := func(pkg *types.Package) string {
		if pkg == c.pass.Pkg {
			return ""
		}
		return pkg.Name()
	}
	recv := fn.Signature().Recv()
	if name, ok := strings.CutPrefix(fn.Name(), "_Cfunc_"); ok {
		return "C." + name // as it stood before cgo
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
