package delivery

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFree: to unlock what is not locked ends the program, whoever recovers.
func TestFree(t *testing.T) {
	t.Parallel()
	var l lock
	require.PanicsWithValue(t, "of ours", func() {
		l.Lock()
		defer l.Unlock()
		l.Free(func() { panic("of ours") })
	})
	require.True(t, l.mu.TryLock())
}
