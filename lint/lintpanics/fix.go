package lintpanics

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"go/version"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A fixer suggests where to defer the guard. It need not format the code that it
// inserts, because the tool that applies a fix formats the file.
type fixer struct {
	c    *checker
	done map[ast.Node]bool // functions in which an earlier fix of this run inserts a guard
	pick *helperFunc       // the guard that fixes insert; see guard
}

func newFixer(c *checker) *fixer { return &fixer{c: c, done: make(map[ast.Node]bool)} }

// start inserts a guard for what s runs. It inserts the guard into the function, if
// that is in this package. Otherwise, it wraps the call in a function literal with a
// guard.
func (f *fixer) start(s start, targets []target, v verdict) *analysis.SuggestedFix {
	if len(targets) == 1 && v.Category != unseen && targets[0].sum == nil {
		switch t := targets[0]; {
		case t.lit != nil:
			return f.body(t.lit, t.lit.Body, v)
		case t.fn != nil:
			if decl := f.c.decls.of[t.fn]; decl != nil && f.file(decl) != nil {
				return f.body(decl, decl.Body, v)
			}
		}
	}
	if s.arg < 0 {
		return f.wrapGo(s)
	}
	return f.wrapArg(s)
}

// file returns the file of a node, or nil if no fix may change the file. The output
// of cgo is not the source file, and a generated file will be generated again.
func (f *fixer) file(n ast.Node) *ast.File {
	for _, file := range f.c.pass.Files {
		if file.FileStart <= n.Pos() && n.Pos() < file.FileEnd {
			if f.c.madeByCgo(file) || ast.IsGenerated(file) {
				return nil
			}
			return file
		}
	}
	return nil
}

// body inserts the guard as the first statement. It removes a failed attempt to
// have a guard.
func (f *fixer) body(node ast.Node, body *ast.BlockStmt, v verdict) *analysis.SuggestedFix {
	file := f.file(node)
	if file == nil || f.done[node] {
		return nil
	}
	if v.Category == swallowed {
		return f.report(node, file, body)
	}
	guard, edits, ok := f.guard(file, body.Lbrace+1)
	if !ok {
		return nil
	}
	useless := f.useless(body, v)
	if useless != nil {
		if text := f.movable(useless, body); text != "" {
			guard, edits = text, nil
		}
		edits = append(edits, f.remove(useless))
	}
	f.done[node] = true
	edits = append(edits, f.insertFirst(body, "defer "+guard))
	return &analysis.SuggestedFix{Message: "defer " + guard, TextEdits: edits}
}

// insertFirst inserts text as the first statement of body. A comment after the
// opening brace stays where it is.
func (f *fixer) insertFirst(body *ast.BlockStmt, text string) analysis.TextEdit {
	file := f.c.pass.Fset.File(body.Lbrace)
	line := file.Line(body.Lbrace)
	if len(body.List) > 0 && file.Line(body.List[0].Pos()) > line {
		at := file.LineStart(line + 1)
		return analysis.TextEdit{Pos: at, End: at, NewText: []byte(text + "\n")}
	}
	return analysis.TextEdit{Pos: body.Lbrace + 1, End: body.Lbrace + 1, NewText: []byte("\n" + text + "\n")}
}

// useless returns the statement of body that is a failed attempt to have a guard. It
// returns nil if the statement does anything else.
func (f *fixer) useless(body *ast.BlockStmt, v verdict) ast.Stmt {
	s := &scan{c: f.c}
	s.list(body.List)
	if s.near != v.Category || s.at == nil {
		return nil
	}
	direct := false
	for _, stmt := range body.List {
		direct = direct || stmt == s.at
	}
	if !direct {
		return nil
	}
	switch stmt := s.at.(type) {
	case *ast.ExprStmt: // sentry.Recover(), recover()
		if call, ok := stmt.X.(*ast.CallExpr); ok && len(call.Args) == 0 {
			return stmt
		}
	case *ast.DeferStmt:
		if v.Category == nested && !isSingleCall(stmt.Call) {
			return nil
		}
		if len(stmt.Call.Args) == 0 {
			return stmt
		}
	}
	return nil
}

// isSingleCall reports whether call is func() { one() }().
func isSingleCall(call *ast.CallExpr) bool {
	lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit)
	if !ok || len(lit.Body.List) != 1 {
		return false
	}
	inner := callOf(lit.Body.List[0])
	return inner != nil && len(inner.Args) == 0
}

func callOf(stmt ast.Stmt) *ast.CallExpr {
	switch stmt := stmt.(type) {
	case *ast.ExprStmt:
		call, _ := stmt.X.(*ast.CallExpr)
		return call
	case *ast.DeferStmt:
		return stmt.Call
	}
	return nil
}

// movable returns the call of the guard in a useless statement, to be deferred at
// the start of body. It returns "" if the call could mean something else there.
func (f *fixer) movable(stmt ast.Stmt, body *ast.BlockStmt) string {
	call := callOf(stmt)
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		if call = callOf(lit.Body.List[0]); call == nil {
			return ""
		}
	}
	if f.c.builtin(call) != "" || !f.c.isGuardCall(call) {
		return ""
	}
	for _, t := range f.c.resolve(call.Fun) {
		if t.fn == nil || t.fn.Signature().Recv() != nil {
			return ""
		}
	}
	if !f.stable(call.Fun) || body.Pos() > call.Pos() {
		return ""
	}
	return f.text(call)
}

// remove removes a statement, and the whole line if there is nothing else on it.
func (f *fixer) remove(stmt ast.Stmt) analysis.TextEdit {
	edit := analysis.TextEdit{Pos: stmt.Pos(), End: stmt.End()}
	file := f.c.pass.Fset.File(stmt.Pos())
	source, err := f.c.pass.ReadFile(file.Name())
	if err != nil || file.Offset(edit.End) > len(source) {
		return edit
	}
	start, end := file.Offset(edit.Pos), file.Offset(edit.End)
	lineStart := bytes.LastIndexByte(source[:start], '\n') + 1
	length := bytes.IndexByte(source[end:], '\n')
	if length < 0 || len(bytes.TrimSpace(source[lineStart:start])) > 0 || len(bytes.TrimSpace(source[end:end+length])) > 0 {
		return edit
	}
	return analysis.TextEdit{Pos: file.Pos(lineStart), End: file.Pos(end + length + 1)}
}

// report inserts a call of RecoverError into a function that recovers a panic
// without a report:
//
//	if r := recover(); r != nil { sentry.RecoverError(r) …
func (f *fixer) report(node ast.Node, file *ast.File, body *ast.BlockStmt) *analysis.SuggestedFix {
	s := &scan{c: f.c}
	s.list(body.List)
	d, ok := s.at.(*ast.DeferStmt)
	if !ok {
		return nil
	}
	lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
	if !ok || len(lit.Body.List) == 0 {
		return nil
	}
	stmt, ok := lit.Body.List[0].(*ast.IfStmt)
	if !ok || !f.testsRecover(stmt) {
		return nil
	}
	name := stmt.Init.(*ast.AssignStmt).Lhs[0].(*ast.Ident).Name
	q, edits := f.qualifier(file, stmt.Body.Lbrace+1, sentryPath, "sentry")
	text := q + "RecoverError(" + name + ")"
	f.done[node] = true
	edits = append(edits, f.insertFirst(stmt.Body, text))
	return &analysis.SuggestedFix{Message: "call " + text, TextEdits: edits}
}

// testsRecover reports whether stmt begins with: if r := recover(); r != nil
func (f *fixer) testsRecover(stmt *ast.IfStmt) bool {
	init, ok := stmt.Init.(*ast.AssignStmt)
	if !ok || init.Tok != token.DEFINE || len(init.Lhs) != 1 || !f.c.callsRecover(init.Rhs) {
		return false
	}
	id, ok := init.Lhs[0].(*ast.Ident)
	if !ok || id.Name == "_" {
		return false
	}
	t := &trail{c: f.c, carries: map[types.Object]bool{f.c.info.Defs[id]: true}}
	return t.nilTest(stmt.Cond) == token.NEQ
}

// wrapGo turns go f(x) into
//
//	go func() {
//		defer sentry.Recover()
//		f(x)
//	}()
//
// The go statement evaluates f and x. If they could have another value when the
// goroutine runs, they become arguments of the literal, so that they are still
// evaluated by the go statement.
func (f *fixer) wrapGo(s start) *analysis.SuggestedFix {
	file := f.file(s.call)
	if file == nil {
		return nil
	}
	var params, args []string
	pass := func(e ast.Expr, name string) (string, bool) {
		if f.stable(e) {
			return f.text(e), true
		}
		typ, ok := f.typeText(file, f.c.info.TypeOf(e))
		params = append(params, name+" "+typ)
		args = append(args, f.text(e))
		return name, ok && !f.taken(s.call, name)
	}
	fun, ok := f.text(s.call.Fun), true
	if f.c.builtin(s.call) == "" {
		fun, ok = pass(s.call.Fun, "run")
	}
	inner := make([]string, len(s.call.Args))
	for i, arg := range s.call.Args {
		name, argOK := pass(arg, fmt.Sprintf("arg%d", i+1))
		inner[i], ok = name, ok && argOK
	}
	if !ok {
		return nil
	}
	ellipsis := ""
	if s.call.Ellipsis.IsValid() {
		ellipsis = "..."
	}
	guard, edits, ok := f.guard(file, s.call.Pos())
	if !ok {
		return nil
	}
	text := fmt.Sprintf("func(%s) {\ndefer %s\n%s(%s%s)\n}(%s)",
		strings.Join(params, ", "), guard, fun, strings.Join(inner, ", "), ellipsis, strings.Join(args, ", "))
	return f.replace(s.call, text, guard, edits)
}

// wrapArg turns a callback f into a function literal that defers a guard and calls
// f.
func (f *fixer) wrapArg(s start) *analysis.SuggestedFix {
	arg := s.call.Args[s.arg]
	file := f.file(arg)
	sig, ok := f.c.info.TypeOf(arg).Underlying().(*types.Signature)
	if file == nil || !ok || !f.stable(arg) || sig.Variadic() || f.isInstance(arg) {
		return nil
	}
	var params, inner []string
	for i := range sig.Params().Len() {
		typ, ok := f.typeText(file, sig.Params().At(i).Type())
		name := fmt.Sprintf("arg%d", i+1)
		if !ok || f.taken(s.call, name) {
			return nil
		}
		params = append(params, name+" "+typ)
		inner = append(inner, name)
	}
	results, ret, ok := f.results(file, sig)
	if !ok {
		return nil
	}
	guard, edits, ok := f.guard(file, arg.Pos())
	if !ok {
		return nil
	}
	text := fmt.Sprintf("func(%s)%s {\ndefer %s\n%s%s(%s)\n}",
		strings.Join(params, ", "), results, guard, ret, f.text(arg), strings.Join(inner, ", "))
	return f.replace(arg, text, guard, edits)
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

func (f *fixer) replace(n ast.Node, text, guard string, edits []analysis.TextEdit) *analysis.SuggestedFix {
	edits = append(edits, analysis.TextEdit{Pos: n.Pos(), End: n.End(), NewText: []byte(text)})
	return &analysis.SuggestedFix{Message: "start it in a function that defers " + guard, TextEdits: edits}
}

// isInstance reports whether e has inferred type arguments. A call of e in another
// place might not infer the same ones.
func (f *fixer) isInstance(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		_, ok := f.c.info.Instances[e]
		return ok
	case *ast.SelectorExpr:
		_, ok := f.c.info.Instances[e.Sel]
		return ok
	}
	return false
}

// stable reports whether e has the same value whenever it is evaluated. That is so
// for a constant, a function, a variable that is set once, or a method of such a
// variable.
func (f *fixer) stable(e ast.Expr) bool {
	if tv := f.c.info.Types[e]; tv.Value != nil || tv.IsNil() || tv.IsType() {
		return true
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		switch obj := f.c.info.Uses[e].(type) {
		case *types.Func:
			return true
		case *types.Var:
			return f.setOnce(obj)
		}
	case *ast.SelectorExpr:
		sel, ok := f.c.info.Selections[e]
		if !ok {
			_, isFunc := f.c.info.Uses[e.Sel].(*types.Func)
			return isFunc
		}
		return sel.Kind() == types.MethodExpr || sel.Kind() == types.MethodVal && f.stable(e.X) && !f.copies(sel)
	case *ast.IndexExpr:
		return f.c.isInstance(e.X)
	case *ast.IndexListExpr:
		return true
	}
	return false
}

// copies reports whether a method value copies its receiver. The receiver may
// change after that.
func (f *fixer) copies(sel *types.Selection) bool {
	if types.IsInterface(sel.Recv()) {
		return false
	}
	_, byPointer := types.Unalias(sel.Obj().(*types.Func).Signature().Recv().Type()).(*types.Pointer)
	return !byPointer
}

// setOnce reports whether a local variable keeps its first value. Before Go 1.22,
// the variable of a loop does not.
func (f *fixer) setOnce(v *types.Var) bool {
	if v.IsField() || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() || v.Pkg() != f.c.pass.Pkg {
		return false
	}
	if go1 := f.c.pass.Pkg.GoVersion(); go1 != "" && version.Compare(go1, "go1.22") < 0 {
		return false
	}
	first := 0 // a parameter has a value from the start
	if v.Kind() == types.LocalVar {
		first = 1
	}
	b := f.c.bindings()[v]
	return b == nil || b.times <= first
}

// taken reports whether a name is already used within the call.
func (f *fixer) taken(call *ast.CallExpr, name string) bool {
	found := false
	ast.Inspect(call, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == name {
			found = true
		}
		return true
	})
	return found
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

// text returns an expression as source text.
func (f *fixer) text(e ast.Expr) string {
	var buf bytes.Buffer
	if err := printer.Fprint(&buf, f.c.pass.Fset, e); err != nil {
		return types.ExprString(e)
	}
	return buf.String()
}
