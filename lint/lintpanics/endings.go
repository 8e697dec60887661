package lintpanics

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A notice is something in a function that others can notice. If it is deferred and
// runs before the guard, they go on before the panic is reported: main returns, and
// the process ends with status 0, without a report and without a panic's text.
//
//	go func() {
//		defer sentry.Recover()
//		defer wg.Done() // main goes on here
//		work()
//	}()
type notice struct {
	kind noticeKind
	what string // for messages: wg.Done()
	pos  token.Pos
	root *types.Var // what is touched belongs to this variable; nil if that is not known
}

type noticeKind uint8

const (
	// A weak notice tells that the goroutine has ended if the goroutine gives it
	// itself: close(done), a send, cancel(). Deeper in the calls, it is more often
	// about something else: a connection that closes the channels of its own.
	weak noticeKind = iota
	// A strong notice means nothing else, however deep it is: wg.Done().
	strong
	// A final notice is no notice to others: it ends the process, or the goroutine
	// together with its panic.
	final
)

// strongNotices and weakNotices are the methods that others wait for.
var (
	strongNotices = names{"sync.WaitGroup.Done": true}
	weakNotices   = names{
		"io.PipeWriter.Close":                          true, // the reader gets io.EOF
		"io.PipeWriter.CloseWithError":                 true,
		"sync.Cond.Signal":                             true,
		"sync.Cond.Broadcast":                          true,
		"golang.org/x/sync/semaphore.Weighted.Release": true,
		"gopkg.in/tomb.v1.Tomb.Done":                   true, // closes the channel for which Wait waits
	}
)

// onceDo calls its argument, in which a channel is often closed. The result of onceFunc
// does so.
const (
	onceDo   = "sync.Once.Do"
	onceFunc = "sync.OnceFunc"
)

// finalNotices end the process or the goroutine. What calls them on every path has a
// fact that says so. These loggers call os.Exit through a variable: exported.go of
// logrus v1.9.3, entry.go of zapcore v1.27.0 (WriteThenFatal), exit.go of klog v2.140.0.
var finalNotices = names{
	"github.com/sirupsen/logrus.Fatal":        true,
	"github.com/sirupsen/logrus.Fatalf":       true,
	"github.com/sirupsen/logrus.Fatalln":      true,
	"github.com/sirupsen/logrus.Entry.Fatal":  true,
	"github.com/sirupsen/logrus.Entry.Fatalf": true,
	"github.com/sirupsen/logrus.Logger.Fatal": true,
	"go.uber.org/zap.Logger.Fatal":            true,
	"go.uber.org/zap.SugaredLogger.Fatal":     true,
	"go.uber.org/zap.SugaredLogger.Fatalf":    true,
	"go.uber.org/zap.SugaredLogger.Fatalw":    true,
	"k8s.io/klog/v2.Exit":                     true,
	"k8s.io/klog/v2.Exitf":                    true,
	"k8s.io/klog/v2.Fatal":                    true,
	"k8s.io/klog/v2.Fatalf":                   true,

	"os.Exit":            true,
	"syscall.Exit":       true,
	"runtime.Goexit":     true,
	"log.Fatal":          true,
	"log.Fatalf":         true,
	"log.Fatalln":        true,
	"log.Logger.Fatal":   true,
	"log.Logger.Fatalf":  true,
	"log.Logger.Fatalln": true,
}

// noticesOf returns what others can notice of a call, apart from what belongs to
// variables of the called function.
func (c *checker) noticesOf(call *ast.CallExpr) []notice {
	if c.info.Types[call.Fun].IsType() {
		return nil
	}
	at := func(kind noticeKind, e ast.Expr) []notice {
		return []notice{{kind, types.ExprString(call), call.Pos(), c.root(e)}}
	}
	switch c.builtin(call) {
	case "":
	case "close":
		return at(weak, call.Args[0])
	default:
		return nil
	}
	var all []notice
	for _, t := range c.resolve(call.Fun) {
		switch {
		case t.lit != nil:
			all = append(all, c.mapped(call, c.bodyNotices(t.lit), c.paramsOf(t.lit))...)
		case t.fn == nil:
			if c.isCancel(call.Fun) || t.method != nil && isDone(t.method) {
				return at(weak, call.Fun)
			}
			if f := c.calledOnce(call.Fun); f != nil {
				all = append(all, through(call, c.noticesOf(callOfFunc(call, f)))...)
			}
		case strongNotices[fullName(t.fn)], c.subtracts(call, t.fn):
			return at(strong, call.Fun)
		case weakNotices[fullName(t.fn)]:
			return at(weak, call.Fun)
		case fullName(t.fn) == onceDo:
			all = append(all, c.noticesOf(callOfFunc(call, call.Args[0]))...)
		case finalNotices[fullName(t.fn)]:
			return []notice{{final, types.ExprString(call.Fun), call.Pos(), nil}}
		default:
			all = append(all, c.functionNotices(call, t.fn)...)
		}
	}
	return all
}

// functionNotices returns the notices of a declared function that a caller has to
// know of: the strong ones, and those of a function that does nothing else.
func (c *checker) functionNotices(call *ast.CallExpr, fn *types.Func) []notice {
	decl := c.decls.of[fn]
	if decl == nil {
		return c.importedNotices(call, c.imported(fn).Tells)
	}
	if decl.Body == nil {
		return nil
	}
	only := c.onlyNotifies(decl.Body)
	var visible []notice
	for _, n := range c.bodyNotices(decl) {
		if n.kind != weak || only {
			visible = append(visible, n)
		}
	}
	return c.mapped(call, through(call, visible), c.paramsOf(decl))
}

// through names a call in the notices of the function that it calls.
func through(call *ast.CallExpr, notices []notice) []notice {
	named := slices.Clone(notices)
	for i, n := range named {
		named[i].what = types.ExprString(call) + ", which calls " + strings.TrimSuffix(n.what, ",") + ","
	}
	return named
}

// importedNotices returns the notices that another package has exported.
func (c *checker) importedNotices(call *ast.CallExpr, tells []told) []notice {
	var all []notice
	for _, t := range tells {
		n := notice{kind: strong, what: types.ExprString(call) + ", which calls " + strings.TrimSuffix(t.What, ",") + ",", pos: call.Pos()}
		if t.Ends {
			n.kind = final
		}
		if e := argument(c.info, call, t.Param); e != nil {
			n.root = c.root(e)
		}
		all = append(all, n)
	}
	return all
}

// argument returns the expression that a call passes for a parameter. It returns nil
// for what is no parameter.
func argument(info *types.Info, call *ast.CallExpr, param int) ast.Expr {
	sel, _ := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	method := sel != nil && info.Selections[sel] != nil
	expression := method && info.Selections[sel].Kind() == types.MethodExpr // (*T).Done(t)
	switch {
	case param == receiver && method && !expression:
		return sel.X
	case expression:
		param++
	}
	if param >= 0 && param < len(call.Args) {
		return call.Args[param]
	}
	return nil
}

// mapped replaces the parameters in notices by what a call passes for them.
func (c *checker) mapped(call *ast.CallExpr, notices []notice, params map[*types.Var]int) []notice {
	mapped := slices.Clone(notices)
	for i, n := range mapped {
		if param, ok := params[n.root]; ok && n.root != nil {
			mapped[i].root = nil
			if e := argument(c.info, call, param); e != nil {
				mapped[i].root = c.root(e)
			}
		}
	}
	return mapped
}

// paramsOf returns the parameters of a function with their indexes.
func (c *checker) paramsOf(node ast.Node) map[*types.Var]int {
	params := make(map[*types.Var]int)
	typ := funcType(node)
	if decl, ok := node.(*ast.FuncDecl); ok && decl.Recv != nil {
		for _, name := range decl.Recv.List[0].Names {
			if v, ok := c.info.Defs[name].(*types.Var); ok {
				params[v] = receiver
			}
		}
	}
	i := 0
	for _, field := range typ.Params.List {
		for _, name := range field.Names {
			if v, ok := c.info.Defs[name].(*types.Var); ok {
				params[v] = i
			}
			i++
		}
		if len(field.Names) == 0 {
			i++
		}
	}
	return params
}

func funcType(node ast.Node) *ast.FuncType {
	if decl, ok := node.(*ast.FuncDecl); ok {
		return decl.Type
	}
	return node.(*ast.FuncLit).Type
}

func funcBody(node ast.Node) *ast.BlockStmt {
	if decl, ok := node.(*ast.FuncDecl); ok {
		return decl.Body
	}
	return node.(*ast.FuncLit).Body
}

// bodyNotices returns the notices in a function, and in the functions that it calls.
func (c *checker) bodyNotices(node ast.Node) []notice {
	if all, ok := c.noticed[node]; ok {
		return all
	}
	c.noticed[node] = nil // for a recursive call
	var all []notice
	body := funcBody(node)
	inspectSync(body, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			for _, notice := range c.noticesOf(n) {
				if notice.kind != final || isLiteral(node) || isStatementOf(body, n) {
					all = append(all, notice)
				}
			}
		case *ast.SendStmt:
			all = append(all, notice{weak, "a send on " + types.ExprString(n.Chan), n.Pos(), c.root(n.Chan)})
		case *ast.ExprStmt:
			if ch := c.released(n); ch != nil {
				all = append(all, notice{weak, "a receive from " + types.ExprString(ch), n.Pos(), c.root(ch)})
			}
		}
	})
	all = slices.DeleteFunc(all, func(n notice) bool {
		return c.isOwn(n, node) || n.kind == strong && c.adds(body, n)
	})
	c.noticed[node] = all
	return all
}

func isLiteral(node ast.Node) bool { _, ok := node.(*ast.FuncLit); return ok }

// isStatementOf reports whether call is a statement of body itself, and so executed
// whenever the statements before it do not leave.
func isStatementOf(body *ast.BlockStmt, call *ast.CallExpr) bool {
	return slices.ContainsFunc(body.List, func(s ast.Stmt) bool { return callOf(s) == call })
}

// inspectSync visits the nodes that a function executes in its own goroutine. It
// leaves out function literals, unless they are called or deferred at once.
func inspectSync(root ast.Node, visit func(ast.Node)) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case nil:
			return false
		case *ast.FuncLit:
			return n == root
		case *ast.GoStmt:
			return false
		}
		visit(n)
		return true
	})
}

// released returns the channel of a statement <-ch that makes room for another
// goroutine, as in a semaphore. It does if the package also sends to the channel.
func (c *checker) released(s *ast.ExprStmt) ast.Expr {
	u, ok := ast.Unparen(s.X).(*ast.UnaryExpr)
	if !ok || u.Op != token.ARROW {
		return nil
	}
	if v := c.variable(u.X); v == nil || !c.sentTo()[v] {
		return nil
	}
	return u.X
}

// variable returns the variable or the field that e names.
func (c *checker) variable(e ast.Expr) *types.Var {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	default:
		return nil
	}
	v, _ := c.info.Uses[id].(*types.Var)
	return v
}

// sentTo returns the variables and fields with channels to which the package sends.
func (c *checker) sentTo() map[*types.Var]bool {
	if c.sends == nil {
		c.sends = make(map[*types.Var]bool)
		c.inspect.Preorder([]ast.Node{(*ast.SendStmt)(nil)}, func(n ast.Node) {
			if v := c.variable(n.(*ast.SendStmt).Chan); v != nil {
				c.sends[v] = true
			}
		})
	}
	return c.sends
}

// adds reports whether body calls Add before it gives the strong notice n. Then the
// notice is not about the goroutine, but about what the function does in between.
func (c *checker) adds(body *ast.BlockStmt, n notice) bool {
	for _, s := range body.List {
		if s.Pos() >= n.pos {
			break
		}
		if call := callOf(s); call != nil {
			sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
			if ok && types.ExprString(sel.X)+".Done()" == n.what && sel.Sel.Name == "Add" {
				return true
			}
		}
	}
	return false
}

// subtracts reports whether call is wg.Add with a negative number.
func (c *checker) subtracts(call *ast.CallExpr, fn *types.Func) bool {
	if fullName(fn) != "sync.WaitGroup.Add" || len(call.Args) != 1 {
		return false
	}
	v := c.info.Types[call.Args[0]].Value
	return v != nil && constant.Sign(v) < 0
}
