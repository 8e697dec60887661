package moments_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/moments"
)

func texts(entries [][]byte) (all []string) {
	for _, e := range entries {
		all = append(all, string(e))
	}
	return all
}

func TestTheLastAreRead(t *testing.T) {
	t.Parallel()
	mem := make([]byte, moments.Size)
	require.Zero(t, moments.Read(mem))
	require.Zero(t, moments.Read(mem[1:]))
	unmapped := 0
	b := moments.NewBook(mem, func([]byte) { unmapped++ })
	b.Crumb([]byte("first"))
	require.Equal(t, []string{"first"}, texts(moments.Read(mem).Crumbs))
	var want []string
	for n := range 250 {
		b.Crumb(fmt.Appendf(nil, "crumb %d", n))
		b.Who(fmt.Appendf(nil, "who %d", n))
		b.State(fmt.Appendf(nil, "state %d", n))
		want = append(want, fmt.Sprint("crumb ", n))
	}
	b.Crumb(make([]byte, moments.MaxCrumb+1)) // too long
	m := moments.Read(mem)
	require.Equal(t, want[150:], texts(m.Crumbs))
	require.Equal(t, "who 249", string(m.Who))
	require.Equal(t, "state 249", string(m.State))
	b.Close()
	b.Close()
	b.Crumb([]byte("late"))
	require.Equal(t, 1, unmapped)
	require.Equal(t, m, moments.Read(mem))

	var none *moments.Book
	none.Crumb(nil)
	none.Close()
}

// TestEntriesOfTheGreatestSize do not touch each other.
func TestEntriesOfTheGreatestSize(t *testing.T) {
	t.Parallel()
	mem := make([]byte, moments.Size)
	b := moments.NewBook(mem, func([]byte) {})
	crumb, who, state := strings.Repeat("c", moments.MaxCrumb), strings.Repeat("w", moments.MaxWho), strings.Repeat("s", moments.MaxState)
	for range 2 * moments.Crumbs {
		b.Crumb([]byte(crumb))
		b.Who([]byte(who))
		b.State([]byte(state))
	}
	m := moments.Read(mem)
	require.Len(t, m.Crumbs, moments.Crumbs)
	for _, c := range m.Crumbs {
		require.Equal(t, crumb, string(c))
	}
	require.Equal(t, []string{who, state}, texts([][]byte{m.Who, m.State}))
}

// TestCutAnywhere: whatever byte a death, or a disk, has spoilt, the other entries stay,
// and of those with turns the one before.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	whole := make([]byte, moments.Size)
	b := moments.NewBook(whole, func([]byte) {})
	for n := range 3 {
		b.Crumb(fmt.Appendf(nil, "crumb %d", n))
		b.Who(fmt.Appendf(nil, "who %d", n))
	}
	for at := range whole {
		if whole[at] == 0 {
			continue
		}
		mem := append([]byte(nil), whole...)
		mem[at] ^= 0xff
		m := moments.Read(mem)
		require.GreaterOrEqual(t, len(m.Crumbs), 2)
		require.Contains(t, []string{"who 1", "who 2"}, string(m.Who))
	}
}

// TestSeveralGoroutines is for the race detector.
func TestSeveralGoroutines(t *testing.T) {
	t.Parallel()
	mem := make([]byte, moments.Size)
	b := moments.NewBook(mem, func([]byte) {})
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			for range 200 {
				b.Crumb(fmt.Appendf(nil, "of %d", n))
			}
		})
	}
	all.Wait()
	b.Close()
	require.Len(t, moments.Read(mem).Crumbs, moments.Crumbs)
}

// TestFileThatIsCutShort does not take the process along.
func TestFileThatIsCutShort(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "moments"))
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, f.Truncate(moments.Size))
	mem, unmap, err := moments.Map(f)
	if err != nil {
		t.Skip("files are not mapped here: " + err.Error())
	}
	b := moments.NewBook(mem, unmap)
	b.Crumb([]byte("there"))
	text, err := os.ReadFile(f.Name())
	require.NoError(t, err)
	require.Equal(t, []string{"there"}, texts(moments.Read(text).Crumbs))
	require.NoError(t, f.Truncate(0))
	b.Crumb([]byte("gone"))
	b.Close()
}

func BenchmarkCrumb(b *testing.B) {
	book := moments.NewBook(make([]byte, moments.Size), func([]byte) {})
	entry := []byte(strings.Repeat("x", 200))
	b.ReportAllocs()
	for b.Loop() {
		book.Crumb(entry)
	}
}
