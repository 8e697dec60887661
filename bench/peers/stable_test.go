package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// The tests of this file hold those of the figures that do not depend on the machine.

// TestReportAllocations: a report, scrubbed, takes at most as many allocations as one
// of sentry-go.
func TestReportAllocations(t *testing.T) {
	t.Parallel()
	loopback := places[0]
	allocations := map[string]float64{}
	for _, library := range []string{protocol.SentryGo, protocol.OursPlain} {
		r, _, err := reportsOf(library, loopback)
		require.NoError(t, err)
		require.Len(t, r.Times, loopback.reports)
		allocations[library] = r.Allocations
	}
	t.Log(allocations)
	require.LessOrEqual(t, allocations[protocol.OursPlain], allocations[protocol.SentryGo])
}

// TestSize: a program that only starts this library is at most that much larger than one
// that only starts sentry-go, and one with all options than that.
func TestSize(t *testing.T) {
	t.Parallel()
	sizes := map[string]int64{}
	for _, p := range programs {
		switch p.name {
		case "sentry-go", protocol.Ours, protocol.Ours + ", all of it":
			s, err := build(p.imports, p.code)
			require.NoError(t, err)
			sizes[p.name] = s.stripped
		}
	}
	of := func(name string) float64 { return float64(sizes[name]) / float64(sizes["sentry-go"]) }
	t.Log(sizes, of(protocol.Ours), of(protocol.Ours+", all of it"))
	require.Less(t, of(protocol.Ours), 1.16)
	require.Less(t, of(protocol.Ours+", all of it"), 1.31)
}

// TestParserAllocations: a short text takes fewer allocations than gostackparse takes,
// and a hundred times as many goroutines with the same stacks not three times as many.
func TestParserAllocations(t *testing.T) {
	allocations := map[string]float64{}
	few, many := dump(10), dump(1_000)
	for _, p := range parsers {
		allocations[p.name] = testing.AllocsPerRun(100, func() { _, _ = p.parse(few) })
	}
	ofMany := testing.AllocsPerRun(10, func() { _, _ = parsers[len(parsers)-1].parse(many) })
	t.Log(allocations, ofMany)
	require.Less(t, 3*allocations[protocol.Ours], allocations[parsers[0].name])
	require.Less(t, ofMany, 3*allocations[protocol.Ours])
}
