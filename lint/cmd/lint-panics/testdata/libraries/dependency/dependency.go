// Package dependency has helpers as a project has, in a module of their own.
package dependency

import (
	"time"

	"github.com/panicreport/sentry"
)

func Go(f func()) { go f() }

func Inside(f func()) {
	go func() {
		println("inside")
		f()
	}()
}

func Deep(f func()) { middle(func() { f() }) }

func middle(f func()) { later(time.Millisecond, f) }

func later(d time.Duration, f func()) {
	run := func() { call(f) }
	time.Sleep(d)
	go run()
}

func call(f func()) { f() }

func Each(fs ...func()) {
	for _, f := range fs {
		go func(f func()) { f() }(f)
	}
}

func All(fs []func()) {
	for i := range fs {
		go fs[i]()
	}
}

func Try(f func()) { go try(f) }

func try(f func()) {
	defer func() {
		if r := recover(); r != nil {
			println("recovered")
		}
	}()
	f()
}

func Guarded(f func()) {
	go func() {
		defer sentry.Recover()
		f()
	}()
}

// Here calls f in the goroutine of its caller.
func Here(f func()) { call(f) }

type Runner interface{ Run() }

func Start(r Runner) { go r.Run() }

type Group struct{ n int }

func (g *Group) Go(f func()) {
	g.n++
	Go(f)
}

type Queue struct{ tasks chan func() }

func NewQueue() *Queue {
	q := &Queue{make(chan func(), 1)}
	go q.work()
	return q
}

func (q *Queue) Submit(f func()) { q.tasks <- f }

func (q *Queue) work() {
	for f := range q.tasks {
		f()
	}
}

func Map[T any](list []T, f func(T)) {
	for _, v := range list {
		go f(v)
	}
}

func After(f func()) { time.AfterFunc(time.Millisecond, f) }

// StartAll starts each of several interfaces, and Serve one that has another method.
func StartAll(list ...Runner) {
	for _, r := range list {
		go r.Run()
	}
}

type Service interface {
	Serve()
	Stop()
}

func Serve(s Service) { go s.Serve() }

type options struct{ task func() }

// An Option sets a function in a closure.
type Option func(*options)

func WithTask(f func()) Option { return func(o *options) { o.task = f } }

func New(list ...Option) {
	var o options
	for _, set := range list {
		set(&o)
	}
	go o.task()
}

// Config has hooks: Listen calls both in goroutines, one of which has a guard.
type Config struct {
	OnEvent func(int)
	OnStop  func()
}

func Listen(c Config) {
	go c.listen()
	go func() {
		defer sentry.Recover()
		if c.OnStop != nil {
			c.OnStop()
		}
	}()
}

func (c Config) listen() {
	if c.OnEvent != nil {
		c.OnEvent(1)
	}
}

// Starter and Value are starters as values.
func (q *Queue) Starter() func(func()) { return Go }

var Value = func(f func()) { go f() }

// Wrap returns a function that starts f, and Same one that calls it.
func Wrap(f func()) func() { return func() { go f() } }

func Same(f func()) func() { return func() { f() } }

func Typed[F ~func()](f F) { go f() }

// A Bus calls its subscribers in goroutines, and Safely without one.
type Bus[T any] struct {
	subscribers []func(T)
	direct      []func(T)
}

func (b *Bus[T]) Subscribe(f func(T)) { b.subscribers = append(b.subscribers, f) }

func (b *Bus[T]) Directly(f func(T)) { b.direct = append(b.direct, f) }

func (b *Bus[T]) Publish(v T) {
	for _, f := range b.direct {
		f(v)
	}
	go func() {
		for _, f := range b.subscribers {
			f(v)
		}
	}()
}
