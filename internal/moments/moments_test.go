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
	mem, b := memory()
	require.Zero(t, moments.Read(mem))
	require.Zero(t, moments.Read(nil))
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
	require.Equal(t, m, moments.Read(mem))

	var none *moments.Book
	none.Crumb(nil)
	none.Close()
}

// TestEntriesOfTheGreatestSize do not touch each other.
func TestEntriesOfTheGreatestSize(t *testing.T) {
	t.Parallel()
	mem, b := memory()
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
	whole, b := memory()
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
	mem, b := memory()
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

// TestFileThatIsCutShort, by somebody else: what is written after that is read.
func TestFileThatIsCutShort(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "moments"))
	require.NoError(t, err)
	defer f.Close()
	b := moments.NewBook(func(at int64, entry []byte) error { _, err := f.WriteAt(entry, at); return err })
	read := func() (crumbs []string) {
		text, err := os.ReadFile(f.Name())
		require.NoError(t, err)
		return texts(moments.Read(text).Crumbs)
	}
	b.Crumb([]byte("there"))
	require.Equal(t, []string{"there"}, read())
	require.NoError(t, f.Truncate(0))
	require.Empty(t, read())
	b.Crumb([]byte("again"))
	require.Equal(t, []string{"again"}, read())
	b.Close()
}

// TestDiskThatHangs holds up nobody but who writes.
func TestDiskThatHangs(t *testing.T) {
	t.Parallel()
	hang, entered := make(chan struct{}), make(chan struct{}, 2)
	b := moments.NewBook(func(int64, []byte) error { entered <- struct{}{}; <-hang; return nil })
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { b.Crumb(nil) })
	}
	<-entered
	<-entered
	b.Close()
	b.Crumb(nil)
	close(hang)
	all.Wait()
}

// memory is a Book in memory.
func memory() (mem []byte, b *moments.Book) {
	mem = make([]byte, moments.Size)
	var mu sync.Mutex
	return mem, moments.NewBook(func(at int64, entry []byte) error {
		mu.Lock()
		defer mu.Unlock()
		copy(mem[at:], entry)
		return nil
	})
}

func BenchmarkCrumb(b *testing.B) {
	_, book := memory()
	entry := []byte(strings.Repeat("x", 200))
	b.ReportAllocs()
	for b.Loop() {
		book.Crumb(entry)
	}
}
