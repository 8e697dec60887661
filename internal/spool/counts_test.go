package spool_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/spool"
)

// TestCountsHaveBoundsOfTheirOwn: they crowd out no report, and none crowds them out.
// What is lost of them is counted apart.
func TestCountsHaveBoundsOfTheirOwn(t *testing.T) {
	t.Parallel()
	s, err := spool.New(t.TempDir(), spool.Options{MaxReports: 3})
	require.NoError(t, err)
	put := func(r *spool.Reports, n int) {
		for i := range n {
			stored, err := r.Put(fmt.Sprintf("%032x", i), []byte("data"))
			require.NoError(t, err)
			require.NoError(t, stored.Release())
		}
	}
	put(s.Reports, 3)
	put(s.Counts, s.Counts.Most()+5)
	for r, want := range map[*spool.Reports]int{s.Reports: 3, s.Counts: s.Counts.Most()} {
		infos, err := r.List()
		require.NoError(t, err)
		require.Len(t, infos, want)
	}
	lost, err := s.TakeLost()
	require.NoError(t, err)
	require.Equal(t, map[spool.Reason]int{spool.CacheOverflow.OfSessions(): 5}, lost)
	category, why := spool.CacheOverflow.OfSessions().Split()
	require.Equal(t, []string{"session", "cache_overflow"}, []string{category, string(why)})
	category, why = spool.SendError.Split()
	require.Equal(t, []string{"error", "send_error"}, []string{category, string(why)})
	require.NoError(t, s.Clear())
	infos, err := s.Counts.List()
	require.NoError(t, err)
	require.Empty(t, infos)
}
