package main

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// sink keeps the compiler from leaving work out.
var sink atomic.Int64

// stormOf lets goroutines panic within a second, while the program does something
// else. Each panic is survived.
func stormOf(lib library, goroutines int) (o protocol.Outcome) {
	quiet := work(time.Second, nil)
	var wg sync.WaitGroup
	var over atomic.Bool
	began := time.Now()
	for range goroutines {
		wg.Go(func() {
			defer func() { _ = recover() }()
			defer lib.guard()
			time.Sleep(rand.N(time.Second))
			deep(10)
		})
	}
	go func() { wg.Wait(); over.Store(true) }()
	busy := work(0, &over)
	o.Whole = time.Since(began)
	o.Slower = quiet / busy
	return o
}

// work counts what one goroutine gets done in a second.
func work(length time.Duration, over *atomic.Bool) float64 {
	began := time.Now()
	var n, x int
	for time.Since(began) < length || over != nil && !over.Load() {
		for i := range 10_000 {
			x += i * x
		}
		n++
	}
	sink.Store(int64(x))
	return float64(n) / time.Since(began).Seconds()
}
