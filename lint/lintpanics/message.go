package lintpanics

import (
	"fmt"
	"strings"
)

// message returns the text of a diagnostic: what is wrong, why, and what to do.
func (r *reporter) message(subject string, v verdict) string {
	guard := r.fixer.pick().advised(r.c)
	switch v.Category {
	case missing:
		if v.Detail == "" { // a function of another package
			return fmt.Sprintf("%s has no guard: defer %s in a function around it", subject, guard)
		}
		return fmt.Sprintf("%s has no guard: defer %s before %s", subject, guard, v.Detail)
	case late:
		return fmt.Sprintf("%s has a guard, but too late: %s can panic outside of it", subject, v.Detail)
	case conditional:
		return fmt.Sprintf("%s has a guard on some paths only: %s can panic without it", subject, v.Detail)
	case early:
		if v.Starter != "" {
			return fmt.Sprintf("%s runs before the guard of %s and tells others that the goroutine has ended: "+
				"the process may end before the panic is reported: defer %s after it", subject, v.Starter, guard)
		}
		return fmt.Sprintf("%s runs before the guard and tells others that the goroutine has ended: "+
			"the process may end before the panic is reported: defer the guard after it", subject)
	case exits:
		return fmt.Sprintf("%s runs before the guard and ends the process or the goroutine without a report: defer the guard after it", subject)
	case notDeferred:
		return subject + " calls a guard instead of deferring it: it returns before there is a panic"
	case nested:
		return subject + " has a guard inside a deferred function, where recover returns nil: defer the guard itself"
	case deferRecover:
		return fmt.Sprintf("%s defers recover() itself, which recovers nothing: defer %s", subject, guard)
	case bareRecover:
		return fmt.Sprintf("%s calls recover() outside of a deferred function, where it returns nil: defer %s", subject, guard)
	case swallowed:
		return r.swallowedMessage(subject, v, guard)
	}
	return fmt.Sprintf("%s runs %s, which can't be seen here: start it in a function that defers a guard", subject, v.Detail)
}

// swallowedMessage names the function that recovers, because the advice depends on
// whose it is: nobody can change a function of a dependency.
func (r *reporter) swallowedMessage(subject string, v verdict, guard string) string {
	if v.Starter != "" {
		return fmt.Sprintf("%s has no guard, and %s recovers its panic without a report: defer %s in it; "+
			"if something reports the panic, set -starters %s:%d:reports", subject, v.Starter, guard, v.Starter, v.Argument)
	}
	if v.Helper == "" {
		return subject + " recovers a panic and does not report it on every path: hand the value to sentry.RecoverError"
	}
	there := "hand the value to sentry.RecoverError there, or "
	if !r.c.isOurs(v.Helper) {
		there = ""
	}
	return fmt.Sprintf("%s recovers a panic and does not report it on every path: %s recovers it: "+
		"%sdefer %s after it; if it reports elsewhere, set -guards %s",
		subject, v.Helper, there, guard, v.Helper)
}

// isOurs reports whether a function belongs to the module of this package, as far as
// its full name tells.
func (c *checker) isOurs(name string) bool {
	if m := c.module(); m != "" && (strings.HasPrefix(name, m+".") || strings.HasPrefix(name, m+"/")) {
		return true
	}
	return strings.HasPrefix(name, packagePath(c.pass.Pkg)+".")
}

// advised returns the guard as code of this package would write it.
func (g *guardFunc) advised(c *checker) string {
	if g.path == packagePath(c.pass.Pkg) {
		return g.name + "()"
	}
	return g.String()
}
