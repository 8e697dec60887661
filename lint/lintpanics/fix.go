package lintpanics

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// A fixer suggests where to defer the guard.
type fixer struct {
	c      *checker
	done   map[ast.Node]bool // functions in which an earlier fix of this run changes something
	picked *guardFunc        // the guard that fixes insert; see pick

	// See shared.go.
	idents   map[*ast.Ident]bool
	assigned map[*ast.Ident]bool
	fields   map[*types.Var][]fieldSet // see setFields
}

func newFixer(c *checker) *fixer { return &fixer{c: c, done: make(map[ast.Node]bool)} }

// A fix is what a fixer suggests. Without edits, why tells why there is no fix. The
// zero fix is one that another fix of this run includes.
type fix struct {
	message string
	edits   []analysis.TextEdit
	why     string
}

func noFix(format string, args ...any) fix { return fix{why: fmt.Sprintf(format, args...)} }

// start inserts a guard for what s runs. It inserts the guard into the function, if
// that is in this package and nothing else calls it. Otherwise, it wraps the call in
// a function literal with a guard.
func (f *fixer) start(s start, targets []target, v verdict) fix {
	if len(targets) == 1 && v.Category != unseen && targets[0].sum == nil {
		t := targets[0]
		node := f.declared(t)
		if node != nil && f.onlyStarted(t, node) {
			return f.body(node, v)
		}
		if n := f.tellsInside(t); n != nil {
			return noFix("%s is not only called by the goroutine, and in it, %s runs before a guard around the call", t.describe(), n.what)
		}
	}
	switch {
	case s.arg == goStatement:
		return f.wrapGo(s)
	case s.method != "":
		return noFix("%s is called through an interface, and not only by goroutines", s.method)
	case s.arg == receiverArgument:
		return noFix("the function is the receiver of the call")
	}
	return f.wrapArg(s)
}

// declared returns the function of a target, if a fix may change it.
func (f *fixer) declared(t target) ast.Node {
	var node ast.Node
	switch {
	case t.lit != nil:
		node = t.lit
	case t.fn == nil || f.c.decls.of[t.fn] == nil || f.c.decls.of[t.fn].Body == nil:
		return nil
	default:
		node = f.c.decls.of[t.fn]
	}
	if file, _ := f.file(node); file == nil {
		return nil
	}
	return node
}

// tellsInside returns what the function of a target tells others when a panic leaves
// it, which a guard around a call of it could not prevent.
func (f *fixer) tellsInside(t target) *notice {
	if t.fn == nil {
		return nil
	}
	if decl := f.c.decls.of[t.fn]; decl != nil && decl.Body != nil {
		return f.c.unwinds(decl)
	}
	if u := f.c.importedUnwinds(t.fn); u != nil {
		return &notice{what: u.What}
	}
	return nil
}

// file returns the file of a node, or why no fix may change the file. The output of
// cgo is not the source file, and a generated file will be generated again.
func (f *fixer) file(n ast.Node) (*ast.File, string) {
	for _, file := range f.c.pass.Files {
		if file.FileStart <= n.Pos() && n.Pos() < file.FileEnd {
			switch {
			case f.c.madeByCgo(file):
				return nil, "the file uses cgo"
			case ast.IsGenerated(file):
				return nil, "the file is generated"
			}
			return file, ""
		}
	}
	return nil, "the file is not known"
}

// body inserts the guard into a function, below what tells others that the goroutine
// has ended. It removes a failed attempt to have a guard.
func (f *fixer) body(node ast.Node, v verdict) fix {
	if f.done[node] {
		return fix{}
	}
	file, why := f.file(node)
	if file == nil {
		return fix{why: why}
	}
	if v.Category == swallowed && v.Helper == "" {
		if fixed, ok := f.report(node, file); ok {
			return fixed
		}
	}
	if inner, ok := f.inner(node); ok {
		return inner
	}
	where := f.c.place(node, f.attempt(node, v))
	if len(where.at) == 0 {
		return noFix("no place for the guard is known")
	}
	text := ""
	if where.drop != nil {
		text = f.movable(where.drop)
	}
	var edits []analysis.TextEdit
	if text == "" {
		if text, edits, why = f.guard(file, where.at[0].pos()); why != "" {
			return fix{why: why}
		}
	}
	if where.drop != nil {
		edits = append(edits, f.remove(where.drop))
	}
	for _, at := range where.at {
		edits = append(edits, f.insert(at, "defer "+text))
	}
	f.done[node] = true
	return fix{message: "defer " + text, edits: edits}
}

// inner handles a function that leaves its work to another one, which tells others
// when a panic leaves it. The guard has to go into that one.
func (f *fixer) inner(node ast.Node) (fix, bool) {
	for _, t := range f.c.scanned(node, guarded).tells {
		call := lastCall(t.stmt)
		if _, ok := t.stmt.(*ast.DeferStmt); ok || call == nil || t.risk != nil {
			continue
		}
		for _, target := range f.c.resolve(call.Fun) {
			if f.tellsInside(target) == nil {
				continue
			}
			if inside := f.declared(target); inside != nil && f.onlyStarted(target, inside) {
				return f.body(inside, verdict{Category: missing}), true
			}
			return noFix("%s", t.notice.what+" runs before a guard around the call, and others call it too"), true
		}
	}
	return fix{}, false
}

func (p place) pos() token.Pos {
	if p.after != nil {
		return p.after.End()
	}
	return p.block.Lbrace + 1
}

// attempt returns the statement that is a guard, or a failed attempt to have one, and
// that a fix may remove. It returns nil if the statement does anything else.
func (f *fixer) attempt(node ast.Node, v verdict) ast.Stmt {
	s := f.c.scanned(node, bare)
	at := s.at
	if v.Category == early || v.Category == exits {
		at = f.c.lastGuard(funcBody(node), s)
	} else if s.near != v.Category {
		return nil
	}
	direct := false
	for _, stmt := range funcBody(node).List {
		direct = direct || stmt == at
	}
	if at == nil || !direct {
		return nil
	}
	switch stmt := at.(type) {
	case *ast.ExprStmt: // sentry.Recover(), recover()
		if call, ok := stmt.X.(*ast.CallExpr); ok && len(call.Args) == 0 {
			return stmt
		}
	case *ast.DeferStmt:
		if v.Category == nested && !isSingleCall(stmt.Call) || v.Category == swallowed || f.isWeak(stmt.Call) {
			return nil
		}
		if len(stmt.Call.Args) == 0 || v.Category == early || v.Category == exits {
			return stmt
		}
	}
	return nil
}

// isWeak reports whether a call is one of a guard that may be nil, or whose operands can
// panic. In another place, it would be the same. Another guard goes above it.
func (f *fixer) isWeak(call *ast.CallExpr) bool {
	return f.c.isGuardCall(call) && (f.c.maybeUnset(call) || f.c.guardOperands(call) != nil)
}

// lastGuard returns the guard of body before which the first telling of a scan runs.
func (c *checker) lastGuard(body *ast.BlockStmt, s *scan) ast.Stmt {
	if len(s.tells) == 0 {
		return nil
	}
	var last ast.Stmt
	for _, stmt := range body.List {
		if stmt.Pos() >= s.tells[0].stmt.Pos() {
			break
		}
		if c.isDeferredGuard(stmt) {
			last = stmt
		}
	}
	return last
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
		call, _ := ast.Unparen(stmt.X).(*ast.CallExpr)
		return call
	case *ast.DeferStmt:
		return stmt.Call
	}
	return nil
}

// movable returns the call of the guard in a statement, to be deferred in another
// place. It returns "" if there is none, or if it could mean something else there.
func (f *fixer) movable(stmt ast.Stmt) string {
	call := callOf(stmt)
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok && !f.c.isGuardCall(call) {
		if len(lit.Body.List) == 0 {
			return ""
		}
		if call = callOf(lit.Body.List[0]); call == nil {
			return ""
		}
	}
	if f.c.builtin(call) != "" || !f.c.isGuardCall(call) {
		return ""
	}
	return f.text(call)
}

// report inserts a call of RecoverError into a function literal that recovers a panic
// without a report:
//
//	if r := recover(); r != nil { sentry.RecoverError(r) …
func (f *fixer) report(node ast.Node, file *ast.File) (fix, bool) {
	d, ok := f.c.scanned(node, bare).at.(*ast.DeferStmt)
	if !ok {
		return fix{}, false
	}
	lit, ok := ast.Unparen(d.Call.Fun).(*ast.FuncLit)
	if !ok || len(lit.Body.List) == 0 {
		return fix{}, false
	}
	stmt, ok := lit.Body.List[0].(*ast.IfStmt)
	if !ok || !f.testsRecover(stmt) {
		return fix{}, false
	}
	name := stmt.Init.(*ast.AssignStmt).Lhs[0].(*ast.Ident).Name
	q, edits, why := f.qualifier(file, stmt.Body.Lbrace+1, &guardFunc{path: terms.SentryPath, pkgName: "sentry"})
	if why != "" {
		return fix{why: why}, true
	}
	text := q + "RecoverError(" + name + ")"
	f.done[node] = true
	edits = append(edits, f.insert(place{block: stmt.Body}, text))
	return fix{message: "call " + text, edits: edits}, true
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

// text returns an expression as source text, with the comments in it.
func (f *fixer) text(e ast.Expr) string {
	file := f.c.pass.Fset.File(e.Pos())
	source, err := f.c.pass.ReadFile(file.Name())
	if start, end := file.Offset(e.Pos()), file.Offset(e.End()); err == nil && end <= len(source) {
		return string(source[start:end])
	}
	return types.ExprString(e)
}

// line returns file:line of a position.
func (c *checker) line(pos token.Pos) string {
	p := c.pass.Fset.Position(pos)
	return fmt.Sprintf("%s:%d", filepath.Base(p.Filename), p.Line)
}

// indent returns the white space before the line of a position.
func (f *fixer) indent(pos token.Pos) string {
	line, _ := f.source(pos)
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}
