package lintpanics

import "go/ast"

// A passedEnding is a statement in a function that is passed to one that runs it in a
// goroutine with a guard. It runs before that guard, and tells others that the
// goroutine has ended:
//
//	sentry.Go(func() {
//		defer wg.Done() // main goes on here
//		work()
//	})
type passedEnding struct {
	telling *telling
	target  target
	node    ast.Node // the function
}

// passedEndings returns what the functions that a call passes to goroutines with a
// guard tell others before that guard reports.
func (c *checker) passedEndings(call *ast.CallExpr) []passedEnding {
	var all []passedEnding
	for _, arg := range c.passedToGuard(call) {
		for _, t := range c.resolve(arg) {
			all = append(all, c.endingsOf(t)...)
		}
	}
	return all
}

// passedToGuard returns the arguments of a call that run in a goroutine with a guard.
func (c *checker) passedToGuard(call *ast.CallExpr) []ast.Expr {
	if c.info.Types[call.Fun].IsType() || c.builtin(call) != "" {
		return nil
	}
	var all []ast.Expr
	for _, fn := range c.resolveStarter(call.Fun) {
		for _, r := range c.runsOf(fn) {
			if r.Started && r.Guarded && r.Method == "" {
				all = append(all, c.passed(call, r.Param)...)
			}
		}
	}
	return all
}

// endingsOf returns what a function of this package tells others first when a panic
// leaves it. A function with a guard of its own is looked at anyway.
func (c *checker) endingsOf(t target) []passedEnding {
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
		return []passedEnding{{told, t, node}}
	}
	return nil
}
