package main

import (
	"context"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
)

// crowd has goroutines that wait for one, which waits for something else.
func crowd() {
	var mu sync.Mutex
	held := make(chan bool)
	go func() {
		mu.Lock()
		held <- true
		<-held
	}()
	<-held
	var begun sync.WaitGroup
	for range 10_000 {
		begun.Add(1)
		go func() { begun.Done(); mu.Lock() }()
	}
	for range 200 {
		begun.Add(1)
		go func() { begun.Done(); select {} }()
	}
	begun.Wait()
	debug.SetTraceback("all")
	panic("in a crowd")
}

// throng has more to tell than any pipe holds.
func throng() {
	for range 20_000 {
		go func() { select {} }()
	}
	debug.SetTraceback("all")
	panic("in a throng")
}

// variety has 300 stacks that differ: by the steps that lead there.
func variety() {
	ready := make(chan bool)
	for n := range 300 {
		go step(3, n, ready)
		<-ready
	}
	debug.SetTraceback("all")
	runtime.Gosched()
	panic("in a variety")
}

func step(left, n int, ready chan bool) {
	if left == 0 {
		ready <- true
		select {}
	}
	switch n % 7 {
	case 0:
		step(left-1, n/7, ready)
	case 1:
		step(left-1, n/7, ready)
	case 2:
		step(left-1, n/7, ready)
	case 3:
		step(left-1, n/7, ready)
	case 4:
		step(left-1, n/7, ready)
	case 5:
		step(left-1, n/7, ready)
	default:
		step(left-1, n/7, ready)
	}
}

// labels dies with labels that are secrets by their name, and by their text.
func labels() {
	ready := make(chan bool)
	label("other", "billing", "password", "hunter2 horse", "who", "eve@example.com")
	go func() {
		ready <- true
		select {}
	}()
	<-ready
	label("tenant", "acme corp", "password", "hunter2", "who", "ada@example.com")
	debug.SetTraceback("all")
	runtime.Gosched()
	panic("with labels")
}

func label(pairs ...string) {
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(pairs...)))
}
