// The forms command starts a goroutine, in the form that its argument names,
// and panics in it. TestFormsTellTheTruth runs every form. The linter must
// report a form if and only if its panic gets no report there.
package main

import (
	"context"
	"fmt"
	"iter"
	"net"
	"net/rpc"
	"os"
	"reflect"
	"runtime"
	"sync"
	"time"

	"github.com/panicreport/sentry"
	"golang.org/x/sync/errgroup"

	"forms/common"
)

var never bool

func boom() { println("PANIC"); panic("boom") }

func boomError() error { boom(); return nil }

func bad() { boom() }

func good() {
	defer sentry.Recover()
	boom()
}

type job struct {
	run  func()
	name string
}

func (j job) bad()      { boom() }
func (j job) good()     { defer sentry.Recover(); boom() }
func (j *job) goodPtr() { defer sentry.Recover(); boom() }
func (j *job) badPtr()  { boom() }
func (j *job) guard() {
	if r := recover(); r != nil {
		sentry.RecoverError(r)
	}
}
func (j *job) guarded()   { defer j.guard(); boom() }
func (j *job) self() *job { return j }

type runner interface{ badPtr() }

type outer struct{ *job }

func gen[T any](T)     { boom() }
func genGood[T any](T) { defer sentry.Recover(); boom() }

type box[T any] struct{ v T }

func (b *box[T]) bad()  { boom() }
func (b *box[T]) good() { defer sentry.Recover(); boom() }

func mk() func()     { return func() { boom() } }
func mkGood() func() { return func() { defer sentry.Recover(); boom() } }
func mkMixed() func() {
	if never {
		return good
	}
	return bad
}

func param(f func())             { go f() }              // want `goroutine runs a parameter`
func iface(r runner)             { go r.badPtr() }       // want `goroutine badPtr runs an interface's method`
func field(j *job)               { go j.run() }          // want `goroutine boom has no guard`
func elem(fs []func())           { go fs[0]() }          // want `goroutine runs an element`
func recv(fs chan func())        { go (<-fs)() }         // want `goroutine runs a function value`
func each[R runner](r R)         { go r.badPtr() }       // want `goroutine badPtr runs an interface's method`
func expr(r runner)              { go runner.badPtr(r) } // want `goroutine badPtr runs an interface's method`
func assert(x any)               { go x.(func())() }     // want `goroutine runs an interface's value`
func nested()                    { sentry.Recover() }
func deferring()                 { defer sentry.Recover() }
func index(i int) int            { return []int{1}[i] }
func late(n int) context.Context { _ = index(n + 1); boom(); return context.Background() }

func sequence(yield func(int) bool) { yield(1); boom() }

type Service struct{}

func (*Service) Do(int, *int) error { boom(); return nil } // want `RPC method \(\*Service\).Do has no guard`

func serve() net.Conn {
	s := rpc.NewServer()
	_ = s.Register(new(Service))
	server, client := net.Pipe()
	go func() { defer sentry.Recover(); s.ServeConn(server) }()
	return client
}

var closures = []func(){bad}

var exported = bad
var Exported = good

var forms = map[string]func(){
	// The go statement.
	"literal":                   func() { go func() { boom() }() }, // want `goroutine has no guard: .* a call of boom \(forms.go:\d+\)`
	"literal guarded":           func() { go func() { defer sentry.Recover(); boom() }() },
	"parenthesised":             func() { go (func() { boom() })() }, // want `no guard`
	"parenthesised good":        func() { go (func() { defer sentry.Recover(); boom() })() },
	"function":                  func() { go bad() }, // want `goroutine bad has no guard`
	"function good":             func() { go good() },
	"method value":              func() { j := job{}; go j.bad() }, // want `goroutine job.bad has no guard`
	"method value good":         func() { j := job{}; go j.good() },
	"method addressable":        func() { j := job{}; go j.goodPtr() },
	"method pointer bad":        func() { j := job{}; go j.badPtr() }, // want `goroutine \(\*job\).badPtr has no guard`
	"method promoted":           func() { o := outer{new(job)}; go o.goodPtr() },
	"method promoted bad":       func() { o := outer{new(job)}; go o.badPtr() }, // want `no guard`
	"method expression":         func() { go job.bad(job{}) },                   // want `goroutine job.bad has no guard`
	"method expression good":    func() { go job.good(job{}) },
	"method expression pointer": func() { go (*job).goodPtr(new(job)) },
	"method expression wrapped": func() { println("PANIC"); go (*job).good(nil) }, // want `guard, but too late: the wrapper`
	"method of method":          func() { j := new(job); go j.self().goodPtr() },
	"interface":                 func() { iface(new(job)) },
	"interface expression":      func() { expr(new(job)) },
	"type parameter":            func() { each(new(job)) },
	"generic":                   func() { go gen(1) },      // want `goroutine gen has no guard`
	"generic instance":          func() { go gen[int](1) }, // want `goroutine gen has no guard`
	"generic good":              func() { go genGood(1) },
	"generic instance good":     func() { go genGood[int](1) },
	"generic method":            func() { b := box[int]{}; go b.bad() }, // want `goroutine \(\*box\).bad has no guard`
	"generic method good":       func() { b := box[int]{}; go b.good() },
	"call result":               func() { go mk()() }, // want `goroutine the result of mk has no guard`
	"call result good":          func() { go mkGood()() },
	"call result mixed":         func() { go mkMixed()() },                 // want `no guard`
	"variable":                  func() { f := func() { boom() }; go f() }, // want `no guard`
	"variable good":             func() { f := func() { defer sentry.Recover(); boom() }; go f() },
	"variable set twice": func() {
		f := good
		if !never {
			f = bad
		}
		go f()
	}, // want `goroutine bad has no guard`
	"variable unexported": func() { go exported() }, // want `goroutine bad has no guard`
	"variable exported":   func() { go Exported() },
	"variable method":     func() { f := new(job).goodPtr; go f() },
	"field":               func() { field(&job{run: boom}) },
	"parameter":           func() { param(boom) },
	"element":             func() { elem([]func(){boom}) },
	"received":            func() { c := make(chan func(), 1); c <- boom; recv(c) },
	"asserted":            func() { assert(boom) },
	"nested go":           func() { go func() { defer sentry.Recover(); go bad() }() }, // want `goroutine bad has no guard`
	"nested go good":      func() { go func() { defer sentry.Recover(); go good() }() },
	"builtin close":       func() { c := make(chan int); close(c); println("PANIC"); go close(c) }, // want `no guard: .* a call of close`
	"builtin panic":       func() { println("PANIC"); go panic(1) },                                // want `no guard: .* a call of panic`
	"builtin println":     func() { go println() },
	"sentry.Go":           func() { sentry.Go(boom) },
	"go guard":            func() { go sentry.Recover() }, // want `calls a guard instead of deferring it`

	// What else starts a goroutine.
	"WaitGroup.Go":            func() { var wg sync.WaitGroup; wg.Go(boom) }, // want `callback of wg.Go boom has no guard`
	"WaitGroup.Go good":       func() { var wg sync.WaitGroup; wg.Go(good) },
	"WaitGroup.Go literal":    func() { var wg sync.WaitGroup; wg.Go(func() { boom() }) },        // want `callback of wg.Go has no guard`
	"WaitGroup.Go value":      func() { var wg sync.WaitGroup; start := wg.Go; start(boom) },     // want `callback of start boom has no guard`
	"WaitGroup.Go expression": func() { var wg sync.WaitGroup; (*sync.WaitGroup).Go(&wg, boom) }, // want `boom has no guard`
	"errgroup.Go":             func() { var g errgroup.Group; g.Go(boomError) },                  // want `callback of g.Go boomError has no guard`
	"errgroup.Go good":        func() { var g errgroup.Group; g.Go(func() error { defer sentry.Recover(); return boomError() }) },
	"errgroup.TryGo":          func() { var g errgroup.Group; g.TryGo(boomError) },        // want `no guard`
	"errgroup embedded":       func() { var g struct{ errgroup.Group }; g.Go(boomError) }, // want `no guard`
	"time.AfterFunc":          func() { time.AfterFunc(0, boom) },                         // want `callback of time.AfterFunc boom has no guard`
	"time.AfterFunc good":     func() { time.AfterFunc(0, good) },
	"context.AfterFunc": func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		context.AfterFunc(ctx, boom)
	}, // want `no guard`
	"context.AfterFunc good": func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		context.AfterFunc(ctx, good)
	},
	"AddCleanup":      func() { p := new([16]int); runtime.AddCleanup(p, func(int) { boom() }, 1); collect(p) }, // want `no guard`
	"AddCleanup good": func() { p := new([16]int); runtime.AddCleanup(p, func(int) { good() }, 1); collect(p) },
	"SetFinalizer":    func() { p := new([16]int); runtime.SetFinalizer(p, func(*[16]int) { boom() }); collect(p) }, // want `no guard`
	"SetFinalizer good": func() {
		p := new([16]int)
		runtime.SetFinalizer(p, func(*[16]int) { defer sentry.Recover(); boom() })
		collect(p)
	},
	"SetFinalizer none": func() { p := new([16]int); runtime.SetFinalizer(p, nil); collect(p) },

	"net/rpc": func() { var n int; _ = rpc.NewClient(serve()).Call("Service.Do", 1, &n) },

	// What calls a function for a goroutine.
	"iter.Pull":      func() { next, _ := iter.Pull(sequence); go func() { next(); next() }() }, // want `no guard: .* a call of a variable`
	"iter.Pull good": func() { next, _ := iter.Pull(sequence); go func() { defer sentry.Recover(); next(); next() }() },
	"iterator": func() {
		go func() {
			for range sequence {
				_ = never
			}
		}()
	}, // want `no guard: .* a range over a function`
	"iterator good": func() {
		go func() {
			defer sentry.Recover()
			for range sequence {
				_ = never
			}
		}()
	},
	"sync.OnceFunc":     func() { go sync.OnceFunc(boom)() },                                      // want `no guard`
	"sync.Once.Do":      func() { var o sync.Once; go o.Do(boom) },                                // want `no guard`
	"guard by OnceFunc": func() { go func() { defer sync.OnceFunc(sentry.Recover)(); boom() }() }, // want `no guard`
	"reflect":           func() { go reflect.ValueOf(boom).Call(nil) },                            // want `no guard`
	"list of closures": func() {
		for _, f := range closures {
			go f()
		}
	}, // want `goroutine runs a variable`
	"bare recover of another name": func() {
		recover := func() any { return nil }
		go func() {
			defer func() {
				if r := recover(); r != nil {
					sentry.RecoverError(r)
				}
			}()
			boom()
		}()
	}, // want `recover returns nil`

	// What is a guard.
	"guard with context":        func() { ctx := context.Background(); go func() { defer sentry.RecoverWithContext(ctx); boom() }() },
	"guard of context argument": func() { go func() { defer sentry.RecoverWithContext(late(1)); boom() }() }, // want `guard, but too late: a call of late`
	"guard by helper":           func() { go func() { defer common.LogOnPanic(); boom() }() },
	"guard by other helper":     func() { go func() { defer common.Early(); boom() }() },
	"guard by switch":           func() { go func() { defer common.Switch(); boom() }() },
	"guard by reporter":         func() { go func() { defer common.Handed(); boom() }() },
	"guard by wrapper":          func() { go func() { defer common.Wrapped(); boom() }() },
	"guard by direct":           func() { go func() { defer common.Direct(); boom() }() },
	"guard by method":           func() { j := new(job); go func() { defer j.guard(); boom() }() },
	"guard by literal": func() {
		go func() {
			defer func() {
				if r := recover(); r != nil {
					sentry.RecoverError(r)
				}
			}()
			boom()
		}()
	},
	"guard by variable":       func() { g := sentry.Recover; go func() { defer g(); boom() }() },
	"guard by result":         func() { go func() { defer common.Guard("x")(); boom() }() },
	"guard in callee":         func() { go func() { good() }() },
	"guard in called literal": func() { go func() { func() { defer sentry.Recover(); boom() }() }() },
	"guard on both ways": func() {
		go func() {
			if never {
				defer sentry.Recover()
			} else {
				defer common.LogOnPanic()
			}
			boom()
		}()
	},
	"guard in a block": func() {
		go func() {
			{
				defer sentry.Recover()
			}
			boom()
		}()
	},
	"guard after return": func() {
		go func() {
			if never {
				return
			}
			defer sentry.Recover()
			boom()
		}()
	},
	"guard after Done": func() {
		var wg sync.WaitGroup
		wg.Add(1)
		go func() { defer wg.Done(); defer sentry.Recover(); boom() }()
	},
	"guard after safe": func() { go func() { x, y := 1, "a"; x++; _ = y + "b"; defer sentry.Recover(); boom() }() },
	"guarded method":   func() { go new(job).guarded() },

	// What is none.
	"missing with defer": func() { var wg sync.WaitGroup; wg.Add(1); go func() { defer wg.Done(); boom() }() },        // want `no guard`
	"late call":          func() { go func() { boom(); defer sentry.Recover() }() },                                   // want `too late: a call of boom`
	"late index":         func() { go func() { println("PANIC"); i := os.Args[9]; defer sentry.Recover(); _ = i }() }, // want `too late: an index`
	"late division": func() {
		z := len(os.Args) - 2
		go func() { println("PANIC"); i := 1 / z; defer sentry.Recover(); _ = i }()
	}, // want `too late: a division`
	"late pointer": func() { var j *job; go func() { println("PANIC"); n := j.name; defer sentry.Recover(); _ = n }() },   // want `too late: the field name of a pointer`
	"late map":     func() { var m map[string]int; go func() { println("PANIC"); m["a"] = 1; defer sentry.Recover() }() }, // want `too late: an assignment to a map`
	"late send": func() {
		c := make(chan int)
		close(c)
		go func() { println("PANIC"); c <- 1; defer sentry.Recover() }()
	}, // want `too late: a send`
	"late assertion": func() { var x any; go func() { println("PANIC"); s := x.(string); defer sentry.Recover(); _ = s }() }, // want `too late: a type assertion`
	"late comparison": func() {
		var x, y any = []int{1}, []int{1}
		go func() { println("PANIC"); b := x == y; defer sentry.Recover(); _ = b }()
	}, // want `too late: a comparison of interfaces`
	"late conversion": func() { var s []int; go func() { println("PANIC"); a := [1]int(s); defer sentry.Recover(); _ = a }() },  // want `too late: a conversion of a slice`
	"late make":       func() { n := -1; go func() { println("PANIC"); s := make([]int, n); defer sentry.Recover(); _ = s }() }, // want `too late: make with a size`
	"late deferred":   func() { go func() { defer boom(); defer sentry.Recover() }() },                                          // want `too late: a call of boom`
	"deferred close of a closed channel": func() {
		c := make(chan int)
		close(c)
		go func() { println("PANIC"); defer close(c); defer sentry.Recover() }()
	},
	"late goto": func() {
		go func() {
			if !never {
				goto end
			}
			defer sentry.Recover()
		end:
			boom()
		}()
	}, // want `too late: a jump`
	"conditional": func() {
		go func() {
			if never {
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `a guard on some paths only: a call of boom`
	"conditional else": func() {
		go func() {
			if !never {
				_ = 1
			} else {
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"conditional loop": func() {
		go func() {
			for never {
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"conditional switch": func() {
		go func() {
			switch {
			case never:
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"conditional select": func() {
		c := make(chan int)
		go func() {
			select {
			case <-c:
				defer sentry.Recover()
			default:
			}
			boom()
		}()
	}, // want `some paths only`
	"conditional risk": func() {
		go func() {
			if never {
				defer sentry.Recover()
			} else {
				boom()
				return
			}
			boom()
		}()
	}, // want `some paths only`
	"not deferred":          func() { go func() { sentry.Recover(); boom() }() },                       // want `calls a guard instead of deferring it`
	"not deferred helper":   func() { go func() { common.LogOnPanic(); boom() }() },                    // want `calls a guard instead of deferring it`
	"nested":                func() { go func() { defer func() { sentry.Recover() }(); boom() }() },    // want `a guard inside a deferred function`
	"nested named":          func() { go func() { defer nested(); boom() }() },                         // want `a guard inside a deferred function`
	"nested deferring":      func() { go func() { defer deferring(); boom() }() },                      // want `a guard inside a deferred function`
	"nested helper":         func() { go func() { defer func() { common.LogOnPanic() }(); boom() }() }, // want `a guard inside a deferred function`
	"defer recover":         func() { go func() { defer recover(); boom() }() },                        // want `defers recover\(\) itself`
	"bare recover":          func() { go func() { recover(); boom() }() },                              // want `calls recover\(\) outside of a deferred function`
	"bare recover value":    func() { go func() { r := recover(); boom(); _ = r }() },                  // want `calls recover\(\) outside`
	"bare recover argument": func() { go func() { defer println(recover()); boom() }() },               // want `calls recover\(\) outside`
	"swallowed":             func() { go func() { defer func() { recover() }(); boom() }() },           // want `recovers a panic and does not report it`
	"swallowed by helper":   func() { go func() { defer common.Swallow(); boom() }() },                 // want `recovers a panic and does not report it`
	"swallowed by type":     func() { go func() { defer common.ErrorsOnly(); boom() }() },              // want `recovers a panic and does not report it`
	"swallowed by flag":     func() { go func() { defer common.Sometimes(); boom() }() },               // want `recovers a panic and does not report it`
	"swallowed twice":       func() { go func() { defer common.Twice(); boom() }() },                   // want `recovers a panic and does not report it`

	"swallowed after replacing": func() { go func() { defer common.Replaced(); boom() }() }, // want `recovers a panic and does not report it`
	"swallowed by shadow":       func() { go func() { defer common.Shadowed(); boom() }() }, // want `recovers a panic and does not report it`
	"panicked again":            func() { go func() { defer common.Repanics(); boom() }() }, // want `no guard: .* before a call of boom`
	"guard by logger":           func() { l := new(common.Logger); go func() { defer l.OnPanic(); boom() }() },
	"handed on": func() {
		defer sentry.Recover()
		panics := make(chan any)
		go func() {
			defer func() {
				if r := recover(); r != nil {
					panics <- r
				}
			}()
			boom()
		}()
		panic(<-panics)
	},
	"handed on to nobody": func() {
		panics := make(chan any, 1)
		go func() { // want `recovers a panic and does not report it`
			defer func() {
				if r := recover(); r != nil {
					panics <- r
				}
			}()
			boom()
		}()
		println(<-panics != nil)
	},

	// What cannot panic.
	"empty":   func() { go func() {}() },
	"receive": func() { c := make(chan int); close(c); go func() { <-c }() },
	"select": func() {
		c := make(chan int)
		close(c)
		go func() {
			select {
			case <-c:
				return
			}
		}()
	},
	"range channel": func() {
		c := make(chan int)
		close(c)
		go func() {
			for range c {
			}
		}()
	},
	"arithmetic": func() {
		go func() {
			s := 0
			for i := range 10 {
				s += i * 2
			}
			_ = s
		}()
	},
	"comma ok": func() { var x any; go func() { s, ok := x.(string); _, _ = s, ok }() },
	"cancel":   func() { go func() { _ = context.Background() }() },
}

// collect makes p garbage and waits until its finalizer or cleanup has run.
func collect(*[16]int) {
	go func() {
		defer sentry.Recover()
		for range 5 {
			time.Sleep(20 * time.Millisecond)
			runtime.GC()
		}
	}()
}

func main() {
	if len(os.Args) < 2 {
		for name := range forms {
			fmt.Println(name)
		}
		return
	}
	forms[os.Args[1]]()
	time.Sleep(300 * time.Millisecond)
}
