package lintpanics

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// wrapGo turns go f(x) into
//
//	go func() {
//		defer sentry.Recover()
//		f(x)
//	}()
//
// The go statement evaluates f and x. If they could have another value when the
// goroutine runs, they become arguments of the literal, so that the go statement
// still evaluates them:
//
//	go func(conn net.Conn) {
//		defer sentry.Recover()
//		s.serve(conn)
//	}(<-accepted)
func (f *fixer) wrapGo(s start) fix {
	file, why := f.file(s.call)
	if file == nil {
		return fix{why: why}
	}
	guard, edits, why := f.guard(file, s.call.Pos())
	if why != "" {
		return fix{why: why}
	}
	w := &wrapper{f: f, file: file, call: s.call}
	w.avoid(s.call, guard)
	fun := f.text(s.call.Fun)
	if f.c.builtin(s.call) == "" {
		fun = w.fun(s.call.Fun)
	}
	args := make([]string, len(s.call.Args))
	for i, arg := range s.call.Args {
		args[i] = w.value(arg, w.paramName(i))
	}
	if w.why != "" {
		return fix{why: w.why}
	}
	ellipsis := ""
	if s.call.Ellipsis.IsValid() {
		ellipsis = "..."
	}
	indent := f.indent(s.call.Pos())
	text := fmt.Sprintf("func(%s) {\n%s\tdefer %s\n%s\t%s(%s%s)\n%s}(%s)",
		joinParams(w.params), indent, guard, indent, fun, strings.Join(args, ", "), ellipsis, indent, strings.Join(w.args, ", "))
	edits = append(edits, edit(s.call.Pos(), s.call.End(), text))
	return fix{message: terms.AroundCall + guard, edits: edits}
}

// A wrapper makes the parameters of a literal around a call.
type wrapper struct {
	f            *fixer
	file         *ast.File
	call         *ast.CallExpr
	params, args []string
	taken        map[string]bool
	why          string // why there is no literal
}

// avoid notes the names in the call and in the guard that a parameter would hide. A field
// or a method is none of these.
func (w *wrapper) avoid(call ast.Node, guard string) {
	name, _, _ := strings.Cut(strings.TrimSuffix(guard, "()"), ".")
	w.taken = map[string]bool{name: true}
	var note func(n ast.Node) bool
	note = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			ast.Inspect(n.X, note)
			return false
		case *ast.Ident:
			w.taken[n.Name] = true
		}
		return true
	}
	ast.Inspect(call, note)
}

// fun returns the text that calls the function e in the literal.
func (w *wrapper) fun(e ast.Expr) string {
	if w.f.settled(e, w.call.Pos()) {
		return w.f.text(e)
	}
	if sel, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		if text := w.method(sel); text != "" {
			return text
		}
	}
	return w.param(e, nameOf(e, "run"))
}

// method passes the receiver of a method, instead of the method. It returns "" if the
// method would get a copy of the receiver, or a copy that is made too late, or if the
// receiver has no name for its type here.
func (w *wrapper) method(sel *ast.SelectorExpr) string {
	s := w.f.c.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return ""
	}
	t := w.f.c.info.TypeOf(sel.X)
	recv := s.Obj().(*types.Func).Signature().Recv().Type()
	if isPointer(recv) && !isPointer(t) || !isInterface(s.Recv()) && dereferences(s) && !isPointer(recv) {
		return ""
	}
	if _, ok := w.f.typeText(w.file, t); !ok {
		return ""
	}
	return w.param(sel.X, nameOf(sel.X, strings.ToLower(sel.Sel.Name[:1]))) + "." + sel.Sel.Name
}

// value returns the text of an argument in the literal.
func (w *wrapper) value(e ast.Expr, name string) string {
	if w.f.settled(e, w.call.Pos()) {
		return w.f.text(e)
	}
	return w.param(e, nameOf(e, name))
}

// param passes e to a new parameter of the literal, and returns its name.
func (w *wrapper) param(e ast.Expr, name string) string {
	typ, ok := w.f.typeText(w.file, w.f.c.info.TypeOf(e))
	if !ok {
		w.why = "the type of " + types.ExprString(e) + " has no name in this file"
		return ""
	}
	if id, ok := ast.Unparen(e).(*ast.Ident); !ok || id.Name != name {
		name = w.free(name)
	}
	w.taken[name] = true
	w.params = append(w.params, name+" "+typ)
	w.args = append(w.args, w.f.text(e))
	return name
}

func (w *wrapper) free(name string) string {
	if token.IsKeyword(name) || types.Universe.Lookup(name) != nil {
		name += "1"
	}
	try := name
	for i := 2; w.taken[try]; i++ {
		try = fmt.Sprintf("%s%d", name, i)
	}
	return try
}

// paramName returns the name of a parameter of the called function.
func (w *wrapper) paramName(i int) string {
	sig, ok := w.f.c.info.TypeOf(w.call.Fun).Underlying().(*types.Signature)
	if ok {
		if i = min(i, sig.Params().Len()-1); i >= 0 {
			if name := sig.Params().At(i).Name(); name != "" && name != "_" {
				return name
			}
		}
	}
	return fmt.Sprintf("arg%d", i+1)
}

// nameOf returns a name for the value of e: that of a variable, or of a field.
func nameOf(e ast.Expr, otherwise string) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return strings.ToLower(e.Sel.Name[:1]) + e.Sel.Name[1:]
	}
	return otherwise
}

// wrapArg turns a callback f into a function literal that defers a guard and calls
// f.
func (f *fixer) wrapArg(s start) fix {
	arg := s.fun
	file, why := f.file(arg)
	if file == nil {
		return fix{why: why}
	}
	sig, ok := f.c.info.TypeOf(arg).Underlying().(*types.Signature)
	switch {
	case !ok:
		return noFix("%s is no function", types.ExprString(arg))
	case !f.settled(arg, s.node.Pos()):
		return noFix("%s may have another value when it is called", types.ExprString(arg))
	case sig.Variadic(), f.isInstance(arg):
		return noFix("a literal around %s is not a simple one", types.ExprString(arg))
	}
	guard, edits, why := f.guard(file, arg.Pos())
	if why != "" {
		return fix{why: why}
	}
	w := &wrapper{f: f, file: file}
	w.avoid(s.node, guard)
	var params, inner []string
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		typ, ok := f.typeText(file, p.Type())
		if !ok {
			return noFix("the type of a parameter of %s has no name in this file", types.ExprString(arg))
		}
		name := p.Name()
		if name == "" || name == "_" {
			name = fmt.Sprintf("arg%d", i+1)
		}
		name = w.free(name)
		w.taken[name] = true
		params = append(params, name+" "+typ)
		inner = append(inner, name)
	}
	results, ret, ok := f.results(file, sig)
	if !ok {
		return noFix("the type of a result of %s has no name in this file", types.ExprString(arg))
	}
	indent := f.indent(arg.Pos())
	text := fmt.Sprintf("func(%s)%s {\n%s\tdefer %s\n%s\t%s%s(%s)\n%s}",
		joinParams(params), results, indent, guard, indent, ret, f.text(arg), strings.Join(inner, ", "), indent)
	edits = append(edits, edit(arg.Pos(), arg.End(), text))
	return fix{message: terms.AroundCall + guard, edits: edits}
}

// joinParams writes a list of parameters, with a type once for those that share it:
//
//	network, address string
func joinParams(params []string) string {
	var list strings.Builder
	for i, p := range params {
		name, typ, _ := strings.Cut(p, " ")
		if i > 0 {
			list.WriteString(", ")
		}
		list.WriteString(name)
		if i+1 < len(params) {
			if _, next, _ := strings.Cut(params[i+1], " "); next == typ {
				continue
			}
		}
		list.WriteString(" " + typ)
	}
	return list.String()
}

// results returns the results of a signature as source text, and the statement that
// returns them.
func (f *fixer) results(file *ast.File, sig *types.Signature) (results, ret string, ok bool) {
	var t types.Type = sig.Results()
	switch sig.Results().Len() {
	case 0:
		return "", "", true
	case 1:
		t = sig.Results().At(0).Type()
	}
	text, ok := f.typeText(file, t)
	return " " + text, "return ", ok
}

// isInstance reports whether e has inferred type arguments. A call of e in another
// place might not infer the same ones.
func (f *fixer) isInstance(e ast.Expr) bool {
	id := calleeIdent(e)
	_, isIndex := ast.Unparen(e).(*ast.IndexExpr)
	if id == nil || isIndex {
		return false
	}
	_, ok := f.c.info.Instances[id]
	return ok
}

// typeText returns a type as source text for the file. It returns false if the file
// cannot name the type.
func (f *fixer) typeText(file *ast.File, t types.Type) (string, bool) {
	ok := true
	text := types.TypeString(types.Default(t), func(pkg *types.Package) string {
		if pkg == f.c.pass.Pkg {
			return ""
		}
		name, found := importName(f.c.info, file, pkg.Path())
		if !found || name == "" {
			ok = false
		}
		return name
	})
	return text, ok && !hidesName(t, f.c.pass.Pkg)
}

// hidesName reports whether t names an unexported type of another package.
func hidesName(t types.Type, here *types.Package) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		obj := t.Obj()
		return obj.Pkg() != nil && obj.Pkg() != here && !obj.Exported()
	case *types.Pointer:
		return hidesName(t.Elem(), here)
	case *types.Slice:
		return hidesName(t.Elem(), here)
	case *types.Signature:
		return hidesName(t.Params(), here) || hidesName(t.Results(), here)
	case *types.Tuple:
		for v := range t.Variables() {
			if hidesName(v.Type(), here) {
				return true
			}
		}
	}
	return false
}
