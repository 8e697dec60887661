package contain_test

import (
	"errors"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
)

// long is a time that no test reaches.
const long = time.Minute

func TestWithin(t *testing.T) {
	t.Parallel()
	result, ok := contain.Within(long, func() int { return 1 })
	require.True(t, ok)
	require.Equal(t, 1, result)
	_, ok = contain.Within(long, func() int { panic("in the application") })
	require.False(t, ok)
	_, ok = contain.Within(long, func() int { runtime.Goexit(); return 1 })
	require.False(t, ok)
	hang := make(chan struct{})
	defer close(hang)
	_, ok = contain.Within(time.Millisecond, func() int { <-hang; return 1 })
	require.False(t, ok)
}

func TestCall(t *testing.T) {
	t.Parallel()
	contain.Call(func() { panic("in the application") })
	contain.Call(runtime.Goexit)
	called := false
	contain.Call(func() { called = true })
	require.True(t, called)
}

func TestLane(t *testing.T) {
	t.Parallel()
	lane := contain.NewLane(2)
	hang := make(chan struct{})
	late := make(chan int, 2)
	in := func(wait time.Duration, f func() int) bool {
		_, ok := contain.In(lane, wait, f, func(n int) { late <- n })
		return ok
	}
	require.True(t, in(long, func() int { return 1 }))
	require.False(t, in(long, func() int { panic("of ours") }))
	require.False(t, in(time.Millisecond, func() int { <-hang; return 7 }))
	require.True(t, in(long, func() int { return 1 }), "there is a place left")

	ran := false
	begin := time.Now()
	require.False(t, in(time.Millisecond, func() int { ran = true; return 1 }), "a call hangs")
	entered := make(chan struct{})
	go in(long, func() int { close(entered); <-hang; return 8 })
	<-entered
	require.False(t, in(time.Second, func() int { ran = true; return 1 }), "no place is left")
	require.Less(t, time.Since(begin), long)
	require.False(t, ran)
	require.Empty(t, late)
	close(hang)
	require.Equal(t, 7, <-late)
	require.Eventually(t, func() bool { return in(long, func() int { return 1 }) }, long, time.Millisecond)
}

// TestLaneThatIsStuck does not let everybody wait for a disk that nobody can use.
func TestLaneThatIsStuck(t *testing.T) {
	t.Parallel()
	const wait = 50 * time.Millisecond
	lane := contain.NewLane(1)
	hang := make(chan struct{})
	defer close(hang)
	nothing := func(struct{}) {}
	_, ok := contain.In(lane, wait, func() (s struct{}) { <-hang; return s }, nothing)
	require.False(t, ok)
	begin := time.Now()
	const callers = 1000
	for range callers {
		_, ok = contain.In(lane, wait, func() (s struct{}) { return s }, nothing)
		require.False(t, ok)
	}
	require.Less(t, time.Since(begin), callers*wait/2)
}

// TestLaneIsNarrow: however many callers there are, few functions run.
func TestLaneIsNarrow(t *testing.T) {
	t.Parallel()
	const places = 3
	lane := contain.NewLane(places)
	var mu sync.Mutex
	running, most := 0, 0
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			_, ok := contain.In(lane, long, func() (s struct{}) {
				mu.Lock()
				running++
				most = max(most, running)
				mu.Unlock()
				runtime.Gosched()
				mu.Lock()
				running--
				mu.Unlock()
				return s
			}, func(struct{}) {})
			if !ok {
				t.Error("it had time")
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, most, places)
}

// TestLogger tells of the same trouble once, and of another too.
func TestLogger(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	l := contain.NewLogger(slog.New(slog.NewTextHandler(&log, nil)))
	for range 1000 {
		l.Spool(nil)
		l.Spool(errors.New("the disk is full"))
		l.Spool(errors.New("the disk hangs"))
	}
	require.Equal(t, 2, strings.Count(log.String(), "\n"), log.String())
	l.Warn("twice")
	l.Warn("twice")
	require.Equal(t, 4, strings.Count(log.String(), "\n"), log.String())
}
