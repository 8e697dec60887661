package lintpanics

import "go/types"

// canHoldFunc reports whether a value of type t is a function, or holds some.
func canHoldFunc(t types.Type) bool { return canHold(t, isFunc) }

// canHold reports whether a value of type t is what is asks for, or holds some.
func canHold(t types.Type, is func(types.Type) bool) bool {
	if is(t) {
		return true
	}
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return canHold(t.Elem(), is)
	case *types.Array:
		return canHold(t.Elem(), is)
	case *types.Map:
		return canHold(t.Elem(), is)
	case *types.Chan:
		return canHold(t.Elem(), is)
	}
	return false
}

// isOneMethod reports whether t is an interface with one method, which is another way
// to pass a function. What has more methods is passed for other reasons, too.
func isOneMethod(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.NumMethods() == 1 && isInterface(t)
}

// isInterface reports whether t is an interface, and no type parameter.
func isInterface(t types.Type) bool { return types.IsInterface(t) && !isTypeParam(t) }

// isFunc reports whether t is a function, or a type parameter for functions of one type.
func isFunc(t types.Type) bool {
	if isTypeParam(t) {
		t = core(t)
	}
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

// core returns the only type that a type parameter allows, or the type parameter.
func core(t types.Type) types.Type {
	i, ok := t.Underlying().(*types.Interface)
	if !ok || i.NumEmbeddeds() != 1 {
		return t
	}
	switch e := i.EmbeddedType(0).(type) {
	case *types.Union:
		if e.Len() == 1 {
			return e.Term(0).Type()
		}
	case *types.Signature:
		return e
	}
	return t
}

func isTypeParam(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.TypeParam)
	return ok
}
