package lintpanics

import (
	"fmt"
	"go/types"
)

// A category tells what is wrong with a goroutine. It is the category of the
// diagnostic. The empty category means that nothing is wrong.
type category string

const (
	covered      category = ""              // every panic is reported, or nothing can panic
	missing      category = "missing"       // no guard
	late         category = "late"          // a guard after something that can panic
	conditional  category = "conditional"   // a guard on some paths only
	notDeferred  category = "not-deferred"  // a guard called, not deferred
	nested       category = "nested"        // a guard called by a deferred function
	deferRecover category = "defer-recover" // defer recover()
	bareRecover  category = "bare-recover"  // recover() where it returns nil
	swallowed    category = "swallowed"     // recovered and not reported
	unseen       category = "unseen"        // a function whose body is not known here
	ignored      category = "ignore"        // a //lint:ignore comment without a reason or an effect
)

// A verdict tells what is wrong with a function if a goroutine runs it.
type verdict struct {
	Category category
	Detail   string // for the message: what can panic, or why the function is not known
}

// A helperKind tells what a function does with a panic when it is deferred.
type helperKind uint8

const (
	noHelper      helperKind = iota
	helperGuards             // recovers, and reports on every path
	helperNests              // calls a guard, which recovers nothing there
	helperSwallow            // recovers, and does not report on every path
)

// A summary is what the analyzer knows about a function.
type summary struct {
	Body   verdict    // if a goroutine runs the function
	Helper helperKind // if the function is deferred
	Hands  []int      // the parameters that it reports on every path
	Result *summary   // of the function that it returns, if it returns one
}

// nothing reports whether a summary says no more than that the function has no
// guard. Such a summary is not exported, because imported returns it if there is no
// fact.
func (s *summary) nothing() bool {
	return s.Body.Category == missing && s.Helper == noHelper && len(s.Hands) == 0 && s.Result == nil
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
	case helperSwallow:
		text += " swallows"
	}
	if len(s.Hands) > 0 {
		text += fmt.Sprint(" reports", s.Hands)
	}
	if s.Result != nil {
		text += " returns(" + s.Result.String() + ")"
	}
	return text
}

// exportFacts exports the summaries of the functions that other packages can use.
func (c *checker) exportFacts() {
	for _, fn := range c.decls.order {
		if !fn.Exported() {
			continue
		}
		if s := c.ofFunc(fn); !s.nothing() {
			c.pass.ExportObjectFact(fn, &funcFact{*s})
		}
	}
}

// imported returns the summary that the package of fn has exported.
func (c *checker) imported(fn *types.Func) *summary {
	fact := new(funcFact)
	if c.pass.ImportObjectFact(fn, fact) {
		return &fact.Summary
	}
	return &summary{Body: verdict{Category: missing}}
}
