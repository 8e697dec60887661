package main

import (
	"fmt"
	"sync"
	"testing"
	"time"

	peer "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/bench/peers/protocol"
)

// Sink keeps the compiler from leaving calls out.
var Sink int

func guardSentryGo() {
	if value := recover(); value != nil {
		peer.CurrentHub().Recover(value)
		panic(value)
	}
}

//go:noinline
func bare() { Sink++ }

//go:noinline
func underClosure() {
	defer func() { _ = recover() }()
	Sink++
}

//go:noinline
func underSentryGo() {
	defer guardSentryGo()
	Sink++
}

//go:noinline
func underOurs() {
	defer sentry.Recover()
	Sink++
}

// Another program on the same machine slows each call by as much as the last, or by
// twice as much. So a round is short, and has all of them: a tenth of a millisecond for
// each is less than the system gives a process at once, and the ratio is that of a round.
const (
	guardRounds = 20_000
	guardCalls  = 20_000
)

// calls compares guards that have nothing to do. Neither library is started: that
// changes nothing, as none asks before it has recovered something.
func calls(d *document) error {
	rows := []struct {
		name string
		f    func()
	}{
		{"a call", bare}, {"a deferred closure that recovers", underClosure},
		{"sentry-go's documented guard", underSentryGo}, {protocol.Ours, underOurs},
	}
	const reference = 1 // of the ratio
	times, ratios := make([][]float64, len(rows)), make([][]float64, len(rows))
	for round := range guardRounds {
		took := make([]float64, len(rows))
		for i := range rows {
			i = (i + round) % len(rows) // none is always the first
			began := time.Now()
			for range guardCalls {
				rows[i].f()
			}
			took[i] = float64(time.Since(began).Nanoseconds()) / guardCalls
		}
		for i, t := range took {
			times[i] = append(times[i], t)
			ratios[i] = append(ratios[i], t/took[reference])
		}
	}
	table := [][]string{{"guard", "ns", "of a deferred closure", "allocations"}}
	var pictured []bar
	for i, row := range rows {
		table = append(table, []string{row.name, fmt.Sprintf("%.2f", median(times[i])), ratio(median(ratios[i]), 1), fmt.Sprint(testing.AllocsPerRun(guardCalls, row.f))})
		pictured = append(pictured, bar{row.name, median(times[i]), fmt.Sprintf("%.2f ns", median(times[i]))})
	}
	d.table(table)
	d.paragraph("What the guard of this library has beyond a closure is one question: may recover return nil for a panic (GODEBUG=panicnil=1)? " +
		"It makes the guard 42 bytes of machine code, which need one cycle more, 5 %, where the linker does not put them into one " +
		"line of the cache of 64 bytes, and none where it does.")
	d.bars("guard.svg", "A guard that has nothing to do", pictured)

	const goroutines = 1_000_000
	many := func(start func(*sync.WaitGroup)) float64 {
		var all []float64
		for range 3 {
			r := testing.Benchmark(func(b *testing.B) {
				for b.Loop() {
					var wg sync.WaitGroup
					wg.Add(goroutines)
					for range goroutines {
						start(&wg)
					}
					wg.Wait()
				}
			})
			all = append(all, float64(r.T.Nanoseconds())/float64(r.N)/goroutines)
		}
		return median(all)
	}
	with := many(func(wg *sync.WaitGroup) { sentry.Go(wg.Done) })
	without := many(func(wg *sync.WaitGroup) { go wg.Done() })
	d.table([][]string{
		{"1,000,000 goroutines", "ns each", "ratio"},
		{"`go f()`", fmt.Sprintf("%.0f", without), "1.00"},
		{"`sentry.Go(f)`", fmt.Sprintf("%.0f", with), ratio(with, without)},
	})
	return nil
}
