package traceback_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInferred has the fatal errors that testdata/gen cannot cause, and those where
// the length of the words decides.
func TestInferred(t *testing.T) {
	for _, c := range []struct {
		throw, args, caller, want string
	}{
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.sysMapOS", "runtime: out of memory"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.sysUsedOS", "runtime: out of memory"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.(*mheap).sysAlloc", "out of memory"},
		{"runtime.throw", "{0x1, 0x27}", "runtime.(*mheap).sysAlloc", "out of memory allocating heap arena map"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.persistentalloc1", "runtime: cannot allocate memory"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.(*fixalloc).alloc", "runtime: cannot allocate memory"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.newosproc", "newosproc"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.newstack", "stack overflow"},
		{"runtime.throw", "{0x1, 0x1d}", "runtime.newstack", "runtime: split stack overflow"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.(*timer).unlockAndRun", "too many concurrent timer firings"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.cgoCheckWriteBarrier.func1", "unpinned Go pointer stored into non-Go memory"},
		{"runtime.throw", "{0x1?, 0x2?}", "runtime.schedule", "fatal error in runtime.schedule"},
		{"runtime.fatal", "{0x1, 0x25}", "runtime.checkdead", "all goroutines are asleep - deadlock!"},
		{"runtime.fatal", "{0x1, 0x36}", "runtime.checkdead", "no goroutines (main called runtime.Goexit) - deadlock!"},
		{"runtime.fatal", "{0x1, 0x15}", "runtime.mapassign_faststr", "concurrent map writes"},
		{"runtime.fatal", "{0x1, 0x35}", "runtime.mapassign_faststr", "small map with no empty slot (concurrent map writes?)"},
		{"internal/runtime/maps.fatal", "{0x1, 0x15}", "main.f", "concurrent map writes"},
		{"internal/runtime/maps.fatal", "{0x1, 0x21}", "main.f", "concurrent map read and map write"},
		{"internal/runtime/maps.fatal", "{0x1?, 0x21?}", "main.f", "concurrent map access"},
		{"internal/runtime/maps.fatal", "{0x1, 0xffff}", "main.f", "concurrent map access"},
		{"internal/runtime/maps.fatal", "...", "main.f", "concurrent map access"},
		{"sync.fatal", "{0x1?, 0x2?}", "sync.(*RWMutex).Unlock", "sync: Unlock of unlocked RWMutex"},
		{"sync.fatal", "{0x1, 0x39}", "sync.(*WaitGroup).Add", "sync: WaitGroup.Add called from multiple synctest bubbles"},
		{"crypto/rand.fatal", "{0x1, 0x2}", "crypto/rand.Read", "crypto/rand: failed to read random data (see https://go.dev/issue/66821)"},
		{"crypto/internal/fips140.fatal", "{0x1, 0x2}", "crypto/internal/fips140.CAST", "FIPS 140-3 self-test failed"},
	} {
		for _, header := range []string{"runtime stack:", "goroutine 1 [running]:"} {
			crash := fmt.Sprintf("\n%s\n%s(%s)\n\t/x/panic.go:1 +0x1\n%s(0x1?)\n\t/x/x.go:2 +0x1\n", header, c.throw, c.args, c.caller)
			d := parse(t, []byte(crash))
			require.Equal(t, "fatal error", d.Title(), crash)
			require.Equal(t, c.want, d.Reason, crash)
			require.True(t, d.Inferred)
			require.Equal(t, c.caller, d.Origin()[0].Function, crash)
		}
	}
}
