package lintpanics

import (
	"fmt"
	"go/types"
)

// A category says what is wrong with a goroutine. It is the category of the
// diagnostic. The empty one means that nothing is.
type category string

const (
	covered      category = ""              // every panic is reported, or there can be none
	missing      category = "missing"       // no guard
	late         category = "late"          // a guard after something that can panic
	conditional  category = "conditional"   // a guard on some paths only
	notDeferred  category = "not-deferred"  // a guard called, not deferred
	nested       category = "nested"        // a guard called by a deferred function
	deferRecover category = "defer-recover" // defer recover()
	bareRecover  category = "bare-recover"  // recover() where it returns nil
	swallowed    category = "swallowed"     // recovered and not reported
	unseen       category = "unseen"        // a function whose body is not known here
	ignored      category = "ignore"        // trouble with a //lint:ignore comment
)

// A verdict is the judgement of a function as the body of a goroutine.
type verdict struct {
	Category category
	Detail   string // what can panic, or what was wrong; part of the message
}

// What a function does with a panic when it is deferred.
type helperKind uint8

const (
	noHelper      helperKind = iota
	helperGuards             // recovers, and reports on every path
	helperNests              // calls a guard, which recovers nothing there
	helperSwallow            // recovers, and does not report on every path
)

// A summary is all that is known of a function.
type summary struct {
	Body   verdict
	Helper helperKind
	Hands  []int    // parameters that are reported on every path
	Result *summary // of the function that it returns, if it returns one
}

// nothing is the summary of a function with no good in it: what is known
// where no fact was exported.
func (s *summary) nothing() bool {
	return s.Body.Category == missing && s.Helper == noHelper && len(s.Hands) == 0 && s.Result == nil
}

// A funcFact tells the importing packages what is known of a function. A
// function without one was seen and found to be without a guard; that is the
// case for most, and keeps the facts small.
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

// exportFacts judges what other packages can reach.
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

// imported returns what the package of fn exported about it.
func (c *checker) imported(fn *types.Func) *summary {
	fact := new(funcFact)
	if c.pass.ImportObjectFact(fn, fact) {
		return &fact.Summary
	}
	return &summary{Body: verdict{Category: missing}}
}
