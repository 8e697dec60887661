package lintpanics

import (
	"go/ast"
	"slices"
)

// A placement tells where guards go in a function.
type placement struct {
	at   []place
	drop ast.Stmt // a guard that is there already, and is not needed any more
}

// A place is where a guard goes: after a statement, or first in a block.
type place struct {
	block *ast.BlockStmt
	after ast.Stmt // nil: first in block
}

// place finds where to put guards so that every panic meets a guard first, and not
// something that tells others that the goroutine has ended. have is a guard, or a
// failed attempt to have one, that may be dropped; it may be nil. The placement with
// the fewest guards wins:
//
//	defer sentry.Recover()        defer wg.Done()
//	defer wg.Done()          →    defer sentry.Recover()
//	work()                        work()
func (c *checker) place(node ast.Node, have ast.Stmt) placement {
	kept := c.placed(node, nil)
	if have == nil {
		return placement{at: kept}
	}
	dropped := c.placed(node, have)
	if isGuard := c.isDeferredGuard(have); isGuard && len(dropped) > len(kept) {
		return placement{at: kept}
	}
	return placement{at: dropped, drop: have}
}

func (c *checker) isDeferredGuard(s ast.Stmt) bool {
	d, ok := s.(*ast.DeferStmt)
	return ok && c.deferKind(d) == covered
}

func (c *checker) placed(node ast.Node, without ast.Stmt) []place {
	p := &placer{c: c, of: node, without: without}
	p.block(funcBody(node), funcBody(node).List, bare)
	return p.places
}

// A placer goes through a function as a scan does, and puts in a guard wherever a
// panic would not meet one first.
type placer struct {
	c       *checker
	of      ast.Node
	without ast.Stmt
	places  []place
}

// block goes through the statements of a block, which begins with a cover, and
// returns the cover at its end. block is nil for the clause of a switch, in which no
// guard is put first.
func (p *placer) block(block *ast.BlockStmt, list []ast.Stmt, cover cover) cover {
	var after ast.Stmt // what tells others, and belongs before the guard
	for _, s := range list {
		if s == p.without {
			continue
		}
		if cover != guarded && p.needsGuard(s, cover) {
			if at := (place{block, after}); !slices.Contains(p.places, at) {
				p.places = append(p.places, at)
			}
			cover = guarded
		}
		cover = p.stmt(s, cover)
		if cover != guarded && p.belongsAbove(s) {
			after = s
		}
	}
	return cover
}

// needsGuard reports whether something in a statement can panic where no guard comes
// first.
func (p *placer) needsGuard(s ast.Stmt, cover cover) bool {
	sub := &scan{c: p.c, of: p.of, cover: cover}
	if cover == tells {
		sub.told = &telling{stmt: s}
	}
	sub.stmt(s)
	return sub.risk != nil || len(sub.tells) > 0 && cover == tells
}

// isEnding reports whether a statement defers what tells others that the goroutine
// has ended.
func (p *placer) isEnding(s ast.Stmt) bool {
	d, ok := s.(*ast.DeferStmt)
	return ok && slices.ContainsFunc(p.c.noticesOf(d.Call), func(n notice) bool { return !p.c.isOwn(n, p.of) })
}

// swallows reports whether a statement recovers a panic without a report.
func (p *placer) swallows(d *ast.DeferStmt) bool { return p.c.deferKind(d) == swallowed }

// belongsAbove reports whether a statement defers something that must run after the
// guard.
func (p *placer) belongsAbove(s ast.Stmt) bool {
	found := false
	inspectFunc(s, func(n ast.Node) {
		if d, ok := n.(*ast.DeferStmt); ok {
			found = found || p.isEnding(d) || p.swallows(d)
		}
	})
	return found
}

// stmt goes through the statements in a statement, and returns the cover after it.
func (p *placer) stmt(s ast.Stmt, cover cover) cover {
	switch s := s.(type) {
	case *ast.DeferStmt:
		switch {
		case p.c.deferKind(s) == covered:
			return guarded
		case p.swallows(s):
			if cover != bare && !p.c.mayPanicAgain(s.Call) {
				return bare
			}
		case cover == guarded && p.isEnding(s):
			return tells
		}
	case *ast.BlockStmt:
		return p.block(s, s.List, cover)
	case *ast.LabeledStmt:
		return p.stmt(s.Stmt, cover)
	case *ast.IfStmt:
		then, other := p.block(s.Body, s.Body.List, cover), cover
		if s.Else != nil {
			other = p.stmt(s.Else, cover)
		}
		return worst(cover, way{then, s.Body.List}, way{other, nil})
	case *ast.ForStmt:
		return p.loop(s.Body, cover)
	case *ast.RangeStmt:
		return p.loop(s.Body, cover)
	case *ast.SwitchStmt:
		return p.clauses(s.Body, cover)
	case *ast.TypeSwitchStmt:
		return p.clauses(s.Body, cover)
	case *ast.SelectStmt:
		return p.clauses(s.Body, cover)
	}
	return cover
}

// loop goes through the body of a loop. The second time, what the body defers is
// deferred already.
func (p *placer) loop(body *ast.BlockStmt, cover cover) cover {
	end := p.block(body, body.List, cover)
	if end < cover {
		end = p.block(body, body.List, end)
	}
	return min(cover, end)
}

func (p *placer) clauses(body *ast.BlockStmt, entry cover) cover {
	ways := []way{{entry, nil}}
	for _, clause := range body.List {
		list := clauseBody(clause)
		ways = append(ways, way{p.block(nil, list, entry), list})
	}
	return worst(entry, ways...)
}

func clauseBody(clause ast.Stmt) []ast.Stmt {
	switch clause := clause.(type) {
	case *ast.CaseClause:
		return clause.Body
	case *ast.CommClause:
		return clause.Body
	}
	return nil
}

// A way is a list of statements, with the cover at its end.
type way struct {
	cover cover
	list  []ast.Stmt
}

// worst returns the worst cover of the ways on which execution goes on.
func worst(entry cover, ways ...way) cover {
	result := guarded
	for _, w := range ways {
		if len(w.list) > 0 {
			if _, ok := w.list[len(w.list)-1].(*ast.ReturnStmt); ok {
				continue
			}
		}
		result = min(result, w.cover)
	}
	return result
}
