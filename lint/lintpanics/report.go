package lintpanics

import (
	"fmt"
	"go/ast"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// A reporter turns verdicts into diagnostics.
type reporter struct {
	c       *checker
	fixer   *fixer
	ignores []*ignore
	found   []analysis.Diagnostic
}

func newReporter(c *checker) *reporter {
	return &reporter{c: c, fixer: newFixer(c), ignores: c.ignores()}
}

// start reports a goroutine, at most once, for the first function without a guard
// that it may run.
func (r *reporter) start(s start) {
	if b := r.c.builtin(s.call); b != "" && s.arg < 0 {
		r.builtin(s, b)
		return
	}
	targets := r.c.resolve(s.fun)
	for _, t := range targets {
		if t.fn != nil && t.sum == nil && r.c.conf.isGuard(t.fn) {
			r.report(s.node, verdict{notDeferred, ""}, r.subject(s, t), nil)
			return
		}
		if v := r.c.summary(t).Body; v.Category != covered {
			r.report(s.node, v, r.subject(s, t), func() *analysis.SuggestedFix { return r.fixer.start(s, targets, v) })
			return
		}
	}
}

// builtin reports a go statement with a built-in function, such as go close(ch).
func (r *reporter) builtin(s start, name string) {
	switch name {
	case "recover":
		r.report(s.node, verdict{bareRecover, ""}, s.what, nil)
	case "clear", "copy", "print", "println": // cannot panic
	case "delete":
		if r.c.builtinCall(s.call, name) == nil {
			return
		}
		fallthrough
	default:
		r.report(s.node, verdict{missing, "a call of " + name}, s.what,
			func() *analysis.SuggestedFix { return r.fixer.wrapGo(s) })
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
	r.report(e.node, v, e.what+" "+r.c.shortName(e.fn), func() *analysis.SuggestedFix {
		if e.decl == nil {
			return nil
		}
		return r.fixer.body(e.decl, e.decl.Body, v)
	})
}

// report adds a diagnostic, unless a comment suppresses it.
func (r *reporter) report(node ast.Node, v verdict, subject string, fix func() *analysis.SuggestedFix) {
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
		Message:  message(subject, v),
	}
	if fix != nil {
		if f := fix(); f != nil {
			d.SuggestedFixes = []analysis.SuggestedFix{*f}
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

// message returns the text of a diagnostic: what is wrong, why, and what to do.
func message(subject string, v verdict) string {
	var text string
	switch v.Category {
	case missing:
		text = "%s has no guard: defer sentry.Recover() before %s"
		if v.Detail == "" { // a function of another package
			text = "%s has no guard: defer sentry.Recover() in it"
		}
	case late:
		text = "%s has a guard, but too late: %s can panic outside of it"
	case conditional:
		text = "%s has a guard on some paths only: %s can panic without it"
	case notDeferred:
		text = "%s calls a guard instead of deferring it: it returns before there is a panic"
	case nested:
		text = "%s has a guard inside a deferred function, where recover returns nil: defer the guard itself"
	case deferRecover:
		text = "%s defers recover() itself, which recovers nothing: defer sentry.Recover()"
	case bareRecover:
		text = "%s calls recover() outside of a deferred function, where it returns nil: defer sentry.Recover()"
	case swallowed:
		text = "%s recovers a panic and does not report it on every path: hand the value to sentry.RecoverError"
	case unseen:
		text = "%s runs %s, which can't be seen here: start it in a function that defers a guard"
	}
	if v.Detail == "" || v.Category == nested || v.Category == swallowed {
		return fmt.Sprintf(text, subject)
	}
	return fmt.Sprintf(text, subject, v.Detail)
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
