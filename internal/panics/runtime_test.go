package panics_test

import (
	"errors"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/panics"
)

// The tests of this file hold what package panics reads from the runtime and no API
// promises. If one fails with a new version of Go, its message says what of the
// library is wrong there; "A new Go version" in ARCHITECTURE.md says what to do.

// whilePanicking calls look in a function that is deferred while value is on its way
// again, and in one while it was on its way for the first time.
func whilePanicking(value, again any, look func()) {
	defer func() { _ = recover() }()
	defer func() { look() }()
	defer func() {
		_ = recover()
		look()
		panic(again)
	}()
	panic(value)
}

func TestRuntimeNamesItsPanicFunction(t *testing.T) {
	t.Parallel()
	seen := 0
	whilePanicking("a", "a", func() {
		names := map[string]bool{}
		frames := runtime.CallersFrames(panics.Callers())
		for f, more := frames.Next(); more; f, more = frames.Next() {
			names[f.Function] = true
		}
		require.True(t, names["runtime.gopanic"], "the stack of a panic begins at the wrong frame: see gopanic in stack.go, and in internal/traceback")
		seen++
	})
	require.Equal(t, 2, seen)
}

// panicLine is the line of a call of panic in the text of a stack.
var panicLine = regexp.MustCompile(`(?m)^panic\(\{(0x[0-9a-f]+)\??, (0x[0-9a-f]+)\??\}\)$`)

func TestRuntimePrintsTheArgumentOfPanic(t *testing.T) {
	t.Parallel()
	one, other := errors.New("one"), errors.New("other")
	for _, again := range []error{one, other} {
		var calls [][]string
		whilePanicking(one, again, func() {
			buf := make([]byte, 64<<10)
			calls = panicLine.FindAllStringSubmatch(string(buf[:runtime.Stack(buf, false)]), -1)
		})
		const wrong = "a panic that is recovered and panicked again is taken for a new one, or the other way round: see arguments in origin.go"
		require.Len(t, calls, 2, wrong)
		require.Equal(t, again == one, strings.Join(calls[0][1:], " ") == strings.Join(calls[1][1:], " "), wrong)
	}
}

func TestRuntimePrintsTheNumberOfAGoroutineFirst(t *testing.T) {
	t.Parallel()
	var buf [64]byte
	require.Regexp(t, `^goroutine [1-9]\d* \[running\]`, string(buf[:runtime.Stack(buf[:], false)]),
		"two goroutines with equal stacks are one, and a panic is reported twice: see ofGoroutine in panics.go, goroutines in table.go, and readHeader in internal/traceback")
}

func TestRuntimeWordsForPanicNil(t *testing.T) {
	t.Parallel()
	text := new(runtime.PanicNilError).Error()
	require.Equal(t, "panic called with nil argument", strings.TrimPrefix(text, "runtime error: "),
		"panic(nil) has another title, and falls into another issue: see nilPanic in internal/traceback")
}

// TestRuntimeRunsDeferredFunctionsFromItsPanic: see Runs in nil.go.
func TestRuntimeRunsDeferredFunctionsFromItsPanic(t *testing.T) {
	t.Parallel()
	var runs []bool
	f := func(fail bool) {
		defer func() { _ = recover() }()
		defer func() { runs = append(runs, panics.Runs(0)) }()
		if fail {
			panic("x")
		}
	}
	f(true)
	f(false)
	require.Equal(t, []bool{true, false}, runs, "panic(nil) with panicnil=1 is not seen: see nil.go")
}
