package lintpanics

import (
	"flag"
	"fmt"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// sentryGuards report a panic when they are deferred.
var sentryGuards = names{
	terms.SentryPath + ".Recover":            true,
	terms.SentryPath + ".RecoverWithContext": true,
}

// sentrySinks report the value that a helper has recovered, which is their first
// argument.
var sentrySinks = names{terms.SentryPath + ".RecoverError": true}

// sentryGo starts goroutines that have a guard.
var sentryGo = names{terms.SentryPath + ".Go": true}

// defaultStarters run an argument in a goroutine, without a guard around it.
var defaultStarters = starters{
	"sync.WaitGroup.Go":                         {0},
	"golang.org/x/sync/errgroup.Group.Go":       {0},
	"golang.org/x/sync/errgroup.Group.TryGo":    {0},
	"time.AfterFunc":                            {1},
	"context.AfterFunc":                         {1},
	"runtime.AddCleanup":                        {1},
	"runtime.SetFinalizer":                      {1},
	"net/http.Server.RegisterOnShutdown":        {0},
	"syscall.NewCallback":                       {0},
	"syscall.NewCallbackCDecl":                  {0},
	"golang.org/x/sys/windows.NewCallback":      {0},
	"golang.org/x/sys/windows.NewCallbackCDecl": {0},
	"syscall/js.FuncOf":                         {0},
}

// testStarters are starters with -tests only.
var testStarters = starters{
	"testing.T.Run":         {1},
	"testing.B.Run":         {1},
	"testing.B.RunParallel": {0},
	"testing.F.Fuzz":        {0},
	"testing/synctest.Test": {1},
}

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
	generated bool
}

func (c *config) register(flags *flag.FlagSet) {
	flags.Var(&c.starters, "starters", "more functions that run an argument in a goroutine, as pkg.Func:0,pkg.Type.Method:1")
	flags.Var(guardsFlag{c}, "guards", "more functions that report a panic when deferred, as pkg.Func,pkg.Type.Method")
	flags.Var(&c.methods, "methods", "types whose exported methods are entry points, as pkg.Type,pkg.Other")
	flags.Var(&c.funcs, "funcs", "regular expression of functions that are entry points, matched against pkg.Func and pkg.Type.Method")
	flags.Var(&c.skip, "skip", "folders to leave out, from the module's root, as gen,third_party/x")
	flags.BoolVar(&c.tests, "tests", false, "look at _test.go files: their goroutines, tests and t.Run functions")
	flags.Var(&c.insert, terms.InsertFlag, "for lint-panics -fix: the guard to insert, as \"path package Func\", which it has checked")
	flags.BoolVar(&c.generated, "generated", false, "look at generated files too")
}

// arguments returns which arguments fn runs in a goroutine.
func (c *config) arguments(fn *types.Func) []int {
	name := fullName(fn)
	if args, ok := defaultStarters[name]; ok {
		return args
	}
	if c.tests {
		if args, ok := testStarters[name]; ok {
			return args
		}
	}
	return c.starters[name]
}

func (c *config) isGuard(fn *types.Func) bool {
	name := fullName(fn)
	return sentryGuards[name] || c.guards[name]
}

func (c *config) isSink(fn *types.Func) bool { return sentrySinks[fullName(fn)] }

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

// starters is the value of a flag that lists full names with the argument that each
// one runs.
type starters map[string][]int

func (s *starters) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(*s)) {
		for _, i := range (*s)[name] {
			all = append(all, name+":"+strconv.Itoa(i))
		}
	}
	return strings.Join(all, ",")
}

// Set parses a list of this form:
//
//	example.com/pool.Pool.Submit:0,example.com/pool.Every:1
func (s *starters) Set(text string) error {
	*s = make(starters)
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		name, index, ok := strings.Cut(item, ":")
		i, err := strconv.Atoi(index)
		if !ok || err != nil || i < 0 || !strings.Contains(name, ".") {
			return fmt.Errorf("starter %q is not of the form pkg.Func:0", item)
		}
		(*s)[name] = append((*s)[name], i)
	}
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
