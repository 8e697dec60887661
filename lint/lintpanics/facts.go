package lintpanics

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// A verdict tells what is wrong with a function if a goroutine runs it.
type verdict struct {
	Category category
	Detail   string // for the message: what can panic, or why the function is not known
	Helper   string // the full name of the function that recovers, if the category is swallowed
	Starter  string // the same, if it is the one that has started the goroutine
	Argument int    // of Starter
}

// A helperKind tells what a function does with a panic when it is deferred.
type helperKind uint8

const (
	noHelper        helperKind = iota
	helperGuards               // recovers, and reports on every path
	helperNests                // calls a guard, which recovers nothing there
	helperSwallows             // recovers, and does not report on every path
	helperSometimes            // the same, and panics again on some path
	helperRepanics             // recovers, reports nothing, and panics again on every path
)

// A summary is what the analyzer knows about a function.
type summary struct {
	Body    verdict    // if a goroutine runs the function
	Helper  helperKind // if the function is deferred
	Hands   []int      // the parameters that it reports on every path
	Result  *summary   // of the function that it returns, if it returns one
	Nil     bool       // if it is a result: it may be nil instead
	Runs    []callback // the parameters that it calls, or runs in a goroutine
	Tells   []told     // what others can notice of a call
	Unwinds *told      // what others notice first when a panic leaves it
}

// A callback is a parameter that a function calls.
type callback struct {
	Param    int
	Method   string // if the parameter is an interface, the method that is called
	Started  bool   // in a goroutine that nobody else sees, and not in the caller's
	Recovers bool   // the function recovers a panic of it, and does not report
	Guarded  bool   // a guard of the function reports it
	Where    string // file:line of what starts the goroutine
	Module   string // the module of the function; empty for the standard library
}

// A told is something that others can notice of a call, as a package exports it.
type told struct {
	Param int // what is touched belongs to this parameter; see the constants
	Ends  bool
	What  string
}

// These are the values of told.Param that are no parameters.
const (
	receiver = -1
	outside  = -2
)

// nothing reports whether a summary says no more than that the function has no
// guard. Such a summary is not exported, because imported returns it if there is no
// fact.
func (s *summary) nothing() bool {
	return s.Body.Category == missing && s.Helper == noHelper && len(s.Hands) == 0 && s.Result == nil &&
		len(s.Runs) == 0 && len(s.Tells) == 0 && s.Unwinds == nil
}

// A funcFact is the summary of a function for the packages that import it. A
// function without a fact has no guard. Most functions have none, which keeps the
// facts small.
type funcFact struct{ Summary summary }

func (*funcFact) AFact() {}

func (f *funcFact) String() string { return f.Summary.String() }

func (s *summary) String() string {
	text := "covered"
	if s.Body.Category != covered {
		text = string(s.Body.Category)
	}
	switch s.Helper {
	case helperGuards:
		text += " guard"
	case helperNests:
		text += " nests"
	case helperSwallows:
		text += " swallows"
	case helperSometimes:
		text += " swallows-or-repanics"
	case helperRepanics:
		text += " repanics"
	}
	if len(s.Hands) > 0 {
		text += fmt.Sprint(" reports", s.Hands)
	}
	if s.Nil {
		text += " or nil"
	}
	if s.Result != nil {
		text += " returns(" + s.Result.String() + ")"
	}
	for _, r := range s.Runs {
		text += " " + r.String()
	}
	for _, t := range s.Tells {
		text += fmt.Sprintf(" tells(%s)", t.What)
	}
	if s.Unwinds != nil {
		text += fmt.Sprintf(" unwinds(%s)", s.Unwinds.What)
	}
	return text
}

func (r callback) String() string {
	verb := "calls"
	if r.Started {
		verb = "starts"
	}
	if r.Recovers {
		verb += "-recovered"
	}
	if r.Guarded {
		verb += "-guarded"
	}
	return fmt.Sprintf("%s[%s]", verb, strings.TrimSuffix(fmt.Sprintf("%d.%s", r.Param, r.Method), "."))
}

// exportFacts exports the summaries of the functions that other packages can use.
func (c *checker) exportFacts() {
	for _, fn := range c.decls.order {
		if !fn.Exported() {
			continue
		}
		s := *c.ofFunc(fn)
		if decl := c.decls.of[fn]; decl.Body != nil {
			s.Runs = c.exportedCallbacks(decl)
			s.Tells = c.exportedNotices(decl)
			if n := c.unwinds(decl); n != nil && n.kind == strong {
				s.Unwinds = &c.told(decl, []notice{*n})[0]
			}
		}
		if s.Result != nil {
			result := *s.Result
			result.Runs = c.withModule(result.Runs)
			s.Result = &result
		}
		if !s.nothing() {
			c.pass.ExportObjectFact(fn, &funcFact{s})
		}
	}
}

// exportedCallbacks returns the callbacks of a function with its module.
func (c *checker) exportedCallbacks(decl *ast.FuncDecl) []callback {
	return c.withModule(c.callbacks(decl))
}

func (c *checker) withModule(runs []callback) []callback {
	all := slices.Clone(runs)
	for i := range all {
		if all[i].Started {
			all[i].Module = c.module()
		}
	}
	return all
}

// exportedNotices returns what the callers in other packages have to know of: the
// strong notices, and what ends the process on every path.
func (c *checker) exportedNotices(decl *ast.FuncDecl) []told {
	all := slices.DeleteFunc(slices.Clone(c.bodyNotices(decl)), func(n notice) bool { return n.kind == weak })
	return c.told(decl, all)
}

// told returns notices in the form in which they are exported.
func (c *checker) told(decl *ast.FuncDecl, notices []notice) []told {
	params := c.paramsOf(decl)
	var all []told
	for _, n := range notices {
		param, ok := params[n.root]
		if !ok || n.root == nil {
			param = outside
		}
		t := told{Param: param, Ends: n.kind == final, What: n.what}
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	return all
}

// imported returns the summary that the package of fn has exported.
func (c *checker) imported(fn *types.Func) *summary {
	fact := new(funcFact)
	if c.pass.ImportObjectFact(fn, fact) {
		return &fact.Summary
	}
	return &summary{Body: verdict{Category: missing}}
}
