package main

import (
	"context"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	_ "unsafe" // for go:linkname

	"github.com/panicreport/sentry"
	"golang.org/x/sync/errgroup"

	"forms/common"
)

func init() { maps.Copy(forms, tricks) }

var hookVar func()

func setHook() { hookVar = func() { never = never && true } }

var hookField struct{ hooked func() }

type lazy struct{ cb func() }

func newLazy(on bool) *lazy {
	l := &lazy{}
	if on {
		l.cb = func() {}
	}
	return l
}

func maybeGuard() func() {
	if !never {
		return nil
	}
	return sentry.Recover
}

func maybeFunc() func() {
	if !never {
		return nil
	}
	return func() {}
}

type node struct {
	next *node
	arr  [3]int
	n    int
	f    func()
}

func safeNode() (x *node) {
	defer func() { x = nil }()
	return &node{}
}

func recoveredNode() *node {
	defer func() { recover() }()
	x := &node{}
	if !never {
		panic("inside")
	}
	return x
}

type hookType func()

func (h *hookType) set(f func()) { *h = f }

type stepper interface{ step() }

type good1 struct{}

func (good1) step() { defer sentry.Recover(); boom() }

type bad1 struct{}

func (bad1) step() { boom() }

type onlyOne interface{ only() }

type one struct{}

func (one) only() { defer sentry.Recover(); boom() }

func reportIf(r any, on bool) bool {
	if on {
		sentry.RecoverError(r)
	}
	return on
}

func reportBool(r any) bool { sentry.RecoverError(r); return true }

type embeds struct{ *node }

func doubled() {
	defer func() {
		if r := recover(); r != nil {
			sentry.RecoverError(r)
		}
	}()
	defer func() { recover() }()
	boom()
}

func guardGen[T any]() {
	if r := recover(); r != nil {
		sentry.RecoverError(r)
	}
}

type guardBox[T any] struct{ v T }

func (g guardBox[T]) guard() {
	if r := recover(); r != nil {
		sentry.RecoverError(r)
	}
}

type embedGuard struct{ guardBox[int] }

type ifaceGuard interface{ guard() }

var tricks = map[string]func(){
	"switch break before guard": func() {
		go func() {
			switch {
			default:
				if !never {
					break
				}
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"select break before guard": func() {
		c := make(chan int)
		close(c)
		go func() {
			select {
			case <-c:
				if !never {
					break
				}
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"labelled break of a switch": func() {
		go func() {
		L:
			switch {
			default:
				for {
					if !never {
						break L
					}
				}
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"type switch break": func() {
		var x any = 1
		go func() {
			switch x.(type) {
			case int:
				if !never {
					break
				}
				defer sentry.Recover()
			default:
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"nil hook": func() {
		if never {
			setHook()
		}
		go func() { println("PANIC"); hookVar() }()
	}, // want `which may be nil`
	"nil hook field": func() {
		if never {
			hookField.hooked = func() {}
		}
		go func() { println("PANIC"); hookField.hooked() }()
	}, // want `which may be nil`
	"nil local": func() {
		var f func()
		if never {
			f = func() {}
		}
		go func() { println("PANIC"); f() }()
	}, // want `which may be nil`
	"nil deferred local": func() {
		var f func()
		if never {
			f = func() {}
		}
		go func() { println("PANIC"); defer f(); defer sentry.Recover() }()
	}, // want `too late: .* may be nil`
	"nil field of a pointer": func() {
		l := newLazy(false)
		_ = l.cb
		go func() { println("PANIC"); l.cb() }()
	}, // want `which may be nil`
	"nil result guard":              func() { go func() { println("PANIC"); defer maybeGuard()() }() },        // want `some paths only`
	"nil result of another package": func() { go func() { println("PANIC"); defer common.MaybeGuard()() }() }, // want `some paths only`
	"nil result call":               func() { go func() { println("PANIC"); maybeFunc()() }() },               // want `which may be nil`
	"declared with comma": func() {
		var x any
		var m map[string]int
		go func() {
			println("PANIC")
			var (
				_, ok = x.(string)
				n     = []int{1}[len(m)+1]
			)
			_, _ = ok, n
		}()
	}, // want `no guard: .* before an index`
	"len of a nil array": func() {
		var x *node
		if never {
			x = nil
		}
		n := x
		_ = len(n.arr)
		go func() { println("PANIC"); n.n++ }()
	}, // want `no guard: .* before the field n of a pointer`
	"range of a nil array": func() {
		func(x *node) {
			for range x.arr {
				break
			}
			go func() { println("PANIC"); x.n++ }()
		}(nil)
	}, // want `no guard: .* before the field n of a pointer`
	"made and set nil": func() {
		x := safeNode()
		go func() { println("PANIC"); x.n++ }()
	}, // want `no guard: .* before the field n of a pointer`
	"made and recovered": func() {
		x := recoveredNode()
		go func() { println("PANIC"); x.n++ }()
	}, // want `no guard: .* before the field n of a pointer`
	"method sets a function": func() {
		h := hookType(sentry.Recover)
		h.set(bad)
		go func() { defer h(); boom() }()
	}, // want `no guard: .* before a call of a variable`
	"guard after iterator body": func() {
		go func() {
			for range slices.Values([]int{}) {
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `too late: a range over a function or a pointer`
	"interface of both": func() {
		var s stepper = good1{}
		if !never {
			s = bad1{}
		}
		go s.step()
	}, // want `no guard: .* before a call of boom`
	"interface of one": func() {
		var s onlyOne = one{}
		go s.only()
	},
	"closure in struct": func() {
		s := struct{ run, other func() }{run: boom, other: good}
		go s.run()
	}, // want `no guard: .* before a call of panic`
	"channel of functions": func() {
		c := make(chan func(), 1)
		c <- boom
		go func() { (<-c)() }()
	}, // want `no guard: .* before a call of a function value`
	"channel of functions guarded": func() {
		c := make(chan func(), 1)
		c <- good
		go func() {
			for f := range c {
				func() { defer sentry.Recover(); f() }()
			}
		}()
	},
	"method value of guard":      func() { g := guardBox[int]{}.guard; go func() { defer g(); boom() }() },
	"method expression of guard": func() { go func() { defer guardBox[int].guard(guardBox[int]{}); boom() }() },
	"promoted guard":             func() { e := embedGuard{}; go func() { defer e.guard(); boom() }() },
	"generic guard":              func() { go func() { defer guardGen[int](); boom() }() },
	"interface guard": func() {
		var g ifaceGuard = embedGuard{}
		go func() { defer g.guard(); boom() }()
	},
	"recovered in nested closure": func() {
		go func() {
			defer func() {
				func() {
					if r := recover(); r != nil {
						sentry.RecoverError(r)
					}
				}()
			}()
			boom()
		}()
	}, // want `inside a deferred function`
	"recover in a deferred of a deferred": func() {
		go func() {
			defer func() {
				defer func() {
					if r := recover(); r != nil {
						sentry.RecoverError(r)
					}
				}()
			}()
			boom()
		}()
	}, // want `inside a deferred function`
	"recover compared with nil": func() {
		go func() {
			defer func() {
				if recover() != nil {
					println("survived")
				}
			}()
			boom()
		}()
	}, // want `recovers a panic`
	"recover compared, reported otherwise": func() {
		go func() {
			defer func() {
				if recover() == nil {
					sentry.RecoverError("none")
				}
			}()
			boom()
		}()
	}, // want `recovers a panic`
	"recover with a condition": func() {
		go func() {
			defer func() {
				if r := recover(); r != nil && never {
					sentry.RecoverError(r)
				}
			}()
			boom()
		}()
	}, // want `recovers a panic`
	"reported by short circuit": func() {
		go func() {
			defer func() {
				r := recover()
				_ = never && reportBool(r)
			}()
			boom()
		}()
	}, // want `recovers a panic`
	"reported by a flag": func() {
		go func() {
			defer func() {
				if r := recover(); r != nil {
					reportIf(r, never)
				}
			}()
			boom()
		}()
	}, // want `recovers a panic`
	"repanic with another value": func() {
		go func() {
			defer sentry.Recover()
			defer func() {
				if r := recover(); r != nil {
					panic("another")
				}
			}()
			boom()
		}()
	},
	"recovered by two": func() { go doubled() }, // want `recovers a panic`
	"guard by a mix": func() {
		f := nested
		if !never {
			f = common.Swallow
		}
		go func() { defer sentry.Recover(); defer f(); boom() }()
	}, // want `forms/common\.Swallow recovers it`
	"guard by another mix": func() {
		f := common.Swallow
		if never {
			f = nested
		}
		go func() { defer sentry.Recover(); defer f(); boom() }()
	}, // want `forms/common\.Swallow recovers it`
	"context.AfterFunc stop": func() {
		ctx, cancel := context.WithCancel(context.Background())
		stop := context.AfterFunc(ctx, func() { boom() })
		_ = stop
		cancel()
	}, // want `no guard: .* before a call of boom`
	"timer Reset": func() {
		t := time.AfterFunc(time.Hour, func() { defer sentry.Recover(); boom() })
		t.Reset(0)
	},
	"AfterFunc method value": func() { j := new(job); time.AfterFunc(0, j.badPtr) }, // want `no guard: .* before a call of boom`
	"AfterFunc in a struct": func() {
		s := struct {
			after func(time.Duration, func()) *time.Timer
		}{time.AfterFunc}
		s.after(0, boom)
	}, // want `no guard: .* before a call of panic`
	"signal handler": func() {
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGUSR1)
		go func() { <-c; boom() }()
		_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	}, // want `no guard: .* before a call of boom`
	"signal handler guarded": func() {
		c := make(chan os.Signal, 1)
		signal.Notify(c, syscall.SIGUSR1)
		go func() { defer sentry.Recover(); <-c; boom() }()
		_ = syscall.Kill(os.Getpid(), syscall.SIGUSR1)
	},
	"sync.Once in goroutine": func() { var o sync.Once; go func() { o.Do(func() { boom() }) }() },                      // want `no guard: .* before a call of \(\*sync\.Once\)\.Do`
	"sync.OnceValue":         func() { f := sync.OnceValue(func() int { boom(); return 1 }); go func() { _ = f() }() }, // want `no guard: .* before a call of the result of sync\.OnceValue`
	"sort callback": func() {
		s := []int{2, 1}
		go func() { sort.Slice(s, func(int, int) bool { boom(); return true }) }()
	}, // want `no guard: .* before a call of sort\.Slice`
	"slices callback": func() {
		s := []int{2, 1}
		go func() { slices.SortFunc(s, func(int, int) int { boom(); return 1 }) }()
	}, // want `no guard: .* before a call of slices\.SortFunc`
	"strings callback": func() { go func() { _ = strings.Map(func(r rune) rune { boom(); return r }, "a") }() }, // want `no guard: .* before a call of strings\.Map`
	"sync.Pool New": func() {
		p := sync.Pool{New: func() any { boom(); return nil }}
		go func() { p.Get() }()
	}, // want `no guard: .* before a call of \(\*sync\.Pool\)\.Get`
	"sync.Map Range": func() {
		var m sync.Map
		m.Store(1, 1)
		go func() { m.Range(func(any, any) bool { boom(); return true }) }()
	}, // want `no guard: .* before a call of \(\*sync\.Map\)\.Range`
	"atomic pointer to function": func() {
		var p atomic.Pointer[func()]
		f := func() { boom() }
		p.Store(&f)
		go func() { (*p.Load())() }()
	}, // want `no guard: .* before a dereference`
	"errgroup variable": func() {
		g, _ := errgroup.WithContext(context.Background())
		run := g.Go
		run(boomError)
	}, // want `no guard: .* before a call of boom`
	"errgroup in a field": func() {
		s := struct{ g *errgroup.Group }{new(errgroup.Group)}
		for range 2 {
			s.g.Go(func() error { return boomError() })
		}
	}, // want `no guard: .* before a call of boomError`
	"http handler": func() {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { defer sentry.Recover(); boom() }))
		s.Config.ErrorLog = nil
		s.Start()
		_, _ = http.Get(s.URL)
	},
	"finalizer of a method": func() {
		p := new([16]int)
		runtime.SetFinalizer(p, fin2)
		collect(p)
	}, // want `no guard: .* before a call of boom`
	"goexit": func() {
		go func() {
			defer sentry.Recover()
			defer runtime.Goexit()
			boom()
		}()
	}, // want `runtime.Goexit runs before the guard`
	"goto over guard": func() {
		go func() {
			if !never {
				goto end
			}
			defer sentry.Recover()
		end:
			boom()
		}()
	}, // want `too late: a jump`
	"continue before guard": func() {
		go func() {
			for i := range 2 {
				if i < 5 {
					continue
				}
				defer sentry.Recover()
			}
			boom()
		}()
	}, // want `some paths only`
	"embedded nil": func() {
		e := embeds{}
		go func() { println("PANIC"); e.n++ }()
	}, // want `no guard: .* before the field n of a pointer`
	"nil embedded method": func() {
		var o outer
		go func() { println("PANIC"); o.bad() }()
	}, // want `no guard: .* before the method bad of a pointer`
	"pointer set in the loop": func() {
		x := &node{next: nil}
		for ; x != nil; x = x.next {
			_ = x.n
		}
		go func() { println("PANIC"); x.n++ }()
	}, // want `no guard: .* before the field n of a pointer`
	"pointer set by another": func() {
		x := &node{}
		set := func() { x = nil }
		set()
		go func() { println("PANIC"); x.n++ }()
	}, // want `no guard: .* before the field n of a pointer`
	"pointer set by address": func() {
		x := &node{}
		p := &x
		*p = nil
		go func() { println("PANIC"); x.n++ }()
	}, // want `no guard: .* before the field n of a pointer`
	"pointer checked in another branch": func() {
		func(x *node) {
			if never {
				_ = x.n
			}
			go func() { println("PANIC"); x.n++ }()
		}(nil)
	}, // want `no guard: .* before the field n of a pointer`
	"pointer checked in a switch": func() {
		func(x *node) {
			switch {
			case never && x.n > 0:
				return
			}
			go func() { println("PANIC"); x.n++ }()
		}(nil)
	}, // want `no guard: .* before the field n of a pointer`
	"pointer checked in a closure": func() {
		func(x *node) {
			_ = func() int { return x.n }
			go func() { println("PANIC"); x.n++ }()
		}(nil)
	}, // want `no guard: .* before the field n of a pointer`
	"pointer checked in a skipped loop": func() {
		func(x *node) {
			for range 0 {
				x.n++
			}
			go func() { println("PANIC"); x.n++ }()
		}(nil)
	}, // want `no guard: .* before the field n of a pointer`
	"pointer checked by or": func() {
		func(x *node) {
			if x == nil && never {
				return
			}
			go func() { println("PANIC"); x.n++ }()
		}(nil)
	}, // want `no guard: .* before the field n of a pointer`
	"pointer checked in a case": func() {
		c := make(chan int)
		close(c)
		func(x *node) {
			select {
			case <-c:
			case c <- x.n:
			}
		}(&node{})
		func(x *node) {
			go func() { println("PANIC"); x.n++ }()
		}(nil)
	}, // want `no guard: .* before the field n of a pointer`
	"index of pointer to array": func() {
		func(x *[3]int) {
			go func() { println("PANIC"); x[0]++ }()
		}(nil)
	}, // want `no guard: .* before an index`
	"range of pointer to array": func() {
		func(x *[3]int) {
			go func() {
				println("PANIC")
				for _, v := range x {
					_ = v
				}
			}()
		}(nil)
	}, // want `no guard: .* before a range over a function or a pointer`
	"range over integers and index": func() {
		s := []int{}
		go func() {
			println("PANIC")
			for i := range 3 {
				_ = s[i]
			}
		}()
	}, // want `no guard: .* before an index`
	"min of shift": func() {
		n := -1
		go func() { println("PANIC"); _ = min(1, 1<<n) }()
	}, // want `no guard: .* before a shift by a signed count`
	"map of interfaces": func() {
		m := map[any]int{}
		var k any = []int{}
		go func() { println("PANIC"); _ = m[k] }()
	}, // want `no guard: .* before a map with interfaces as keys`
	"map literal of interfaces": func() {
		var k any = []int{}
		go func() { println("PANIC"); _ = map[any]int{k: 1} }()
	}, // want `no guard: .* before a map with interfaces as keys`
	"delete of interfaces": func() {
		m := map[any]int{1: 1}
		var k any = []int{}
		go func() { println("PANIC"); delete(m, k) }()
	}, // want `no guard: .* before a call of delete`
	"switch of interfaces": func() {
		var a, b any = []int{}, []int{}
		go func() {
			println("PANIC")
			switch a {
			case b:
			}
		}()
	}, // want `no guard: .* before a comparison of interfaces`
	"struct compared": func() {
		type s struct{ x any }
		a, b := s{[]int{}}, s{[]int{}}
		go func() { println("PANIC"); _ = a == b }()
	}, // want `no guard: .* before a comparison of interfaces`
	"generic compared": func() { go func() { println("PANIC"); _ = compare[any]([]int{}, []int{}) }() }, // want `no guard: .* before a call of compare`
	"string index":     func() { s := ""; go func() { println("PANIC"); _ = s[0] }() },                  // want `no guard: .* before an index`
	"string slice":     func() { s := ""; go func() { println("PANIC"); _ = s[1:] }() },                 // want `no guard: .* before a slice of something`
	"select send": func() {
		c := make(chan int)
		close(c)
		go func() {
			println("PANIC")
			select {
			case c <- 1:
			default:
			}
		}()
	}, // want `no guard: .* before a send`
	"receive into a nil map": func() {
		c := make(chan int, 1)
		c <- 1
		var m map[string]int
		go func() {
			println("PANIC")
			select {
			case m["a"] = <-c:
			}
		}()
	}, // want `no guard: .* before an assignment to a map`
	"range into a nil map": func() {
		var m map[string]int
		go func() {
			println("PANIC")
			for m["a"] = range 3 {
			}
		}()
	}, // want `no guard: .* before an assignment to a map`
	"deferred in a loop": func() {
		go func() {
			for range 2 {
				defer boom()
			}
			defer sentry.Recover()
		}()
	}, // want `too late: a call of boom`
	"guard deferred in called literal": func() {
		go func() {
			func() { defer sentry.Recover() }()
			boom()
		}()
	}, // want `no guard: .* before a call of boom`
	"closure calls itself": func() {
		var f func(int)
		f = func(n int) {
			if n == 0 {
				boom()
			}
			f(n - 1)
		}
		go f(2)
	}, // want `no guard: .* before a call of boom`
	"recursive guard": func() { go recursive(2) },
	"mutual bad":      func() { go ping(2) }, // want `no guard: .* before a call of boom`
	"iter.Pull2": func() {
		next, stop := iter.Pull2(maps.All(map[int]int{1: 1}))
		go func() { defer stop(); next(); boom() }()
	}, // want `no guard: .* before a call of a variable`
	"unused result":        func() { go func() int { boom(); return 1 }() },                                                         // want `no guard: .* before a call of boom`
	"shadowed sentry":      func() { go func() { sentry := fake{}; defer sentry.Recover(); boom() }() },                             // want `no guard: .* before a call of boom`
	"shadowed recover":     func() { go func() { defer shadow(); boom() }() },                                                       // want `inside a deferred function`
	"method through a map": func() { m := map[string]func(){"a": boom}; go m["a"]() },                                               // want `runs an element`
	"array of functions":   func() { a := [1]func(){boom}; go a[0]() },                                                              // want `runs an element`
	"conversion":           func() { go http.HandlerFunc(func(http.ResponseWriter, *http.Request) { boom() }).ServeHTTP(nil, nil) }, // want `no guard: .* before a call of a parameter`
	"assigned in both branches": func() {
		var f func()
		if never {
			f = good
		} else {
			f = bad
		}
		go f()
	}, // want `no guard: .* before a call of boom`
	"send to an own channel": func() {
		c := make(chan int, 1)
		go func() { c <- 1 }()
		<-c
	},
	"send to a channel handed out": func() { <-after() },
	"send to a channel closed": func() {
		c := make(chan int)
		close(c)
		go func() { println("PANIC"); c <- 1 }()
	}, // want `no guard: .* before a send`
	"send to a channel closed elsewhere": func() {
		c := make(chan int)
		closeIt(c)
		go func() { println("PANIC"); c <- 1 }()
	}, // want `no guard: .* before a send`
	"send to a channel under another name": func() {
		c := make(chan int)
		d := c
		close(d)
		go func() { println("PANIC"); c <- 1 }()
	}, // want `no guard: .* before a send`
	"send to a channel in a field": func() {
		c := make(chan int)
		s := struct{ done chan int }{c}
		close(s.done)
		go func() { println("PANIC"); c <- 1 }()
	}, // want `no guard: .* before a send`
	"send to a channel for senders": func() {
		c := make(chan int)
		closeSender(c)
		go func() { println("PANIC"); c <- 1 }()
	}, // want `no guard: .* before a send`
	"send to a channel of an interface": func() {
		c := make(chan int)
		reflect.ValueOf(c).Close()
		go func() { println("PANIC"); c <- 1 }()
	}, // want `no guard: .* before a send`
	"send to a channel sent": func() { println("PANIC"); sendSent() },
	"clock of the runtime":   func() { go func() { _ = nanotime() }() },
	"harmless function":      func() { go os.RemoveAll("") },
	"harmless method":        func() { var m sync.Mutex; m.Lock(); go m.Unlock(); m.Lock() },
	"promoted Mutex":         func() { x := &locked{}; go func() { x.Lock(); x.n++; x.Unlock() }() },
	"promoted Mutex of nil": func() {
		func(x *locked) { go func() { println("PANIC"); x.Lock() }() }(nil)
	}, // want `before the method Lock of a pointer`
	"promoted Mutex of a nil pointer": func() {
		x := &struct{ *locked }{}
		go func() { println("PANIC"); x.Lock() }()
	}, // want `before the method Lock of a pointer`
	"swallowed in part by another package": func() {
		go func() {
			defer sentry.Recover()
			defer common.SomeAgain()
			boom()
		}()
	},
	"multi assign": func() {
		f, g := good, bad
		f, g = g, f
		go f()
	}, // want `no guard: .* before a call of boom`
}

//go:linkname nanotime runtime.nanotime
func nanotime() int64

type locked struct {
	sync.Mutex
	n int
}

func after() <-chan int {
	c := make(chan int, 1)
	time.AfterFunc(0, func() { c <- 1 })
	return c
}

func closeIt(c chan int) { close(c) }

func closeSender(c chan<- int) { close(c) }

func sendSent() {
	cs := make(chan chan int, 1)
	c := make(chan int)
	cs <- c
	close(<-cs)
	go func() { c <- 1 }() // want `before a send`
}

type fake struct{}

func (fake) Recover() {}

func shadow() {
	recover := func() any { return nil }
	if r := recover(); r != nil {
		sentry.RecoverError(r)
	}
}

func compare[T comparable](a, b T) bool { return a == b }

func recursive(n int) {
	defer sentry.Recover()
	if n == 0 {
		boom()
	}
	recursive(n - 1)
}

func ping(n int) {
	if n == 0 {
		boom()
	}
	pong(n - 1)
}

func pong(n int) { ping(n) }

func fin2(*[16]int) { boom() }
