package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/DataDog/gostackparse"
	"github.com/maruel/panicparse/v2/stack"

	"github.com/panicreport/sentry/internal/traceback"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// parsers of crash texts. Each returns how many goroutines it has found.
var parsers = []struct {
	name  string
	parse func(text []byte) (goroutines int, err error)
}{
	{"gostackparse", func(text []byte) (int, error) {
		all, _ := gostackparse.Parse(bytes.NewReader(text))
		return len(all), nil
	}},
	{"panicparse", func(text []byte) (int, error) {
		opts := stack.DefaultOpts()
		opts.GuessPaths, opts.AnalyzeSources, opts.NameArguments = false, false, false
		found, _, err := stack.ScanSnapshot(bytes.NewReader(text), io.Discard, opts)
		if found == nil {
			return 0, err
		}
		return len(found.Goroutines), nil
	}},
	{protocol.Ours, func(text []byte) (int, error) {
		dump, err := traceback.Parse(bytes.NewReader(text))
		return told(dump), err
	}},
}

// told counts the goroutines that a dump has, or has counted.
func told(d *traceback.Dump) int {
	n := d.Dropped
	for _, g := range d.Goroutines {
		n += 1 + g.Like
	}
	return n
}

// dump is a real crash text of so many goroutines, in a few states.
func dump(goroutines int) []byte {
	hold, up := make(chan struct{}), make(chan struct{})
	defer close(hold)
	for i := range goroutines - 1 {
		go func() { up <- struct{}{}; blocked(i%7, hold) }()
		<-up
	}
	text := make([]byte, 1<<20)
	for {
		n := runtime.Stack(text, true)
		if n < len(text) {
			text = text[:n]
			break
		}
		text = make([]byte, 2*len(text))
	}
	return append([]byte("panic: a real one\n\n"), text...)
}

//go:noinline
func blocked(n int, hold chan struct{}) {
	if n > 0 {
		blocked(n-1, hold)
		return
	}
	<-hold
}

func parseAll(d *document) error {
	for _, goroutines := range []int{10, 1_000, 100_000} {
		text := dump(goroutines)
		all := bytes.Count(text, []byte("\n\ngoroutine "))
		table := [][]string{{fmt.Sprintf("%d goroutines, %.2f MB", all, float64(len(text))/1e6), "MB/s", "of gostackparse", "allocations for a goroutine", "found"}}
		var first float64
		for _, p := range parsers {
			var found int
			var failed error
			r := testing.Benchmark(func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					found, failed = p.parse(text)
				}
			})
			if failed != nil {
				return fmt.Errorf("%s: %w", p.name, failed)
			}
			speed := float64(len(text)) / 1e6 / (float64(r.T.Nanoseconds()) / float64(r.N) / 1e9)
			if first == 0 {
				first = speed
			}
			table = append(table, []string{
				p.name, fmt.Sprintf("%.0f", speed), ratio(speed, first),
				fmt.Sprintf("%.1f", float64(r.AllocsPerOp())/float64(all)), fmt.Sprintf("%.0f %%", 100*float64(found)/float64(all)),
			})
		}
		d.table(table)
	}
	d.paragraph(strings.TrimSpace(`
gostackparse reads the text of a goroutine profile, panicparse that of runtime.Stack, this library a crash text: the same text
serves all. This library joins goroutines with equal stacks, keeps those that a report has room for, and counts the others.`))
	return nil
}
