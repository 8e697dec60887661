package lintpanics_test

import (
	"fmt"
	"strings"
	"testing"
)

const noiseHead = `package p

import (
	"context"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

type server struct {
	mu sync.Mutex
	n  atomic.Int64
}

var (
	mu    sync.Mutex
	rw    sync.RWMutex
	cond  = sync.NewCond(&mu)
	n     atomic.Int64
	flag  atomic.Bool
	count int64
	any_  atomic.Value
	ptr   *atomic.Int64
	s     server
	sp    *server
	ctx   context.Context
	_     = runtime.GC
	_     = os.Remove
	_     = time.Now
	_     = cond
)

func f(c chan int) {
`

// TestNoise: a goroutine that does nothing but this needs no guard, or does.
func TestNoise(t *testing.T) {
	quiet := []string{
		"time.Sleep(time.Second)", "<-time.After(time.Second)", "_ = time.Since(time.Now())",
		"mu.Lock(); mu.Unlock()", "mu.Lock(); defer mu.Unlock()", "rw.RLock(); rw.RUnlock()", "(&mu).Lock()", "s.mu.Lock()",
		"n.Add(1)", "n.Store(2)", "flag.CompareAndSwap(false, true)", "atomic.AddInt64(&count, 1)", "_ = any_.Load()", "s.n.Add(1)",
		"runtime.Gosched()", "runtime.LockOSThread()", "<-c", "for range c { n.Add(1) }",
		"select { case <-c: case <-time.After(time.Second): }", "_ = os.Remove(\"a\")",
		"var m runtime.MemStats; runtime.ReadMemStats(&m)", "m := new(runtime.MemStats); runtime.ReadMemStats(m); _ = m.Alloc",
		"p := &s; p.mu.Lock(); p.n.Add(1)", "if sp := &s; true { sp.n.Add(1) }",
	}
	loud := []string{
		"ptr.Add(1)", "sp.mu.Lock()", "sp.n.Add(1)", "any_.Store(nil)", "close(c)", "c <- 1", "<-ctx.Done()", "time.NewTicker(0)",
		"cond.L.Lock()", "var m *runtime.MemStats; runtime.ReadMemStats(m)", "if sp != nil { sp.n.Add(1) }", "_ = 1 / count",
	}
	var text strings.Builder
	text.WriteString(noiseHead)
	first := strings.Count(noiseHead, "\n") + 1
	for _, code := range append(append([]string{}, quiet...), loud...) {
		fmt.Fprintf(&text, "\tgo func() { %s }()\n", code)
	}
	text.WriteString("}\n")
	reported := make(map[int]bool)
	for _, found := range newDriver(t).run(t, "example.com/p", text.String()) {
		reported[found.line-first] = true
	}
	for i, code := range quiet {
		if reported[i] {
			t.Errorf("false alarm: %s", code)
		}
	}
	for i, code := range loud {
		if !reported[len(quiet)+i] {
			t.Errorf("missed: %s", code)
		}
	}
}

// TestLoggersThatExit: a deferred Fatal of a logger ends the process before the guard
// reports.
func TestLoggersThatExit(t *testing.T) {
	d := newDriver(t)
	for path, code := range map[string]string{
		"github.com/panicreport/sentry": "func Recover() { recover() }\n",
		"github.com/sirupsen/logrus":    "func Fatal(args ...any) { exit(1) }\nfunc Error(args ...any) {}\n",
		"go.uber.org/zap":               "type Logger struct{}\nfunc (*Logger) Fatal(string) { exit(1) }\nfunc (*Logger) Error(string) {}\n",
	} {
		d.run(t, path, "package "+path[strings.LastIndex(path, "/")+1:]+"\n\nvar exit = func(int) {}\n\n"+code)
	}
	found := d.run(t, "example.com/p", `package p

import (
	"github.com/panicreport/sentry"
	"github.com/sirupsen/logrus"
	"go.uber.org/zap"
)

func f(l *zap.Logger, n int) {
	go func() {
		defer sentry.Recover()
		defer logrus.Fatal("end")
		println(1 / n)
	}()
	go func() {
		defer sentry.Recover()
		defer func() {
			l.Fatal("end")
		}()
		println(1 / n)
	}()
	go func() {
		defer sentry.Recover()
		defer l.Error("end")
		defer logrus.Error("end")
		println(1 / n)
	}()
}
`)
	if len(found) != 2 || found[0].line != 12 || found[0].category != "exits" || found[1].line != 17 || found[1].category != "exits" {
		t.Errorf("found %+v, want exits in lines 12 and 17", found)
	}
}

// TestHandedOn: a panic that a goroutine sends to one that panics with it is not
// swallowed. One that it sends elsewhere is.
func TestHandedOn(t *testing.T) {
	found := newDriver(t).run(t, "example.com/p", `package p

func f(work func()) {
	panics, errors := make(chan any, 1), make(chan any, 1)
	done := make(chan struct{})
	go func() {
		defer func() {
			if r := recover(); r != nil {
				panics <- r
			}
		}()
		work()
		close(done)
	}()
	go func() {
		defer func() {
			if r := recover(); r != nil {
				errors <- r
			}
		}()
		work()
	}()
	select {
	case r := <-panics:
		panic(r)
	case r := <-errors:
		println(r)
	case <-done:
	}
}
`)
	if len(found) != 1 || found[0].line != 15 || found[0].category != "swallowed" {
		t.Errorf("found %+v, want swallowed in line 15", found)
	}
}
