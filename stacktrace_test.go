package sentry_test

import (
	"math"
	"runtime"
	"strings"
	"testing"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
)

func TestSplitSymbol(t *testing.T) {
	t.Parallel()
	for symbol, want := range map[string][2]string{
		"main.main":                                {"main", "main"},
		"main.(*T).Method.func1":                   {"main", "(*T).Method.func1"},
		"example.com/acme/app.F[...]":              {"example.com/acme/app", "F[...]"},
		"gopkg.in/yaml%2ev3.(*Decoder).Decode":     {"gopkg.in/yaml.v3", "(*Decoder).Decode"},
		"example.com/a%22b/c.F":                    {`example.com/a"b/c`, "F"},
		"example.com/v1.2/app.F":                   {"example.com/v1.2/app", "F"},
		"sync.(*WaitGroup).Add":                    {"sync", "(*WaitGroup).Add"},
		"example.com/app_test.TestX.func1.gowrap1": {"example.com/app_test", "TestX.func1.gowrap1"},
		"go:itab.*os.File,io.Reader":               {"", "go:itab.*os.File,io.Reader"},
		"type:.eq.main.T":                          {"", "type:.eq.main.T"},
		"_cgoexp_0123456789ab_Export":              {"", "_cgoexp_0123456789ab_Export"},
		"":                                         {"", ""},
	} {
		pkg, function := sentry.SplitSymbol(symbol)
		require.Equal(t, want, [2]string{pkg, function}, symbol)
	}
}

// TestSplitSymbolOfRealFunctions asks the runtime how it spells them.
func TestSplitSymbolOfRealFunctions(t *testing.T) {
	t.Parallel()
	for _, f := range []func() string{generic[int]{}.method, (&generic[string]{}).pointer, literal()} {
		pkg, function := sentry.SplitSymbol(f())
		require.Equal(t, "github.com/panicreport/sentry_test", pkg)
		require.NotContains(t, function, "/")
	}
}

type generic[T any] struct{}

func (generic[T]) method() string   { return symbolOfCaller() }
func (*generic[T]) pointer() string { return symbolOfCaller() }

func literal() func() string { return func() string { return symbolOfCaller() } }

func symbolOfCaller() string {
	pcs := make([]uintptr, 1)
	runtime.Callers(2, pcs)
	f, _ := runtime.CallersFrames(pcs).Next()
	return f.Function
}

func TestFrame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		symbol, file     string
		module, filename string
		inApp            bool
	}{
		{"main.main", "/home/bob/tool/main.go", "main", "example.com/acme/cmd/tool/main.go", true},
		{"example.com/acme/store.(*DB).Get", "example.com/acme/store/db.go", "example.com/acme/store", "example.com/acme/store/db.go", true},
		{"example.com/acme/store.Get", `C:\Users\bob\store\db.go`, "example.com/acme/store", "example.com/acme/store/db.go", true},
		{"example.com/acme_test.TestX", "/x/x_test.go", "example.com/acme_test", "example.com/acme_test/x_test.go", true},
		{"example.com/acme2.F", "/x/f.go", "example.com/acme2", "example.com/acme2/f.go", false},
		{"golang.org/x/sync/errgroup.(*Group).Go", "golang.org/x/sync@v0.1.0/errgroup/errgroup.go", "golang.org/x/sync/errgroup", "golang.org/x/sync/errgroup/errgroup.go", false},
		{"net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", "net/http", "net/http/server.go", false},
		{"runtime/debug.Stack", "/go/src/runtime/debug/stack.go", "runtime/debug", "runtime/debug/stack.go", false},
	} {
		f, ok := sentry.FrameOf(tt.symbol, tt.file, 7)
		require.True(t, ok, tt.symbol)
		require.Equal(t, tt.module, f.Module)
		require.Equal(t, tt.filename, f.Filename)
		require.Equal(t, tt.inApp, f.InApp, tt.symbol)
		require.Empty(t, f.AbsPath)
		require.Equal(t, 7, f.Lineno)
	}
	for _, symbol := range []string{
		"runtime.gopanic", "runtime.goexit", "internal/runtime/maps.fatal", "github.com/panicreport/sentry.Go.func1", "",
	} {
		_, ok := sentry.FrameOf(symbol, "/x/y.go", 1)
		require.False(t, ok, symbol)
	}
}

func TestStacktraceEndsWithItsPlace(t *testing.T) {
	t.Parallel()
	frames := outer().Frames
	require.Equal(t, "inner", frames[len(frames)-1].Function)
	require.Equal(t, "outer", frames[len(frames)-2].Function)

	frames = sentry.FramesOf("", "", "github.com/panicreport/sentry_test.TestStacktraceEndsWithItsPlace").Frames
	require.Equal(t, "tRunner", frames[len(frames)-1].Function, "the guard is trimmed")
	for _, f := range frames {
		require.False(t, f.InApp)
	}
}

//go:noinline
func outer() *sentrygo.Stacktrace { return inner() }

//go:noinline
func inner() *sentrygo.Stacktrace { return sentry.FramesOf("github.com/panicreport/sentry", "") }

func TestStacktraceIsBounded(t *testing.T) {
	t.Parallel()
	for depth, omitted := range map[int]int{200: 0, 100_000: 99_700} {
		st := recurse(depth)
		require.LessOrEqual(t, len(st.Frames), 250)
		require.Equal(t, "recurse", st.Frames[len(st.Frames)-1].Function)
		if omitted > 0 {
			require.Len(t, st.Frames, 250)
			require.Len(t, st.FramesOmitted, 2)
		}
	}
}

//go:noinline
func recurse(n int) *sentrygo.Stacktrace {
	if n == 0 {
		return sentry.FramesOf("", "")
	}
	st := recurse(n - 1)
	return st
}

func TestHasPathPrefix(t *testing.T) {
	t.Parallel()
	require.True(t, sentry.HasPathPrefix("a/b", "a"))
	require.True(t, sentry.HasPathPrefix("a", "a"))
	require.False(t, sentry.HasPathPrefix("ab", "a"))
	require.False(t, sentry.HasPathPrefix("a", ""))
}

// TestReleaseIsOneThatSentryTakes: sentry-relay 0.10.1 (normalize_event) drops
// a release with a slash or of more than 200 bytes, and reads a version only without
// its v. e2e asks it.
func TestReleaseIsOneThatSentryTakes(t *testing.T) {
	t.Parallel()
	for want, in := range map[string][2]string{
		"app@1.2.3":                     {"app", "v1.2.3"},
		"github.com-acme-app@1.2":       {"github.com/acme/app", "1.2"},
		"app@(devel)":                   {"app", "(devel)"},
		"app@very":                      {"app", "very"},
		"app":                           {"app", ""},
		"a-b-c@1":                       {"a\\b\nc", "v1"},
		"app@0.0.0-2026-abc+dirty":      {"app", "v0.0.0-2026-abc+dirty"},
		"x@" + strings.Repeat("1", 198): {"x", strings.Repeat("1", 500)},
	} {
		require.Equal(t, want, sentry.ReleaseOf(in[0], in[1]))
	}
	for in, want := range map[string]string{
		strings.Repeat("é", 150):          strings.Repeat("é", 100),
		"a" + strings.Repeat("é", 100):    "a" + strings.Repeat("é", 99),
		strings.Repeat("a", 199) + " b":   strings.Repeat("a", 199),
		strings.Repeat("a", 199) + "日":    strings.Repeat("a", 199),
		strings.Repeat("a", 198) + "\xff": strings.Repeat("a", 198) + "-",
		"\ufeff latest":                   "-latest",
		"Latest":                          "-Latest",
		"none":                            "none",
		"..":                              "--",
	} {
		require.Equal(t, want, sentry.ReleaseName(in))
	}
	for in, want := range map[string]string{
		"none":                  "-none",
		"NONE":                  "-NONE",
		"latest":                "latest",
		".":                     "-",
		strings.Repeat("é", 50): strings.Repeat("é", 32),
	} {
		require.Equal(t, want, sentry.EnvironmentName(in))
	}
}

type (
	named   int
	flag    bool
	point   complex64
	format  int
	fields  struct{ Password string }
	private struct{ error }
)

// Format would show what the runtime does not.
func (format) Format() string { panic("not asked") }

// TestTextIsTheRuntimes: see printpanicval in runtime/error.go.
func TestTextIsTheRuntimes(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]any{
		"text":                    "text",
		"-3":                      -3,
		"200":                     uint8(200),
		"1.5":                     1.5,
		"NaN":                     math.NaN(),
		"(1+2i)":                  complex(1, 2),
		"true":                    true,
		"sentry_test.named(7)":    named(7),
		"sentry_test.flag(true)":  flag(true),
		"sentry_test.point(1+2i)": point(complex(1, 2)),
		"sentry_test.format(1)":   format(1),
		"(sentry_test.fields)":    fields{"hunter2"},
		"(*sentry_test.fields)":   &fields{"hunter2"},
		"([]string)":              []string{"hunter2"},
		"(map[string]int)":        map[string]int{"hunter2": 1},
		"(chan int)":              make(chan int),
		"(func())":                func() {},
		"(sentry_test.private) whose Error method did not return": private{},
	} {
		require.Equal(t, want, sentry.TextOf(value))
	}
}
