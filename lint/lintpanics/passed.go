package lintpanics

import (
	"go/ast"
	"maps"
	"slices"
)

// A passedEnding is a statement in a function that is passed to one that runs it in a
// goroutine with a guard. It runs before that guard, and tells others that the
// goroutine has ended:
//
//	sentry.Go(func() {
//		defer wg.Done() // main goes on here
//		work()
//	})
type passedEnding struct {
	starter string // the function that has the guard
	telling *telling
	target  target
}

// passedEndings returns what the functions that a call passes to goroutines with a
// guard tell others before that guard reports.
func (c *checker) passedEndings(call *ast.CallExpr) []passedEnding {
	var all []passedEnding
	guarded := c.passedToGuard(call)
	for _, arg := range slices.SortedFunc(maps.Keys(guarded), func(a, b ast.Expr) int { return int(a.Pos() - b.Pos()) }) {
		for _, t := range c.resolve(arg) {
			if p := c.endingOf(t); p != nil {
				p.starter = guarded[arg]
				all = append(all, *p)
			}
		}
	}
	return all
}

// passedToGuard returns the arguments of a call that run in a goroutine with a guard,
// and the function that has the guard.
func (c *checker) passedToGuard(call *ast.CallExpr) map[ast.Expr]string {
	if c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return nil
	}
	if !slices.ContainsFunc(call.Args, func(arg ast.Expr) bool { return canHoldFunc(c.info.TypeOf(arg)) }) {
		return nil
	}
	all := make(map[ast.Expr]string)
	for _, s := range c.spawners(call.Fun) {
		for _, r := range s.runs {
			if r.Started && r.Guarded && r.Method == "" {
				for _, arg := range c.passed(call, r.Param) {
					all[arg] = s.name
				}
			}
		}
	}
	return all
}

// endingOf returns what a function of this package tells others first when a panic
// leaves it. A function with a guard of its own is looked at anyway.
func (c *checker) endingOf(t target) *passedEnding {
	var node ast.Node
	switch {
	case t.lit != nil:
		node = t.lit
	case t.fn != nil && c.decls.of[t.fn] != nil && c.decls.of[t.fn].Body != nil:
		node = c.decls.of[t.fn]
	}
	if node == nil || c.defersGuard(funcBody(node)) {
		return nil
	}
	for _, told := range c.scanned(node, guarded).tells {
		if told.notice.kind == final || told.risk == nil {
			continue
		}
		return &passedEnding{telling: told, target: t}
	}
	return nil
}
