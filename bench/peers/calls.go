package main

import (
	"fmt"
	"sync"
	"testing"

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

// calls compares guards that have nothing to do. Neither library is started: that
// changes nothing, as none asks before it has recovered something.
func calls(d *document) error {
	const rounds = 9
	rows := []struct {
		name string
		f    func()
	}{
		{"a call", bare}, {"a deferred closure that recovers", underClosure},
		{"sentry-go's documented guard", underSentryGo}, {protocol.Ours, underOurs},
	}
	times := make([][]float64, len(rows))
	allocs := make([]int64, len(rows))
	for range rounds {
		for i, row := range rows {
			r := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					row.f()
				}
			})
			times[i] = append(times[i], float64(r.T.Nanoseconds())/float64(r.N))
			allocs[i] = r.AllocsPerOp()
		}
	}
	table := [][]string{{"guard", "ns", "of a deferred closure", "allocations"}}
	var pictured []bar
	for i, row := range rows {
		table = append(table, []string{row.name, fmt.Sprintf("%.2f", median(times[i])), ratio(median(times[i]), median(times[1])), fmt.Sprint(allocs[i])})
		pictured = append(pictured, bar{row.name, median(times[i]), fmt.Sprintf("%.2f ns", median(times[i]))})
	}
	d.table(table)
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
