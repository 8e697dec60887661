package lintpanics_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

var (
	mutations = flag.Int("mutations", 500, "how many programs to make and to mutate")
	seed      = flag.Uint64("seed", 1, "of the programs")
)

// TestMutations makes programs in which every goroutine needs its guard and has it.
// The linter must report nothing. Then the test removes, moves or breaks one guard,
// and the linter must report just that goroutine.
func TestMutations(t *testing.T) {
	d := newDriver(t, "github.com/panicreport/sentry", "golang.org/x/sync/errgroup", "forms/common")
	random := rand.New(rand.NewPCG(*seed, 0))
	broken := make(map[string]int)
	for i := range *mutations {
		p := newProgram(random)
		if got := d.run(t, "p", p.source(-1, "")); len(got) > 0 {
			t.Fatalf("seed %d, program %d: false alarm: %v in\n%s", *seed, i, got, p.source(-1, ""))
		}
		victim, how := random.IntN(len(p.goroutines)), pick(random, breaks)
		broken[how]++
		source := p.source(victim, how)
		got := d.run(t, "p", source)
		if len(got) == 0 {
			t.Fatalf("seed %d, program %d: goroutine %d is %s, and nothing was said of\n%s", *seed, i, victim, how, source)
		}
		for _, f := range got {
			if owner(source, f.line) != victim {
				t.Fatalf("seed %d, program %d: goroutine %d is %s, but this was said: %v of\n%s", *seed, i, victim, how, f, source)
			}
		}
	}
	for _, how := range breaks {
		if broken[how] == 0 && *mutations > 100 {
			t.Errorf("no goroutine was %s", how)
		}
	}
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

// A program has some goroutines with guards.
type program struct{ goroutines []goroutine }

type goroutine struct {
	starter string   // has BODY for a literal, or NAME for a declared function
	params  string   // of the function
	results string   // of the function
	before  []string // statements that cannot panic
	ending  string   // tells others that the goroutine has ended
	guard   string
	after   []string // statements; the first one can panic
	seed    uint64
}

// startersUsed are the starters of the programs. BODY stands for the body of a
// function literal, and NAME for the name of a function. The other strings are the
// parameters and the results of the function.
var startersUsed = []struct{ text, params, results string }{
	{"go func() BODY()", "", ""},
	{"go (func() BODY)()", "", ""},
	{"go func(n int) BODY(1)", "n int", ""},
	{"go NAME()", "", ""},
	{"go NAME(1)", "n int", ""},
	{"go func() { defer sentry.Recover(); go NAME() }()", "", ""},
	{"{ f := func() BODY; go f() }", "", ""},
	{"{ f := NAME; go f() }", "", ""},
	{"wg.Go(func() BODY)", "", ""},
	{"wg.Go(NAME)", "", ""},
	{"g.Go(func() error BODY)", "", "error"},
	{"g.TryGo(NAME)", "", "error"},
	{"time.AfterFunc(1, NAME)", "", ""},
	{"context.AfterFunc(ctx, func() BODY)", "", ""},
	{"go receiver.NAME()", "", "method"},
	{"go (*T).NAME(&receiver)", "", "method"},
	{"go generic[int](NAME2)", "", "generic"},
}

var harmless = []string{
	"{ local := 1; local++; _ = local }", "<-done", "for range 3 { }", "_ = flag && !flag",
	"{ var s []int; s = append(s, 1); _ = len(s) }", "defer harmless()", "harmless()",
	"select { case <-done: default: }", "if flag { harmless() }", "switch { case flag: harmless() }",
	"go guarded()", "// a comment", "guarded()", "{ _, _ = any1.(string); okay, _ := any1.(string); _ = okay }",
}

var guards = []string{
	"defer sentry.Recover()", "defer sentry.RecoverWithContext(ctx)", "defer common.LogOnPanic()",
	"defer common.Early()", "defer common.Switch()", "defer receiver.guard()", "defer here()",
	"defer func() { if r := recover(); r != nil { sentry.RecoverError(r) } }()",
	"defer func() { sentry.RecoverError(recover()) }()", "defer common.Guard(\"x\")()",
	"{ defer sentry.Recover() }", "if flag { defer sentry.Recover() } else { defer here() }",
	"if flag { return }; defer sentry.Recover()",
}

// endings tell others that the goroutine has ended. They belong before the guard.
var endings = []string{
	"defer wg.Done()", "defer close(done)", "defer cancel()", "defer func() { done <- true }()",
	"defer func() { wg.Done() }()", "defer finish()", "defer receiver.finish()", "defer once.Do(func() { close(done) })",
	"defer func() { select { case done <- true: default: } }()", "defer ended.Done()",
	"defer func() { <-slots }()", "defer os.Exit(1)", "defer log.Fatal(1)", "defer runtime.Goexit()",
}

var risky = []string{
	"risk()", "println(1 / zero)", "println(slice[zero])", "ch <- 1", "println(ptr.n)", "m[\"a\"] = 1",
	"println(any1.(string))", "println(any1 == any2)", "close(ch)", "panic(1)", "callback()", "iface.Do()",
	"func() { risk() }()", "if flag { risk() }", "for i := range 3 { println(slice[i]) }", "defer risk()",
	"switch any1 { case any2: }", "println(*num)", "for range seq { }", "print([1]int(slice)[0])",
}

const (
	removed     = "without its guard"
	called      = "calling its guard"
	wrapped     = "wrapping its guard"
	moved       = "guarded after a risk"
	last        = "guarded at the end"
	conditional = "guarded under a condition"
	looped      = "guarded in a loop"
	recovers    = "deferring recover"
	bare        = "calling recover"
	swallows    = "swallowing its panic"
	deferred    = "deferring a risk before its guard"
	argument    = "guarded with a risky argument"
	other       = "guarded in a goroutine of its own"
	literal     = "guarded in a literal of its own"
	early       = "ending before its guard"
)

var breaks = []string{removed, called, wrapped, moved, last, conditional, looped, recovers, bare, swallows, deferred, argument, other, literal, early}

func newProgram(random *rand.Rand) *program {
	p := &program{}
	for range 1 + random.IntN(6) {
		s := pick(random, startersUsed)
		g := goroutine{starter: s.text, params: s.params, results: s.results, ending: pick(random, endings), guard: pick(random, guards), seed: random.Uint64()}
		for range random.IntN(3) {
			g.before = append(g.before, pick(random, harmless))
		}
		g.after = append(g.after, pick(random, risky))
		for range random.IntN(3) {
			g.after = append(g.after, pick(random, append(risky, harmless...)))
		}
		p.goroutines = append(p.goroutines, g)
	}
	return p
}

// statements returns the body of the goroutine. how tells whether, and in which way,
// its guard is broken.
func (g goroutine) statements(how string) []string {
	random := rand.New(rand.NewPCG(g.seed, 0))
	guard, after := []string{g.ending, g.guard}, g.after
	switch how {
	case removed:
		guard = nil
	case called:
		guard = []string{"sentry.Recover()"}
	case wrapped:
		guard = []string{"defer func() { sentry.Recover() }()"}
	case moved:
		n := 1 + random.IntN(len(after))
		after = append(append(append([]string{}, after[:n]...), g.guard), after[n:]...)
		guard = nil
	case last:
		after = append(append([]string{}, after...), g.guard)
		guard = nil
	case conditional:
		guard = []string{"if flag { " + g.guard + " }"}
	case looped:
		guard = []string{"for range slice { " + g.guard + " }"}
	case recovers:
		guard = []string{"defer recover()"}
	case bare:
		guard = []string{"recover()"}
	case swallows:
		guard = []string{"defer func() { recover() }()"}
	case deferred:
		guard = []string{"defer risk()", g.guard}
	case argument:
		guard = []string{"defer sentry.RecoverWithContext(ptr.ctx)"}
	case other:
		guard = []string{"go func() { defer sentry.Recover() }()"}
	case early:
		guard = []string{g.guard, g.ending}
	case literal:
		guard = []string{"func() { defer sentry.Recover() }()"}
	}
	all := append(append(append([]string{}, g.before...), guard...), after...)
	if g.results == "error" {
		for i := range all {
			all[i] = strings.ReplaceAll(all[i], "if flag { return };", "if flag { return nil };")
		}
		all = append(all, "return nil")
	}
	return all
}

func (g goroutine) body(how string) string {
	return "{\n" + strings.Join(g.statements(how), "\n") + "\n}"
}

const marker = "// goroutine "

// source returns the source of the program. The guard of the goroutine victim is
// broken.
func (p *program) source(victim int, how string) string {
	var starts, decls strings.Builder
	for i, g := range p.goroutines {
		broken := ""
		if i == victim {
			broken = how
		}
		name := fmt.Sprintf("f%d", i)
		fmt.Fprintf(&starts, "%s%d\n", marker, i)
		text := strings.ReplaceAll(g.starter, "BODY", g.body(broken))
		switch {
		case g.results == "generic":
			// A generic function runs its own body.
			text = strings.Replace(text, "generic[int](NAME2)", name+"[int](1)", 1)
			fmt.Fprintf(&decls, "func %s[T any](T) %s\n", name, g.body(broken))
		case g.results == "method":
			fmt.Fprintf(&decls, "func (t *T) %s() %s\n", name, g.body(broken))
		case strings.Contains(text, "NAME"):
			fmt.Fprintf(&decls, "func %s(%s) %s %s\n", name, g.params, g.results, g.body(broken))
		}
		fmt.Fprintf(&starts, "%s\n", strings.ReplaceAll(text, "NAME", name))
	}
	return fmt.Sprintf(frame, starts.String(), decls.String())
}

// declared matches the line that declares the function of a goroutine.
var declared = regexp.MustCompile(`^func (?:\(t \*T\) )?f(\d+)[(\[]`)

// owner returns the goroutine to which a line belongs. A goroutine is reported where
// it is started, and a wrong order in its function.
func owner(source string, line int) int {
	found := -1
	for i, text := range strings.Split(source, "\n") {
		if i+1 > line {
			break
		}
		if n, ok := strings.CutPrefix(text, marker); ok {
			fmt.Sscan(n, &found)
		} else if m := declared.FindStringSubmatch(text); m != nil {
			fmt.Sscan(m[1], &found)
		}
	}
	return found
}

const frame = `package p

import (
	"context"
	"log"
	"os"
	"runtime"
	"sync"
	"time"

	"forms/common"

	"github.com/panicreport/sentry"
	"golang.org/x/sync/errgroup"
)

type T struct {
	n   int
	ctx context.Context
}

func (t *T) guard() {
	if r := recover(); r != nil {
		sentry.RecoverError(r)
	}
}

func (t *T) finish() { wg.Done() }

func finish() { close(done) }

func here() {
	if r := recover(); r != nil {
		common.Report("here", r)
	}
}

var (
	receiver   T
	ptr        *T
	num        *int
	zero       int
	flag       bool
	slice      []int
	ch         chan int
	done       chan bool
	slots      chan bool
	m          map[string]int
	any1, any2 any
	callback   func()
	iface      interface{ Do() }
	ctx        context.Context
	wg         sync.WaitGroup
	ended      = &wg
	once       sync.Once
	cancel     context.CancelFunc
	g          errgroup.Group
	seq        func(func() bool)
	_          = time.Second
	_          = common.Early
	_          = os.Exit
	_          = log.Fatal
	_          = runtime.Goexit
)

func harmless() {}
func acquire()  { slots <- true }
func guarded()  { defer sentry.Recover(); risk() }
func risk()     { panic("risk") }

func start() {
%s}

%s`
