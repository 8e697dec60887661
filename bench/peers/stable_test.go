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
