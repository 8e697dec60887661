package lintpanics

import (
	"go/ast"
	"go/token"
	"slices"
)

// A cover tells what happens to a panic at a place in a function.
type cover int8

const (
	bare    cover = iota // no guard is deferred yet
	tells                // a guard is deferred, but something runs before it that tells others, or ends the process
	guarded              // the guard comes first
)

// A scan looks at the statements of a function in the order of execution. At each
// one, it knows which of the deferred functions a panic would meet first.
type scan struct {
	c     *checker
	of    ast.Node // the function
	cover cover
	risk  *risk      // the first thing that can panic before a guard is deferred
	near  category   // the failed attempt to have a guard that is closest to a right one
	at    ast.Stmt   // the statement of that attempt
	told  *telling   // what has made the cover tells
	tells []*telling // those in which something can panic after that
}

// A telling is a statement that runs before the guard and gives a notice.
type telling struct {
	stmt   ast.Stmt
	notice notice
	risk   *risk // what can panic after it; nil if it is in the called function
}

// scanned scans a function.
func (c *checker) scanned(node ast.Node, from cover) *scan {
	s := &scan{c: c, of: node, cover: from}
	s.body(funcBody(node))
	return s
}

// judge looks for a guard in the body of a goroutine.
func (c *checker) judge(node ast.Node) verdict { return c.scanned(node, bare).verdict() }

// A flow tells how a list of statements ends.
type flow int

const (
	open  flow = iota // execution goes on
	ended             // the function has returned
)

// rank orders the failed attempts. The message is about the one with the highest
// rank, because it is closest to a right guard.
var rank = map[category]int{
	late: 8, conditional: 7, nested: 6, notDeferred: 5, deferRecover: 4, bareRecover: 3, swallowed: 2, missing: 1,
}

func (s *scan) found(cat category, stmt ast.Stmt) {
	if rank[cat] > rank[s.near] {
		s.near, s.at = cat, stmt
	}
}

// note notes a risk, unless the guard comes first. It is passed as a function,
// because most of it is not needed.
func (s *scan) note(find func() *risk) {
	switch {
	case s.cover == bare && s.risk == nil:
		s.risk = find()
	case s.cover == tells && s.told != nil:
		if r := find(); r != nil {
			s.told.risk = r
			if !slices.Contains(s.tells, s.told) {
				s.tells = append(s.tells, s.told)
			}
			s.told = nil
		}
	}
}

func (s *scan) verdict() verdict {
	switch s.near {
	case notDeferred, deferRecover, bareRecover:
		return verdict{Category: s.near} // even if nothing can panic, because the author wanted a guard
	}
	if s.risk == nil {
		return verdict{}
	}
	v := verdict{Category: s.near, Detail: s.c.where(s.risk)}
	switch s.near {
	case "":
		v.Category = missing
	case swallowed:
		v.Helper = s.c.helperName(s.at)
	}
	return v
}

func (s *scan) body(body *ast.BlockStmt) {
	last := lastStmt(body)
	for _, stmt := range body.List {
		if stmt == last {
			s.handsOver(stmt)
		}
		if s.stmt(stmt) == ended {
			return
		}
	}
}

func (s *scan) list(list []ast.Stmt) flow {
	for _, stmt := range list {
		if s.stmt(stmt) == ended {
			return ended
		}
	}
	return open
}

func (s *scan) stmt(stmt ast.Stmt) flow {
	switch stmt := stmt.(type) {
	case *ast.DeferStmt:
		s.deferred(stmt)
		return open
	case *ast.BlockStmt:
		return s.list(stmt.List)
	case *ast.LabeledStmt:
		return s.stmt(stmt.Stmt)
	case *ast.IfStmt:
		return s.branches(stmt)
	case *ast.ForStmt:
		s.simple(stmt.Init)
		s.note(func() *risk { return s.c.head(stmt) })
		return s.loop(stmt, stmt.Body, stmt.Post)
	case *ast.RangeStmt:
		s.note(func() *risk { return s.c.head(stmt) })
		return s.loop(stmt, stmt.Body, nil)
	case *ast.SwitchStmt:
		s.simple(stmt.Init)
		s.note(func() *risk { return s.c.head(stmt) })
		return s.clauses(stmt, stmt.Body)
	case *ast.TypeSwitchStmt:
		s.simple(stmt.Init)
		s.misuse(stmt.Assign)
		s.note(func() *risk { return s.c.head(stmt) })
		return s.clauses(stmt, stmt.Body)
	case *ast.SelectStmt:
		return s.clauses(stmt, stmt.Body)
	case *ast.BranchStmt:
		if stmt.Tok == token.GOTO && s.c.jumpsAhead(stmt) {
			s.note(func() *risk { return s.c.risky(stmt, "a jump") }) // may skip the guard
		}
		return open
	case *ast.ReturnStmt:
		s.simple(stmt)
		return ended
	}
	s.simple(stmt)
	return open
}

// simple handles a statement that has no other statements in it.
func (s *scan) simple(stmt ast.Stmt) {
	if stmt == nil {
		return
	}
	if _, ok := stmt.(*ast.GoStmt); !ok {
		s.misuse(stmt)
	}
	s.note(func() *risk { return s.c.head(stmt) })
}

// deferred handles a defer statement.
func (s *scan) deferred(stmt *ast.DeferStmt) {
	kind := s.c.deferKind(stmt)
	if kind == covered {
		s.note(func() *risk { return s.c.guardOperands(stmt.Call) })
		if s.risk != nil && s.cover == bare {
			s.found(late, stmt)
		}
		s.cover, s.told = guarded, nil
		return
	}
	if kind != missing {
		s.found(kind, stmt)
	}
	if kind == swallowed {
		// It belongs above the guard, as what tells others does: the guard comes first there.
		s.note(func() *risk { return s.c.operands(stmt.Call) })
		if s.cover != bare && !s.c.mayPanicAgain(stmt.Call) {
			s.cover, s.told = bare, nil
		}
		return
	}
	if s.cover != bare || !s.c.belongsAboveGuard(stmt.Call) && !s.c.repanics(stmt.Call) {
		s.note(func() *risk { return s.c.deferral(stmt) })
	}
	if s.cover != guarded {
		return
	}
	for _, n := range s.c.noticesOf(stmt.Call) {
		if !s.c.isOwn(n, s.of) {
			s.cover, s.told = tells, &telling{stmt: stmt, notice: n}
			return
		}
	}
}

// branches follows both branches of an if statement. If each defers a guard, the
// statement counts as a guard.
func (s *scan) branches(stmt *ast.IfStmt) flow {
	s.simple(stmt.Init)
	s.note(func() *risk { return s.c.head(stmt) })
	return s.alternatives(stmt, []func() flow{
		func() flow { return s.list(stmt.Body.List) },
		func() flow {
			if stmt.Else == nil {
				return open
			}
			return s.stmt(stmt.Else)
		},
	})
}

// clauses follows the clauses of a switch or a select. Without a default, none of a
// switch may be executed. A break may leave a clause before the guard.
func (s *scan) clauses(stmt ast.Stmt, body *ast.BlockStmt) flow {
	_, all := stmt.(*ast.SelectStmt)
	var ways []func() flow
	for _, clause := range body.List {
		switch clause := clause.(type) {
		case *ast.CaseClause:
			all = all || clause.List == nil
			ways = append(ways, func() flow { return s.list(clause.Body) })
		case *ast.CommClause:
			ways = append(ways, func() flow { s.simple(clause.Comm); return s.list(clause.Body) })
		}
	}
	if !all || hasBranch(body, token.BREAK) {
		ways = append(ways, func() flow { return open })
	}
	return s.alternatives(stmt, ways)
}

// alternatives follows several ways, one of which is executed. The worst of them
// counts.
func (s *scan) alternatives(stmt ast.Stmt, ways []func() flow) flow {
	entry, told, risk := s.cover, s.told, s.risk
	worst, worstTold := guarded, told
	best, result := entry, ended
	for _, way := range ways {
		s.cover, s.told = entry, told
		f := way()
		best = max(best, s.cover)
		if f == ended {
			continue
		}
		result = open
		if s.cover <= worst {
			worst, worstTold = s.cover, s.told
		}
	}
	if entry == bare && best > bare && (result == open && worst == bare || s.risk != risk) {
		s.found(conditional, stmt)
	}
	if result == ended {
		worst, worstTold = best, told // what follows is not executed
	}
	s.cover, s.told = worst, worstTold
	return result
}

// loop follows the body of a loop, which may be executed not at all, or often.
func (s *scan) loop(stmt ast.Stmt, body *ast.BlockStmt, post ast.Stmt) flow {
	once := func() flow {
		f := s.list(body.List)
		if f == open && post != nil {
			s.simple(post)
		}
		return f
	}
	never := func() flow { return open }
	before, result := s.cover, open
	switch runs, ends := s.c.iterations(stmt, body); {
	case !runs:
		s.alternatives(stmt, []func() flow{func() flow { once(); return open }, never})
	case !ends:
		once()
		result = ended // what follows is not executed
	default:
		result = once()
	}
	if s.cover < before { // the next time, what the body defers is deferred already
		once()
		s.cover = min(s.cover, tells)
	}
	return result
}

// misuse looks for a guard or recover that is called instead of deferred.
func (s *scan) misuse(stmt ast.Stmt) {
	inspectFunc(stmt, func(n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		if s.c.builtin(call) == "recover" {
			s.found(bareRecover, stmt)
		} else if s.c.isGuardCall(call) {
			s.found(notDeferred, stmt)
		}
	})
}
