package lintpanics

import (
	"go/ast"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// A reporter turns verdicts into diagnostics.
type reporter struct {
	c       *checker
	fixer   *fixer
	ignores []*ignore
	found   []analysis.Diagnostic
	ended   map[token.Pos]bool // what passed has reported
}

func newReporter(c *checker) *reporter {
	return &reporter{c: c, fixer: newFixer(c), ignores: c.ignores(), ended: make(map[token.Pos]bool)}
}

// start reports a goroutine, at most once, for the first function without a guard
// that it may run.
func (r *reporter) start(s start) {
	if s.arg == goStatement {
		if b := r.c.builtin(s.call); b != "" {
			r.builtin(s, b)
			return
		}
	}
	targets := r.c.targets(s)
	for _, t := range targets {
		if t.fn != nil && t.sum == nil && r.c.conf.isGuard(t.fn) {
			r.report(s.node, verdict{Category: notDeferred}, r.subject(s, t), nil)
			return
		}
		if s.arg == goStatement && t.fn != nil && t.sum == nil && r.c.isHarmless(s.call, t.fn) {
			continue
		}
		if v := r.c.summary(t).Body; v.Category != covered {
			if s.recovers != "" {
				v = verdict{Category: swallowed, Starter: s.recovers, Argument: max(s.arg, 0)}
			}
			r.report(s.node, v, r.subject(s, t), func() fix { return r.fixer.start(s, targets, v) })
			return
		}
	}
}

// builtin reports a go statement with a built-in function, such as go close(ch).
func (r *reporter) builtin(s start, name string) {
	switch name {
	case "recover":
		r.report(s.node, verdict{Category: bareRecover}, s.what, nil)
	case "clear", "copy", "print", "println": // cannot panic
	case "delete":
		if r.c.builtinCall(s.call, name) == nil {
			return
		}
		fallthrough
	default:
		r.report(s.node, verdict{Category: missing, Detail: "a call of " + name}, s.what,
			func() fix { return r.fixer.wrapGo(s) })
	}
}

func (r *reporter) subject(s start, t target) string {
	if t.name == "" {
		return s.what
	}
	return s.what + " " + t.name
}

func (r *reporter) entry(e entry) {
	v := r.c.ofFunc(e.fn).Body
	if v.Category == covered {
		return
	}
	r.report(e.node, v, e.what+" "+r.c.shortName(e.fn), func() fix {
		if e.decl == nil {
			return noFix("the method is promoted from another type")
		}
		return r.fixer.body(e.decl, v)
	})
}

// order reports what runs before a guard of the same function and tells others that
// the goroutine has ended, or ends the process.
func (r *reporter) order(node ast.Node) {
	if !r.c.defersGuard(funcBody(node)) {
		return
	}
	for _, t := range r.c.scanned(node, bare).tells {
		v := verdict{Category: early}
		if t.notice.kind == final {
			v.Category = exits
		}
		r.report(t.stmt, v, t.notice.what, func() fix { return r.fixer.body(node, v) })
	}
}

// passed reports what the functions that a call passes to goroutines with a guard tell
// others before that guard reports.
func (r *reporter) passed(call *ast.CallExpr) {
	for _, p := range r.c.passedEndings(call) {
		if r.ended[p.telling.stmt.Pos()] {
			continue
		}
		r.ended[p.telling.stmt.Pos()] = true
		r.report(p.telling.stmt, verdict{Category: early, Starter: p.starter}, p.telling.notice.what, func() fix {
			node := r.fixer.declared(p.target)
			if node == nil || !r.fixer.onlyStarted(p.target, node) {
				return noFix("%s is not only called by goroutines", p.target.describe())
			}
			return r.fixer.body(node, verdict{Category: missing})
		})
	}
}

// report adds a diagnostic, unless a comment suppresses it.
func (r *reporter) report(node ast.Node, v verdict, subject string, suggest func() fix) {
	if r.c.sparesTest(node.Pos(), v) {
		return
	}
	pos := r.c.pass.Fset.Position(node.Pos())
	for _, i := range r.ignores {
		if i.covers(pos) {
			i.used = true
			return
		}
	}
	d := analysis.Diagnostic{
		Pos:      node.Pos(),
		End:      node.End(),
		Category: string(v.Category),
		Message:  r.message(subject, v),
	}
	if suggest != nil {
		switch f := suggest(); {
		case len(f.edits) > 0:
			d.SuggestedFixes = []analysis.SuggestedFix{{Message: f.message, TextEdits: f.edits}}
		case f.why != "" && r.c.conf.insert.path != "":
			d.Related = []analysis.RelatedInformation{{Pos: node.Pos(), Message: terms.NoFix + f.why}}
		}
	}
	r.found = append(r.found, d)
}

// flush passes the diagnostics to the driver, in the order of the source.
func (r *reporter) flush() {
	slices.SortStableFunc(r.found, func(a, b analysis.Diagnostic) int { return int(a.Pos - b.Pos) })
	for _, d := range r.found {
		r.c.pass.Report(d)
	}
}

// unusedIgnores reports the comments that have no reason or suppress nothing.
func (r *reporter) unusedIgnores() {
	for _, i := range r.ignores {
		text := "this //lint:ignore takes no report away"
		switch {
		case i.reason == "":
			text = "this //lint:ignore has no reason: say why no guard is needed"
		case i.used:
			continue
		}
		r.found = append(r.found, analysis.Diagnostic{Pos: i.pos, Category: string(ignored), Message: text})
	}
}
