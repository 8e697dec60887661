package traceback_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/traceback"
)

// A death is what Parse has to report for a kind of testdata/gen.
type death struct {
	title  string
	reason string // up to "…"
	origin string // the first function of the program in Origin; "*" at its end stands for any text
}

// deaths are all kinds, at GOTRACEBACK=single.
var deaths = map[string]death{
	"bad-pointer":               {"fatal error", "found bad pointer in Go heap (incorrect use of unsafe or cgo?)", ""},
	"cgo-abort":                 {"SIGABRT", "abort", "main._Cfunc_leave"},
	"cgo-fault":                 {"SIGSEGV", "segmentation violation", "main._Cfunc_crash"},
	"cgo-fault-callback":        {"SIGSEGV", "segmentation violation", "main._Cfunc_crash"},
	"cgo-panic":                 {"panic", "plain words", "main.panicString"},
	"cgo-plain":                 {"panic", "plain words", "main.panicString"},
	"deadlock-channel":          {"fatal error", "all goroutines are asleep - deadlock!", "main.deadlock"},
	"deadlock-goexit":           {"unknown", "", ""},
	"deadlock-goexit-blocked":   {"fatal error", "all goroutines are asleep - deadlock!", "main.deadlock"},
	"deadlock-mutex":            {"fatal error", "all goroutines are asleep - deadlock!", "main.init.*"},
	"deadlock-select":           {"fatal error", "all goroutines are asleep - deadlock!", "main.init.*"},
	"deadlock-waitgroup":        {"fatal error", "all goroutines are asleep - deadlock!", "main.init.*"},
	"exit":                      {"unknown", "", ""},
	"fatal-in-defer":            {"fatal error", "sync: unlock of unlocked mutex", "main.unlockMutex"},
	"fatal-in-defer-repanicked": {"fatal error", "sync: unlock of unlocked mutex", "main.unlockMutex"},
	"fault-address":             {"SIGSEGV", "unexpected fault address 0xdead0000", "main.faultAddress"},
	"fault-address-in-defer":    {"SIGSEGV", "unexpected fault address 0xdead0000", "main.faultAddress"},
	"fault-as-panic":            {"runtime error", "runtime error: invalid memory address or nil pointer dereference", "main.faultAddress"},
	"fault-bus":                 {"SIGBUS", "unexpected fault address 0x…", "main.faultBus"},
	"go-nil-func":               {"fatal error", "told on standard error only", "main.goNilFunc"},
	"map-clear":                 {"fatal error", "concurrent map…", "main.map*"},
	"map-clone":                 {"fatal error", "concurrent map clone and map write", "main.mapClone"},
	"map-delete":                {"fatal error", "concurrent map…", "main.map*"},
	"map-iterate":               {"fatal error", "concurrent map iteration and map write", "main.mapIterate"},
	"map-read":                  {"fatal error", "concurrent map access", "main.mapRead"},
	"map-read-int":              {"fatal error", "concurrent map access", "main.mapReadInt"},
	"map-read-struct":           {"fatal error", "concurrent map access", "main.mapReadStruct"},
	"map-writes":                {"fatal error", "concurrent map access", "main.mapWrite"},
	"map-writes-int":            {"fatal error", "concurrent map access", "main.mapWriteInt"},
	"map-writes-struct":         {"fatal error", "concurrent map access", "main.mapWriteStruct"},
	"new-then-repanic":          {"panic", "second", "main.again"},
	"out-of-memory":             {"fatal error", "out of memory", "main.outOfMemory"},
	"out-of-memory-small":       {"fatal error", "…", "main.outOfMemorySmall"},
	"panic-after-goexit":        {"panic", "second", "main.again"},
	"panic-both":                {"panic", "plain words", "main.panicString"},
	"panic-empty":               {"panic", "", "main.init.*"},
	"panic-error":               {"panic", "fault 7", "main.panicError"},
	"panic-fake":                {"runtime error", "runtime error: index out of range [5] with length 3", "main.panicFake"},
	"panic-fake-error":          {"runtime error", "assignment to entry in nil map", "main.init.*"},
	"panic-fake-recovered":      {"panic", "x [recovered, repanicked]", "main.init.*"},
	"panic-float":               {"panic", "1.5", "main.init.*"},
	"panic-goexit-panic":        {"panic", "second", "main.again"},
	"panic-goroutine":           {"panic", "plain words", "main.panicString"},
	"panic-huge":                {"panic", "0123456789abcdef…", "main.init.*"},
	"panic-in-defer":            {"panic", "second", "main.again"},
	"panic-in-defer-after-nil":  {"panic", "second", "main.again"},
	"panic-init":                {"panic", "plain words", "main.panicString"},
	"panic-multiline":           {"panic", "first line…", "main.panicMultiline"},
	"panic-nil":                 {"runtime error", "panic called with nil argument", "main.init.*"},
	"panic-other-goroutines":    {"panic", "plain words", "main.panicString"},
	"panic-printing":            {"fatal error", "panic while printing panic value", "main.explosive.Error"},
	"panic-string":              {"panic", "plain words", "main.panicString"},
	"panic-stringer":            {"panic", "spoken: aloud", "main.init.*"},
	"panic-struct":              {"panic", "(main.secret)", "main.panicStruct"},
	"panic-word":                {"panic", "main.word(\"spoken\nin two lines\")", "main.init.*"},
	"panic-wrapped":             {"panic", "load config: fault 8", "main.panicWrapped"},
	"repanic-both":              {"panic", "second", "main.again"},
	"repanic-decoy":             {"panic", "first line…", "main.panicMultiline"},
	"repanic-new":               {"panic", "replaced: plain words", "main.replace"},
	"repanic-runtime":           {"runtime error", "runtime error: invalid memory address or nil pointer dereference", "main.nilDeref"},
	"repanic-same":              {"panic", "plain words", "main.panicString"},
	"repanic-then-new":          {"panic", "second", "main.again"},
	"repanic-twice":             {"panic", "plain words", "main.panicString"},
	"runlock-rwmutex":           {"fatal error", "sync: RUnlock of unlocked RWMutex", "main.runlockRWMutex"},
	"runtime-close-closed":      {"runtime error", "close of closed channel", "main.closeClosed"},
	"runtime-close-nil":         {"runtime error", "close of nil channel", "main.init.*"},
	"runtime-conversion":        {"runtime error", "interface conversion: interface {} is string, not int", "main.init.*"},
	"runtime-conversion-method": {"runtime error", "interface conversion: string is not io.Reader: missing method Read", "main.init.*"},
	"runtime-conversion-nil":    {"runtime error", "interface conversion: io.Reader is nil, not *os.File", "main.init.*"},
	"runtime-divide":            {"runtime error", "runtime error: integer divide by zero", "main.divide"},
	"runtime-index":             {"runtime error", "runtime error: index out of range [5] with length 3", "main.indexOut"},
	"runtime-makechan":          {"runtime error", "makechan: size out of range", "main.init.*"},
	"runtime-makeslice":         {"runtime error", "runtime error: makeslice: len out of range", "main.init.*"},
	"runtime-nil-deref":         {"runtime error", "runtime error: invalid memory address or nil pointer dereference", "main.nilDeref"},
	"runtime-nil-func":          {"runtime error", "runtime error: invalid memory address or nil pointer dereference", "main.init.*"},
	"runtime-nil-interface":     {"runtime error", "runtime error: invalid memory address or nil pointer dereference", "main.init.*"},
	"runtime-nil-map":           {"runtime error", "assignment to entry in nil map", "main.init.*"},
	"runtime-nil-value-method":  {"runtime error", "value method main.point.Sum called using nil *point pointer", "main.(*point).Sum"},
	"runtime-range-func":        {"runtime error", "runtime error: range function continued iteration after function for loop body returned false", "main.rangeOverFunc-range1"},
	"runtime-send-closed":       {"runtime error", "send on closed channel", "main.sendClosed"},
	"runtime-shift":             {"runtime error", "runtime error: negative shift amount", "main.init.*"},
	"runtime-slice":             {"runtime error", "runtime error: slice bounds out of range [2:1]", "main.init.*"},
	"runtime-slice-array":       {"runtime error", "runtime error: cannot convert slice with length 3 to array or pointer to array with length 4", "main.init.*"},
	"runtime-uncomparable":      {"runtime error", "runtime error: comparing uncomparable type []int", "main.init.*"},
	"runtime-unhashable":        {"runtime error", "runtime error: hash of unhashable type []int", "main.init.*"},
	"runtime-unsafe-slice":      {"runtime error", "runtime error: unsafe.Slice: len out of range", "main.init.*"},
	"shape-ancestors":           {"panic", "plain words", "main.panicString"},
	"shape-args":                {"panic", "plain words", "main.panicString"},
	"shape-busy":                {"panic", "plain words", "main.panicString"},
	"shape-cleanup":             {"panic", "plain words", "main.panicString"},
	"shape-closures":            {"panic", "plain words", "main.panicString"},
	"shape-deep":                {"panic", "plain words", "main.panicString"},
	"shape-deferwrap":           {"panic", "plain words", "main.panicString"},
	"shape-escaped-path":        {"panic", "plain words", "main.panicString"},
	"shape-escaped-path-go":     {"panic", "plain words", "main.panicString"},
	"shape-finalizer":           {"panic", "plain words", "main.panicString"},
	"shape-generic-closure":     {"panic", "plain words", "main.panicString"},
	"shape-generic-func":        {"panic", "plain words", "main.panicString"},
	"shape-generic-method":      {"panic", "plain words", "main.panicString"},
	"shape-gowrap":              {"panic", "plain words", "main.panicString"},
	"shape-inlined":             {"panic", "from an inlined function", "main.inlinedInner"},
	"shape-labels":              {"panic", "plain words", "main.panicString"},
	"shape-locked":              {"panic", "plain words", "main.panicString"},
	"shape-method-expression":   {"panic", "plain words", "main.panicString"},
	"shape-method-fm":           {"panic", "plain words", "main.panicString"},
	"shape-method-value":        {"panic", "plain words", "main.panicString"},
	"shape-method-value-go":     {"panic", "plain words", "main.panicString"},
	"shape-once":                {"panic", "plain words", "main.panicString"},
	"shape-promoted":            {"panic", "plain words", "main.panicString"},
	"shape-range-func":          {"panic", "plain words", "main.panicString"},
	"shape-sort":                {"panic", "plain words", "main.panicString"},
	"shape-unicode":             {"panic", "plain words", "main.panicString"},
	"signal-abort":              {"SIGABRT", "abort", "*"},
	"signal-quit":               {"SIGQUIT", "quit", "*"},
	"signal-quit-busy":          {"SIGQUIT", "quit", "*"},
	"signal-quit-idle":          {"SIGQUIT", "quit", "main.quitIdle"},
	"signal-segv":               {"SIGSEGV", "segmentation violation", "*"},
	"signal-sys":                {"SIGSYS", "bad system call", "*"},
	"signal-trap":               {"SIGTRAP", "trace trap", "*"},
	"stack-overflow":            {"fatal error", "stack overflow", "main.overflow"},
	"stack-overflow-goroutine":  {"fatal error", "stack overflow", "main.overflow"},
	"thread-exhaustion":         {"fatal error", "thread exhaustion", "*"},
	"unlock-mutex":              {"fatal error", "sync: unlock of unlocked mutex", "main.unlockMutex"},
	"unlock-rwmutex":            {"fatal error", "sync: Unlock of unlocked RWMutex", "main.unlockRWMutex"},
}

// shortly are the kinds that run with -short.
var shortly = []string{"panic-multiline", "repanic-same", "runtime-nil-deref", "map-iterate", "unlock-mutex", "deadlock-channel", "fault-address", "signal-quit-idle"}

// TestLive runs every kind with the installed version of Go, to notice a version
// that writes other texts. It compares inferred words with those that the runtime
// writes to standard error.
func TestLive(t *testing.T) {
	g := generatorsFor(t, false)
	kinds := g.kinds
	if testing.Short() {
		kinds = shortly
	}
	for _, kind := range kinds {
		for _, level := range []string{"single", "system"} {
			t.Run(kind+"/"+level, func(t *testing.T) {
				t.Parallel()
				crash, stderr := g.die(t, kind, level)
				d, told := parse(t, crash), parse(t, stderr)
				if level == "single" {
					requireDeath(t, deaths[kind], d)
				}
				require.Empty(t, d.Unread.First)
				requireSame(t, kind, level, told, d)
			})
		}
	}
	for _, kind := range g.kinds {
		require.Contains(t, deaths, kind)
	}
}

func requireDeath(t *testing.T, want death, d *traceback.Dump) {
	t.Helper()
	require.Equal(t, want.title, d.Title())
	if want.reason == "panic called with nil argument" {
		// From Go 1.27 on, it begins with "runtime error: " as others do.
		require.Equal(t, want.reason, strings.TrimPrefix(d.Reason, "runtime error: "))
	} else if want.reason == "concurrent map access" {
		// Where arguments are on the stack, as on 386, the length of the words tells
		// which: requireSame compares them.
		require.Contains(t, []string{want.reason, "concurrent map writes", "concurrent map read and map write"}, d.Reason)
	} else if start, more := strings.CutSuffix(want.reason, "…"); more {
		require.True(t, strings.HasPrefix(d.Reason, start), d.Reason)
	} else {
		require.Equal(t, want.reason, d.Reason)
	}
	if start, more := strings.CutSuffix(want.origin, "*"); more {
		require.True(t, strings.HasPrefix(ownFunction(d), start), "%s is not %s", ownFunction(d), want.origin)
	} else {
		require.Equal(t, want.origin, ownFunction(d))
	}
}

// ownFunction returns the innermost function of the generator in Origin.
func ownFunction(d *traceback.Dump) string {
	for _, f := range d.Origin() {
		if strings.HasPrefix(f.Function, "main.") || strings.HasPrefix(f.Function, "example.com/") {
			return f.Function
		}
	}
	return ""
}

// requireSame checks that the crash output and standard error tell the same. told
// is what standard error tells.
func requireSame(t *testing.T, kind, level string, told, d *traceback.Dump) {
	t.Helper()
	if kind == "deadlock-goexit" && level == "single" {
		require.Equal(t, "no goroutines (main called runtime.Goexit) - deadlock!", told.Reason)
		return // there is no crash output at all
	}
	require.Equal(t, told.Title(), d.Title())
	require.Equal(t, told.Origin(), d.Origin())
	require.False(t, told.Inferred)
	switch {
	case kind == "out-of-memory-small" && d.Reason == "out of memory":
		// The frames do not tell which structure of the heap got no memory.
		require.True(t, strings.HasPrefix(told.Reason, d.Reason), told.Reason)
	case kind == "panic-printing":
		require.True(t, strings.HasPrefix(told.Reason, d.Reason+": "), told.Reason)
	case level == "single" && d.Reason == "concurrent map access":
		require.Contains(t, []string{"concurrent map writes", "concurrent map read and map write"}, told.Reason)
	case level == "single" && kind == "go-nil-func":
		require.Equal(t, "go of nil func value", told.Reason)
	default:
		require.Equal(t, told.Reason, d.Reason)
	}
}
