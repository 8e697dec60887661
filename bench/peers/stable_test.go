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
