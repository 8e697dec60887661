// Command tool panics below closures of all kinds that the compiler names after main.
package main

import (
	"maps"
	"os"
	"sync"

	"example.com/acme/lib/sub"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")), sentry.WithSpool(os.Getenv("FATAL_SPOOL"))); err != nil {
		panic(err)
	}
	defer sentry.Close()
	switch os.Args[1] {
	case "guarded":
		defer sentry.Recover()
	case "none":
		return
	}
	descend()
}

// app has closures of its own, which stay as they are.
type app struct{}

func (app) own(f func()) func() { return func() { f() } }

var inInit = sub.Wrap(func() { app{}.own(func() { panic("below closures") })() })

//go:noinline
func descend() {
	value := sync.OnceValue(func() int {
		sub.Wrap(func() {
			sub.New(func() {
				sub.Make(func() {
					sub.Typed(1, func() {
						sub.NewGeneric[int](func() {
							for range sub.Each(loops) {
								return
							}
						}).Call()()
					})()
				}).Value()()
			}).Method()()
		})()
		return 1
	})
	value()
}

func loops() {
	sub.Loop(func(yield func(int) bool) { yield(1) }, func() {
		for range maps.Keys(map[int]int{1: 1}) {
			within()
		}
	})
}

func within() { inInit() }
