package main

import (
	"os"
	"runtime/debug"
	"sync"
	"syscall"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// ways to die. The first is under the guard of the library.
var ways = map[string]func(guard func()){
	protocol.Guarded:   func(guard func()) { defer guard(); deep(3) },
	protocol.Unguarded: func(func()) { go deep(3); select {} },
	protocol.Maps:      func(func()) { concurrentMap() },
	protocol.Deadlock:  func(func()) { var mu sync.Mutex; mu.Lock(); mu.Lock() },
	protocol.Fault:     func(func()) { fault() },
	protocol.Overflow:  func(func()) { debug.SetMaxStack(32 << 20); sink.Store(int64(endless(0))) },
	protocol.Abort:     func(func()) { _ = syscall.Kill(os.Getpid(), syscall.SIGABRT); select {} },
	protocol.Exit:      func(func()) { os.Exit(1) },
}

// fault writes where nothing may be written.
func fault() {
	page, err := syscall.Mmap(-1, 0, 4096, syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err == nil {
		page[0] = 1
	}
}

// endless needs more stack than there is.
//
//go:noinline
func endless(n int) int {
	if n < 0 {
		return 0
	}
	return endless(n+1) + n
}

func concurrentMap() {
	m := map[int]int{}
	for range 8 {
		go func() {
			for i := 0; ; i++ {
				m[i%8] = i
			}
		}()
	}
	select {}
}
