// The libraries command passes a function that panics to a library, in the form that
// its argument names. TestLibraries runs every form, and compares what happens with
// what the linter says of it.
//
//	missing    nobody recovers: the process dies without a report
//	swallowed  the library recovers, and nobody is told
//	nothing    the library hands the panic on to the goroutine that waits, which has a guard
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"os"
	"os/exec"
	"time"

	"github.com/alitto/pond"
	pond2 "github.com/alitto/pond/v2"
	"github.com/bytedance/gopkg/util/gopool"
	"github.com/gammazero/workerpool"
	"github.com/oklog/run"
	"github.com/panicreport/sentry"
	"github.com/panjf2000/ants/v2"
	"github.com/robfig/cron/v3"
	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/iter"
	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"
	"gopkg.in/tomb.v2"
	"k8s.io/apimachinery/pkg/util/wait"

	"example.com/libraries/dependency"
)

func boom() {
	println("PANIC")
	panic("boom")
}

func boomError() error { boom(); return nil }

func boomContext(context.Context) { boom() }

type job struct{ name string }

func (j job) Run() { boom() }

type service struct{}

func (service) Serve() { boom() }
func (service) Stop()  {}

func boomEvent(int) { boom() }

func dial(context.Context, string, string) (net.Conn, error) { boom(); return nil, nil }

// group is an interface over errgroup.Group, of which this package need not know.
type group interface{ Go(func() error) }

func forms() map[string]func() {
	return map[string]func(){
		"errgroup":           func() { var g errgroup.Group; g.Go(boomError); _ = g.Wait() },                                        // want "missing"
		"errgroup.interface": func() { g := new(errgroup.Group); group(g).Go(boomError); _ = g.Wait() },                             // want "missing"
		"singleflight":       func() { var g singleflight.Group; <-g.DoChan("a", func() (any, error) { boom(); return nil, nil }) }, // want "missing"
		"singleflight.Do":    func() { var g singleflight.Group; _, _, _ = g.Do("a", func() (any, error) { boom(); return nil, nil }) },
		"conc":               func() { var wg conc.WaitGroup; wg.Go(boom); wg.Wait() },
		"conc.pool":          func() { p := pool.New(); p.Go(boom); p.Wait() },
		"conc.pool.errors":   func() { p := pool.New().WithErrors(); p.Go(boomError); _ = p.Wait() },
		"conc.stream":        func() { s := stream.New(); s.Go(func() stream.Callback { boom(); return nil }); s.Wait() },
		"conc.iter":          func() { iter.ForEach([]int{1}, func(*int) { boom() }) },
		"ants":               func() { _ = ants.Submit(boom) },                                                               // want "swallowed"
		"ants.pool":          func() { p, _ := ants.NewPool(1); _ = p.Submit(boom) },                                         // want "swallowed"
		"ants.func":          func() { p, _ := ants.NewPoolWithFunc(1, func(any) { boom() }); _ = p.Invoke(1) },              // want "swallowed"
		"gopool":             func() { gopool.Go(boom) },                                                                     // want "swallowed"
		"gopool.pool":        func() { gopool.NewPool("a", 1, gopool.NewConfig()).Go(boom) },                                 // want "swallowed"
		"gopool.context":     func() { gopool.CtxGo(context.Background(), boom) },                                            // want "swallowed"
		"oklog":              func() { var g run.Group; g.Add(boomError, func(error) {}); _ = g.Run() },                      // want "missing"
		"tomb":               func() { var t tomb.Tomb; t.Go(boomError); _ = t.Wait() },                                      // want "missing"
		"cron":               func() { c := cron.New(cron.WithSeconds()); _, _ = c.AddFunc("* * * * * *", boom); c.Start() }, // want "missing"
		"cron.job":           func() { c := cron.New(cron.WithSeconds()); _, _ = c.AddJob("* * * * * *", job{}); c.Start() }, // want "missing"
		"cron.jobfunc": func() {
			c := cron.New(cron.WithSeconds())
			_, _ = c.AddJob("* * * * * *", cron.FuncJob(boom))
			c.Start()
		}, // want "missing"
		"workerpool":         func() { workerpool.New(1).Submit(boom) },                                                    // want "missing"
		"workerpool.wait":    func() { workerpool.New(1).SubmitWait(boom) },                                                // want "missing"
		"pond":               func() { pond.New(1, 1).Submit(boom) },                                                       // want "swallowed"
		"pond.group":         func() { pond.New(1, 1).Group().Submit(boom) },                                               // want "swallowed"
		"pond2":              func() { _ = pond2.NewPool(1).Submit(boom).Wait() },                                          // want "swallowed"
		"pond2.go":           func() { _ = pond2.NewPool(1).Go(boom) },                                                     // want "swallowed"
		"pond2.default":      func() { _ = pond2.Submit(boom).Wait() },                                                     // want "swallowed"
		"wait.Group":         func() { var g wait.Group; g.Start(boom); g.Wait() },                                         // want "missing"
		"wait.Group.context": func() { var g wait.Group; g.StartWithContext(context.Background(), boomContext); g.Wait() }, // want "missing"

		"dependency":         func() { dependency.Go(boom) },            // want "missing"
		"dependency.inside":  func() { dependency.Inside(boom) },        // want "missing"
		"dependency.deep":    func() { dependency.Deep(boom) },          // want "missing"
		"dependency.each":    func() { dependency.Each(boom, boom) },    // want "missing"
		"dependency.all":     func() { dependency.All([]func(){boom}) }, // want "missing"
		"dependency.try":     func() { dependency.Try(boom) },           // want "swallowed"
		"dependency.guarded": func() { dependency.Guarded(boom) },
		"dependency.here":    func() { dependency.Here(boom) },
		"dependency.runner":  func() { dependency.Start(job{}) },                               // want "missing"
		"dependency.group":   func() { var g dependency.Group; g.Go(boom) },                    // want "missing"
		"dependency.method":  func() { f := new(dependency.Group).Go; f(boom) },                // want "missing"
		"dependency.queue":   func() { dependency.NewQueue().Submit(boom) },                    // want "missing"
		"dependency.generic": func() { dependency.Map([]int{1}, func(int) { boom() }) },        // want "missing"
		"dependency.after":   func() { dependency.After(boom) },                                // want "missing"
		"dependency.option":  func() { dependency.New(dependency.WithTask(boom)) },             // want "missing"
		"dependency.runners": func() { dependency.StartAll(job{}, job{}) },                     // want "missing"
		"dependency.service": func() { dependency.Serve(service{}) },                           // want "missing"
		"value.result":       func() { start := dependency.NewQueue().Starter(); start(boom) }, // want "missing"
		"value.variable":     func() { dependency.Value(boom) },                                // want "missing"
		"value.guarded":      func() { dependency.Value(func() { defer sentry.Recover(); boom() }) },
		"dependency.wrap":    func() { dependency.Wrap(boom)() }, // want "missing"
		"dependency.same":    func() { dependency.Same(boom)() },
		"dependency.typed":   func() { dependency.Typed(boom) },                                          // want "missing"
		"dependency.bus":     func() { var b dependency.Bus[int]; b.Subscribe(boomEvent); b.Publish(1) }, // want "missing"
		"dependency.direct":  func() { var b dependency.Bus[int]; b.Directly(boomEvent); b.Publish(1) },
		"hook.trace":         func() { traced(&httptrace.ClientTrace{GotFirstResponseByte: boom}) },                    // want "missing"
		"hook.trace.connect": func() { traced(&httptrace.ClientTrace{ConnectStart: func(string, string) { boom() }}) }, // want "missing"
		"hook.trace.same":    func() { traced(&httptrace.ClientTrace{GetConn: func(string) { boom() }}) },
		"hook":               func() { dependency.Listen(dependency.Config{OnEvent: func(int) { boom() }}) }, // want "missing"
		"hook.named":         func() { dependency.Listen(dependency.Config{OnEvent: boomEvent}) },            // want "missing"
		"hook.set": func() {
			var c dependency.Config
			c.OnEvent = boomEvent
			dependency.Listen(c)
		}, // want "missing"
		"hook.guarded": func() { dependency.Listen(dependency.Config{OnStop: boom}) },
		"hook.http": func() {
			t := &http.Transport{DialContext: dial}
			_, _ = (&http.Client{Transport: t}).Get("http://127.0.0.1:1/")
		}, // want "missing"
		"hook.exec": func() {
			ctx, cancel := context.WithCancel(context.Background())
			c := exec.CommandContext(ctx, os.Args[0], "wait")
			c.Cancel = boomError
			_ = c.Start()
			cancel()
			_ = c.Wait()
		}, // want "missing"
	}
}

// traced sends a request to a server that answers.
func traced(t *httptrace.ClientTrace) {
	s := httptest.NewServer(http.NotFoundHandler())
	r, _ := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), t), http.MethodGet, s.URL, nil)
	_, _ = http.DefaultClient.Do(r)
}

func main() {
	if len(os.Args) < 2 {
		for name := range forms() {
			fmt.Println(name)
		}
		return
	}
	defer sentry.Recover()
	if f := forms()[os.Args[1]]; f != nil {
		f()
	}
	time.Sleep(3 * time.Second) // a process that dies does so before; cron waits for the next second
}
