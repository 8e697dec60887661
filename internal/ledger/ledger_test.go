package ledger_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/ledger"
	"github.com/panicreport/sentry/internal/panics"
)

// A file is what another process would read.
type file struct {
	mu    sync.Mutex
	notes [][]byte
}

func (f *file) Note(number int, note []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.notes) <= number {
		f.notes = append(f.notes, make([]byte, ledger.NoteLen)) // as in a file with holes
	}
	f.notes[number] = note
}

func (f *file) read() ledger.Notes {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []byte
	for _, note := range f.notes {
		all = append(all, note...)
	}
	return ledger.Read(all)
}

func id(n int) string { return fmt.Sprintf("%032x", n) }

func keys(n int) ledger.Keys { return ledger.Keys{Place: id(1000 + n), Text: id(2000 + n)} }

// observed calls report with a panic of its goroutine.
func observed(report func(panics.Panic)) {
	defer func() {
		p, _ := panics.Observe(recover())
		report(p)
	}()
	panic("observed")
}

func TestFateOfAReport(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	var f file
	l.Attach(&f)
	observed(func(p panics.Panic) { l.Begin(id(1), p, keys(1)) })
	require.True(t, l.IsOpen(id(1)))
	found, fate, ok := f.read().Find(keys(1))
	require.True(t, ok)
	require.Equal(t, id(1), found)
	require.Equal(t, ledger.Open, fate)

	l.Sent(id(1))
	l.SettleUnsent(id(1))
	require.True(t, l.IsOpen(id(1)), "it was sent")
	l.Settle(id(1))
	require.False(t, l.IsOpen(id(1)))
	_, fate, _ = f.read().Find(keys(1))
	require.Equal(t, ledger.Settled, fate)

	_, _, ok = f.read().Find(ledger.Keys{Text: keys(1).Text})
	require.True(t, ok, "a text without frames")
	_, _, ok = f.read().Find(ledger.Keys{Place: id(7), Text: keys(1).Text})
	require.False(t, ok, "another place")
	_, _, ok = f.read().Find(ledger.Keys{})
	require.False(t, ok)

	observed(func(p panics.Panic) { l.Begin(id(2), p, keys(2)) })
	l.SettleUnsent(id(2))
	_, fate, _ = f.read().Find(keys(2))
	require.Equal(t, ledger.Settled, fate, "a hook wanted none")
	observed(func(p panics.Panic) { l.Begin(id(3), p, keys(3)) })
	l.Lose(id(3))
	_, fate, _ = f.read().Find(keys(3))
	require.Equal(t, ledger.Open, fate, "somebody else may try")
}

func TestDeathOfAnotherProcess(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	var f file
	l.Attach(&f)
	l.BeginDeath(id(1))
	l.Lose(id(1))
	require.False(t, l.EndDeath(id(1)))
	l.BeginDeath(id(2))
	l.Settle(id(2))
	require.True(t, l.EndDeath(id(2)))
	require.Empty(t, f.notes, "it is not about this process")
}

// TestPanicThatIsOver is forgotten, when its goroutine panics in another place.
func TestPanicThatIsOver(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	var f file
	l.Attach(&f)
	elsewhere := func(report func(panics.Panic)) {
		defer func() {
			p, _ := panics.Observe(recover())
			report(p)
		}()
		panic("elsewhere")
	}
	for n := range 100 {
		observed(func(p panics.Panic) { l.Begin(id(2*n), p, keys(2*n)) })
		elsewhere(func(p panics.Panic) { l.Begin(id(2*n+1), p, keys(2*n+1)) })
		_, _, ok := f.read().Find(keys(2 * n))
		require.False(t, ok)
		_, _, ok = f.read().Find(keys(2*n + 1))
		require.True(t, ok)
	}
	require.LessOrEqual(t, len(f.notes), 2)
}

// TestPanicOnItsWayIsNotCrowdedOut by others, of its own goroutine and of others,
// which are over.
func TestPanicOnItsWayIsNotCrowdedOut(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	var f file
	l.Attach(&f)
	const others = 20_000
	outer := func() {
		defer func() { _ = recover() }()
		defer func() { // unwinds slowly
			for n := range 50 {
				observed(func(p panics.Panic) { l.Begin(id(n), p, keys(n)) })
			}
			done := make(chan struct{})
			for n := 100; n < 100+others; n++ {
				go func() {
					defer close(done)
					observed(func(p panics.Panic) { l.Begin(id(n), p, keys(n)) })
				}()
				<-done
				done = make(chan struct{})
			}
			_, _, ok := f.read().Find(keys(others * 2))
			require.True(t, ok)
		}()
		observedAgain(func(p panics.Panic) { l.Begin(id(others*2), p, keys(others*2)) })
	}
	outer()
	require.Less(t, len(f.notes), others, "those of goroutines that have ended are forgotten")
}

// observedAgain panics again after report.
func observedAgain(report func(panics.Panic)) {
	defer func() {
		value := recover()
		p, _ := panics.Observe(value)
		report(p)
		panic(value)
	}()
	panic("observed again")
}

// TestAttachLater writes what there is: a further Init has another directory.
func TestAttachLater(t *testing.T) {
	t.Parallel()
	var l ledger.Ledger
	observed(func(p panics.Panic) { l.Begin(id(1), p, keys(1)) })
	l.Settle(id(1))
	var f file
	l.Attach(&f)
	_, fate, ok := f.read().Find(keys(1))
	require.True(t, ok)
	require.Equal(t, ledger.Settled, fate)
	l.Attach(nil)
	observed(func(p panics.Panic) { l.Begin(id(2), p, keys(2)) })
	_, _, ok = f.read().Find(keys(2))
	require.False(t, ok)
}

// TestReadOfAnything passes over what is no note.
func TestReadOfAnything(t *testing.T) {
	t.Parallel()
	whole := strings.Join([]string{id(1), id(2), id(3), "s"}, " ") + "\n"
	for _, data := range []string{
		whole, "\x00\x00" + whole, "cut\n" + whole, whole + whole[:50], strings.Repeat(" ", ledger.NoteLen-1) + "\n" + whole,
		strings.Repeat("x", 5000) + "\n" + whole, "a b c d\n" + whole,
	} {
		_, _, ok := ledger.Read([]byte(data)).Find(ledger.Keys{Place: id(2)})
		require.True(t, ok, "%q", data)
	}
	_, _, ok := ledger.Read([]byte(whole[:80])).Find(ledger.Keys{Place: id(2)})
	require.False(t, ok)
}
