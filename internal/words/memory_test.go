package words_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/words"
)

// TestMemory reads an image that is gone before the second report: what was in the
// first one is still known, and nothing else.
func TestMemory(t *testing.T) {
	t.Parallel()
	const known, name, other = "user grace hopper not found", "main.(*Ledger).Close", "could not open the ledger of grace"
	data := []byte("user %q not found: net/url\x00main.(*Ledger).Close\x00could not open the ledger of %s")
	var m words.Memory
	read := func(text string) (shown string, whole bool) {
		r := words.NewReading(image.New(data), &m)
		r.Add(text)
		r.AddWhole(name)
		r.Decide()
		return r.Text(text), r.IsWhole(name)
	}
	for range 2 {
		shown, whole := read(known)
		require.Equal(t, "user … not found", shown)
		require.True(t, whole)
		clear(data)
	}
	shown, whole := read(other)
	require.NotContains(t, shown, "ledger")
	require.True(t, whole)
}

// TestMemoryIsBounded: a program that says something else each time does not grow.
func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var m words.Memory
	im := program("user %q not found: net/url")
	for i := range 5000 {
		r := words.NewReading(im, &m)
		r.Add(fmt.Sprintf("user %d not found: net/url: %d of the texts of this test", i, i))
		r.AddWhole(fmt.Sprintf("example.org/app/internal/server.%d", i))
		r.Decide()
		require.LessOrEqual(t, m.Size(), words.MaxMemory)
	}
	require.NotZero(t, m.Size())
}
