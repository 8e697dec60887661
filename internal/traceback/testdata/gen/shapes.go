package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/pprof"
	"slices"
	"sync"

	yaml "example.com/gen/pkg.v2"
)

type box[T any] struct{ v T }

//go:noinline
func (b *box[T]) Die(f func(T)) { f(b.v) }

//go:noinline
func (b box[T]) DieIn() {
	func() {
		func() { panicString() }()
	}()
}

//go:noinline
func generic[K comparable, V any](m map[K]V, k K) V {
	defer func() { panicString() }()
	return m[k]
}

type inner struct{ name string }

//go:noinline
func (i inner) Value() { panicString() }

//go:noinline
func (i *inner) Pointer() { panicString() }

type outer struct{ inner }

type valuer interface{ Value() }

type größe struct{}

//go:noinline
func (größe) überlauf(wörter ...string) { panicString() }

func init() {
	kinds["shape-generic-func"] = func() { generic(map[string]int{}, "a") }
	kinds["shape-generic-method"] = func() { (&box[point]{}).Die(func(point) { panicString() }) }
	kinds["shape-generic-closure"] = func() { box[string]{}.DieIn() }
	kinds["shape-method-value"] = func() { f := (&inner{}).Pointer; sink = f; f(); sink.(func())() }
	kinds["shape-method-value-go"] = func() { go (&inner{}).Pointer(); select {} }
	kinds["shape-method-fm"] = func() { call((&inner{"x"}).Pointer) }
	kinds["shape-method-expression"] = func() { f := (*inner).Pointer; f(&inner{}) }
	kinds["shape-promoted"] = func() { sink = &outer{}; sink.(valuer).Value() }
	kinds["shape-closures"] = func() { func() { func() { func() { panicString() }() }() }() }
	kinds["shape-gowrap"] = func() { go withArgs(1, "two", three, anything, point{1, 2}); select {} }
	kinds["shape-deferwrap"] = func() { deferWrapped() }
	kinds["shape-inlined"] = func() { inlinedOuter(1) }
	kinds["shape-args"] = func() { withArgs(1, "two", three, anything, point{3, 4}) }
	kinds["shape-unicode"] = func() { größe{}.überlauf("ä") }
	kinds["shape-escaped-path"] = func() { yaml.Do(panicString) }
	kinds["shape-escaped-path-go"] = func() { (&yaml.Decoder[int]{}).Go(panicString); select {} }
	kinds["shape-range-func"] = func() { rangeBody() }
	kinds["shape-sort"] = func() { slices.SortFunc(three, func(a, b int) int { panicString(); return 0 }) }
	kinds["shape-once"] = func() { var o sync.Once; o.Do(panicString) }
	kinds["shape-locked"] = func() { locked() }
	kinds["shape-labels"] = func() { labels() }
	kinds["shape-ancestors"] = func() { go func() { go func() { go panicString(); select {} }(); select {} }(); select {} }
	kinds["shape-deep"] = func() { deep(300) }
	kinds["shape-finalizer"] = func() { finalizer() }
	kinds["shape-cleanup"] = func() { cleanup() }
	kinds["shape-busy"] = func() { busy() }
}

//go:noinline
func call(f func()) { f() }

//go:noinline
func withArgs(n int, s string, list []int, a any, p point) {
	fmt.Sprint(n, s, list, a, p)
	panicString()
}

//go:noinline
func deferWrapped() {
	defer withArgs(zero, "deferred", nil, nil, point{})
}

func inlinedOuter(n int) { inlinedMiddle(n + 1) }

func inlinedMiddle(n int) { inlinedInner(n + 1) }

func inlinedInner(n int) {
	if n > 0 {
		panic("from an inlined function")
	}
}

//go:noinline
func rangeBody() {
	for range slices.Values(three) {
		panicString()
	}
}

//go:noinline
func locked() {
	runtime.LockOSThread()
	ready := make(chan bool)
	go func() {
		runtime.LockOSThread()
		bystander(ready)
	}()
	<-ready
	panicString()
}

//go:noinline
func labels() {
	ready := make(chan bool)
	set := pprof.Labels("tenant", `a "quoted" name`, "route", "/x/]:\n\té世\U0001F600")
	pprof.Do(context.Background(), set, func(context.Context) {
		go bystander(ready)
		<-ready
		panicString()
	})
}

//go:noinline
func deep(n int) {
	if n == 0 {
		panicString()
	}
	deep(n - 1)
}

//go:noinline
func finalizer() {
	func() {
		p := &secret{}
		runtime.SetFinalizer(p, func(*secret) { panicString() })
	}()
	for {
		runtime.GC()
	}
}

//go:noinline
func cleanup() {
	func() {
		p := &secret{}
		runtime.AddCleanup(p, func(int) { panicString() }, 1)
	}()
	for {
		runtime.GC()
	}
}

// busy dies while another goroutine runs on another thread.
//
//go:noinline
func busy() {
	ready := make(chan bool)
	go func() {
		ready <- true
		for {
			zero++
		}
	}()
	<-ready
	panicString()
}
