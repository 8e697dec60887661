package lintpanics

import (
	"flag"
	"fmt"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// sentryGuards report a panic when they are deferred.
var sentryGuards = names{
	terms.SentryPath + ".Recover":            true,
	terms.SentryPath + ".RecoverWithContext": true,
}

// sentrySinks report the value that a helper has recovered, which is the argument of
// this index.
var sentrySinks = map[string]int{
	terms.SentryPath + ".RecoverError":            0,
	terms.SentryPath + ".RecoverErrorWithContext": 1,
}

// sentryGo starts goroutines that have a guard.
var sentryGo = names{terms.SentryPath + ".Go": true, terms.SentryPath + ".GoWithContext": true}

// A config holds the values of the flags.
type config struct {
	starters  starters
	guards    names
	firstOf   string // the first of guards, which fixes insert
	insert    checkedGuard
	methods   names
	funcs     pattern
	skip      folders
	tests     bool
	allTests  bool
	generated bool
}

func (c *config) register(flags *flag.FlagSet) {
	flags.Var(&c.starters, "starters", "more functions that run an argument in a goroutine, as pkg.Func:0,pkg.Type.Method:1:recovers,pkg.Func:0:reports")
	flags.Var(guardsFlag{c}, "guards", "more functions that report a panic when deferred, as pkg.Func,pkg.Type.Method")
	flags.Var(&c.methods, "methods", "types whose exported methods are entry points, as pkg.Type,pkg.Other")
	flags.Var(&c.funcs, "funcs", "regular expression of functions that are entry points, matched against pkg.Func and pkg.Type.Method")
	flags.Var(&c.skip, "skip", "folders to leave out, from the module's root, as gen,third_party/x")
	flags.BoolVar(&c.tests, "tests", false, "look at _test.go files too, for guards that do not work and panics that nobody sees")
	flags.BoolVar(&c.allTests, "alltests", false, "as -tests, and for goroutines without a guard")
	flags.Var(&c.insert, terms.InsertFlag, "for lint-panics -fix: the guard to insert, as \"path package Func\", which it has checked")
	flags.BoolVar(&c.generated, "generated", false, "look at generated files too")
}

func (c *config) isGuard(fn *types.Func) bool {
	name := fullName(fn)
	return sentryGuards[name] || c.guards[name]
}

func (c *config) isSink(fn *types.Func) bool {
	_, ok := sentrySinks[fullName(fn)]
	return ok
}

// isSafe reports whether a call of fn cannot cause a panic without a report.
func (c *config) isSafe(fn *types.Func) bool {
	return c.isGuard(fn) || c.isSink(fn) || sentryGo[fullName(fn)]
}

// fullName returns the name of a function in the form that the flags use:
// pkg/path.Func or pkg/path.Type.Method. Type has no star, even if *Type has the
// method.
func fullName(fn *types.Func) string {
	if fn.Pkg() == nil {
		return fn.Name() // error.Error
	}
	path := packagePath(fn.Pkg())
	recv := fn.Signature().Recv()
	if recv == nil {
		return path + "." + fn.Name()
	}
	if named := namedType(recv.Type()); named != nil {
		return path + "." + named.Obj().Name() + "." + fn.Name()
	}
	return path + ".(" + recv.Type().String() + ")." + fn.Name()
}

// packagePath returns the path of a package without the suffix of a test variant:
//
//	example.com/p [example.com/p.test]
func packagePath(pkg *types.Package) string {
	path, _, _ := strings.Cut(pkg.Path(), " [")
	return path
}

// namedType returns T if t is a named type T or *T, and nil otherwise.
func namedType(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// names is the value of a flag that lists full names.
type names map[string]bool

func (n *names) String() string {
	return strings.Join(slices.Sorted(maps.Keys(*n)), ",")
}

func (n *names) Set(s string) error {
	*n = make(names)
	for name := range strings.SplitSeq(s, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !strings.Contains(name, ".") {
			return fmt.Errorf("name %q has no package", name)
		}
		(*n)[name] = true
	}
	return nil
}

// guardsFlag also stores the first guard of the list, which fixes insert.
type guardsFlag struct{ c *config }

func (f guardsFlag) String() string {
	if f.c == nil {
		return ""
	}
	return f.c.guards.String()
}

func (f guardsFlag) Set(s string) error {
	first, _, _ := strings.Cut(s, ",")
	f.c.firstOf = strings.TrimSpace(first)
	return f.c.guards.Set(s)
}

// checkedGuard is the value of terms.InsertFlag.
type checkedGuard struct{ path, pkgName, name string }

func (g *checkedGuard) String() string {
	if g.path == "" {
		return ""
	}
	return strings.Join([]string{g.path, g.pkgName, g.name}, " ")
}

func (g *checkedGuard) Set(s string) error {
	words := strings.Fields(s)
	if len(words) != 3 {
		return fmt.Errorf("guard %q is not of the form: path package Func", s)
	}
	*g = checkedGuard{words[0], words[1], words[2]}
	return nil
}

// pattern is the value of a flag with a regular expression.
type pattern struct{ *regexp.Regexp }

func (p *pattern) String() string {
	if p.Regexp == nil {
		return ""
	}
	return p.Regexp.String()
}

func (p *pattern) Set(s string) error {
	if s == "" {
		p.Regexp = nil
		return nil
	}
	re, err := regexp.Compile(s)
	p.Regexp = re
	return err
}

func (p *pattern) matches(name string) bool { return p.Regexp != nil && p.MatchString(name) }
