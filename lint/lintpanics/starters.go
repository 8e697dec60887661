package lintpanics

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// An outcome is what a starter does with a panic.
type outcome string

const (
	dies     outcome = ""         // it ends the process
	recovers outcome = "recovers" // the starter recovers it, and nobody is told
	reports  outcome = "reports"  // the starter reports it, or hands it on to the goroutine that waits
)

// A starter is an argument that a function runs in a goroutine.
type starter struct {
	arg     int
	method  string // if the argument is an interface, the method that runs
	outcome outcome
}

// builtinStarters are the starters that the analyzer knows by name, because the bodies
// of these functions do not show it: they end in the runtime, or put the function
// into a queue. Facts tell of all others. Each line has the source in which we have
// read what happens to a panic.
var builtinStarters = starters{
	// Go's own: no recover in the runtime's goroutines.
	"time.AfterFunc":                            {{1, "", dies}},
	"context.AfterFunc":                         {{1, "", dies}},
	"runtime.AddCleanup":                        {{1, "", dies}},
	"runtime.SetFinalizer":                      {{1, "", dies}},
	"net/http.Server.RegisterOnShutdown":        {{0, "", dies}},
	"syscall.NewCallback":                       {{0, "", dies}},
	"syscall.NewCallbackCDecl":                  {{0, "", dies}},
	"golang.org/x/sys/windows.NewCallback":      {{0, "", dies}},
	"golang.org/x/sys/windows.NewCallbackCDecl": {{0, "", dies}},
	"syscall/js.FuncOf":                         {{0, "", dies}},

	// waitgroup.go of go1.26: recovers, and panics again without calling Done.
	"sync.WaitGroup.Go": {{0, "", dies}},
	// errgroup.go of golang.org/x/sync v0.24.0: "It is tempting to propagate panics".
	"golang.org/x/sync/errgroup.Group.Go":    {{0, "", dies}},
	"golang.org/x/sync/errgroup.Group.TryGo": {{0, "", dies}},
	// singleflight.go of golang.org/x/sync v0.24.0: go panic(e), where nothing can recover it.
	"golang.org/x/sync/singleflight.Group.DoChan": {{1, "", dies}},

	// testing.go of go1.26, tRunner: the test fails with its name, and the panic goes on.
	"testing.T.Run":          {{1, "", reports}},
	"testing.B.Run":          {{1, "", reports}},
	"testing.B.RunParallel":  {{0, "", reports}},
	"testing.F.Fuzz":         {{0, "", reports}},
	"testing.common.Cleanup": {{0, "", reports}},
	"testing.Benchmark":      {{0, "", dies}}, // benchmark.go: go b.launch()
	"testing/synctest.Test":  {{1, "", reports}},

	// group.go of github.com/oklog/run v1.2.0: go func(a actor) { errors <- a.execute() }(a).
	"github.com/oklog/run.Group.Add": {{0, "", dies}},
	// cron.go of github.com/robfig/cron/v3 v3.0.1, startJob; only cron.Recover of chain.go recovers.
	"github.com/robfig/cron/v3.Cron.AddFunc":  {{1, "", dies}},
	"github.com/robfig/cron/v3.Cron.AddJob":   {{1, "Run", dies}},
	"github.com/robfig/cron/v3.Cron.Schedule": {{1, "Run", dies}},
	// cron.go of github.com/robfig/cron v1.2.0, runWithRecovery: writes a log line.
	"github.com/robfig/cron.Cron.AddFunc": {{1, "", recovers}},
	// workerpool.go of github.com/gammazero/workerpool v1.3.0, worker: task().
	"github.com/gammazero/workerpool.WorkerPool.Do":         {{0, "", dies}},
	"github.com/gammazero/workerpool.WorkerPool.DoWait":     {{0, "", dies}},
	"github.com/gammazero/workerpool.WorkerPool.Submit":     {{0, "", dies}},
	"github.com/gammazero/workerpool.WorkerPool.SubmitWait": {{0, "", dies}},

	// panics.go of github.com/sourcegraph/conc v0.3.0: Wait panics again where it is called.
	"github.com/sourcegraph/conc.WaitGroup.Go": {{0, "", reports}},

	// worker.go of github.com/panjf2000/ants/v2 v2.12.1: calls PanicHandler, or writes a log line.
	"github.com/panjf2000/ants/v2.Submit":                 {{0, "", recovers}},
	"github.com/panjf2000/ants/v2.Pool.Submit":            {{0, "", recovers}},
	"github.com/panjf2000/ants/v2.MultiPool.Submit":       {{0, "", recovers}},
	"github.com/panjf2000/ants/v2.NewPoolWithFunc":        {{1, "", recovers}},
	"github.com/panjf2000/ants/v2.NewPoolWithFuncGeneric": {{1, "", recovers}},
	// worker.go of github.com/bytedance/gopkg v0.1.4: calls the panic handler, or writes a log line.
	"github.com/bytedance/gopkg/util/gopool.Go":         {{0, "", recovers}},
	"github.com/bytedance/gopkg/util/gopool.CtxGo":      {{1, "", recovers}},
	"github.com/bytedance/gopkg/util/gopool.Pool.Go":    {{0, "", recovers}},
	"github.com/bytedance/gopkg/util/gopool.Pool.CtxGo": {{1, "", recovers}},
	// pond.go of github.com/alitto/pond v1.9.2, executeTask: calls the panic handler, which prints.
	"github.com/alitto/pond.WorkerPool.Submit":           {{0, "", recovers}},
	"github.com/alitto/pond.WorkerPool.TrySubmit":        {{0, "", recovers}},
	"github.com/alitto/pond.WorkerPool.SubmitAndWait":    {{0, "", recovers}},
	"github.com/alitto/pond.WorkerPool.SubmitBefore":     {{0, "", recovers}},
	"github.com/alitto/pond.TaskGroup.Submit":            {{0, "", recovers}},
	"github.com/alitto/pond.TaskGroupWithContext.Submit": {{0, "", recovers}},
	// task.go of github.com/alitto/pond/v2 v2.7.1, invokeTask: Wait returns the panic as an error.
	"github.com/alitto/pond/v2.Submit":              {{0, "", recovers}},
	"github.com/alitto/pond/v2.SubmitErr":           {{0, "", recovers}},
	"github.com/alitto/pond/v2.Pool.Go":             {{0, "", recovers}},
	"github.com/alitto/pond/v2.Pool.Submit":         {{0, "", recovers}},
	"github.com/alitto/pond/v2.Pool.SubmitErr":      {{0, "", recovers}},
	"github.com/alitto/pond/v2.Pool.TrySubmit":      {{0, "", recovers}},
	"github.com/alitto/pond/v2.Pool.TrySubmitErr":   {{0, "", recovers}},
	"github.com/alitto/pond/v2.TaskGroup.Submit":    {{0, "", recovers}},
	"github.com/alitto/pond/v2.TaskGroup.SubmitErr": {{0, "", recovers}},

	terms.SentryPath + ".Go":            {{0, "", reports}},
	terms.SentryPath + ".GoWithContext": {{1, "", reports}},
}

// starters are functions by full name, with the arguments that they run in a
// goroutine. It is also the value of the flag -starters.
type starters map[string][]starter

func (s *starters) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(*s)) {
		for _, st := range (*s)[name] {
			all = append(all, name+":"+st.String())
		}
	}
	return strings.Join(all, ",")
}

func (s starter) String() string {
	text := strconv.Itoa(s.arg)
	if s.method != "" {
		text += "." + s.method
	}
	if s.outcome != dies {
		text += ":" + string(s.outcome)
	}
	return text
}

// Set parses a list of this form:
//
//	example.com/pool.Pool.Submit:0,example.com/pool.Every:1:recovers,example.com/cron.Add:1.Run
func (s *starters) Set(text string) error {
	*s = make(starters)
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		name, st, ok := parseStarter(item)
		if !ok {
			return fmt.Errorf("starter %q is not of the form pkg.Func:0, pkg.Func:0.Method, pkg.Func:0:recovers or pkg.Func:0:reports", item)
		}
		(*s)[name] = append((*s)[name], st)
	}
	return nil
}

func parseStarter(item string) (name string, st starter, ok bool) {
	name, rest, _ := strings.Cut(item, ":")
	index, what, hasOutcome := strings.Cut(rest, ":")
	index, st.method, _ = strings.Cut(index, ".")
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || !strings.Contains(name, ".") {
		return "", starter{}, false
	}
	st.arg, st.outcome = i, outcome(what)
	return name, st, !hasOutcome || st.outcome == recovers || st.outcome == reports
}

// named returns what a flag, or the list above, says of a function.
func (c *config) named(fn *types.Func) (list []starter, ok bool) {
	name := fullName(fn)
	if list, ok := c.starters[name]; ok {
		return list, true
	}
	list, ok = builtinStarters[name]
	return list, ok
}

// runsOf returns the parameters that a function calls or starts, as far as that is
// known by name, by facts, or by its body.
func (c *checker) runsOf(fn *types.Func) []callback {
	if list, ok := c.conf.named(fn); ok {
		var all []callback
		for _, st := range list {
			if guarded := sentryGo[fullName(fn)]; guarded || st.outcome != reports {
				all = append(all, callback{
					Param: st.arg, Method: st.method, Started: true,
					Recovers: st.outcome == recovers, Guarded: guarded, Where: fullName(fn),
				})
			}
		}
		return all
	}
	if decl := c.decls.of[fn]; decl != nil {
		if decl.Body == nil {
			return nil
		}
		return c.callbacks(decl)
	}
	return c.imported(fn).Runs
}
