package traceback_test

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/traceback"
)

// A walk is one stack, taken in two ways.
type walk struct {
	pcs  []traceback.Frame // from runtime.CallersFrames
	text []traceback.Frame // from what the runtime prints
}

// here returns the stack of its caller.
func here(t *testing.T) walk {
	t.Helper()
	pcs := make([]uintptr, 100)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var w walk
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		w.pcs = append(w.pcs, traceback.Frame{Function: f.Function, File: f.File, Line: f.Line})
	}
	d := parse(t, append([]byte("\n"), debug.Stack()...))
	require.Len(t, d.Goroutines, 1)
	require.Empty(t, d.Unread.First)
	w.text = d.Goroutines[0].Frames
	return w
}

type shape[T any] struct{ _ T }

//go:noinline
func (s *shape[T]) pointer(t *testing.T) walk { return here(t) }

//go:noinline
func (s shape[T]) closure(t *testing.T) walk {
	return func() walk { return func() walk { return s.pointer2(t) }() }()
}

func (s *shape[T]) pointer2(t *testing.T) walk { return here(t) }

func inlined(t *testing.T) walk { return inlinedToo(t) }

func inlinedToo(t *testing.T) walk { return here(t) }

type embedding struct{ *shape[int] }

// TestFramesAreThoseOfTheProcess checks that a stack has the same functions, files
// and lines, whether it comes from program counters or from text.
func TestFramesAreThoseOfTheProcess(t *testing.T) {
	s := &shape[map[string]struct{ A, B int }]{}
	method := s.pointer
	walks := map[string]func() walk{
		"method":       func() walk { return s.pointer(t) },
		"method value": func() walk { return method(t) },
		"closure":      func() walk { return s.closure(t) },
		"inlined":      func() walk { return inlined(t) },
		"promoted": func() walk {
			return any(&embedding{&shape[int]{}}).(interface{ pointer(*testing.T) walk }).pointer(t)
		},
		"range": func() (w walk) {
			for range slices.Values([]int{1}) {
				w = here(t)
			}
			return w
		},
		"deferred": func() (w walk) {
			defer func() { w = here(t) }()
			return w
		},
		"panicking": func() (w walk) {
			defer func() { _ = recover(); w = here(t) }()
			panic("plain words")
		},
		"signal": func() (w walk) {
			defer func() { _ = recover(); w = here(t) }()
			var p *int
			*p = 1
			return w
		},
	}
	for name, take := range walks {
		t.Run(name, func(t *testing.T) {
			w := take()
			require.Greater(t, len(w.pcs), 3)
			// debug.Stack hides most of the runtime, and adds itself.
			own := func(f traceback.Frame) bool {
				return (strings.HasPrefix(f.Function, "runtime.") && f.Function != "runtime.gopanic") || f.Function == "runtime/debug.Stack"
			}
			pcs, text := slices.DeleteFunc(w.pcs, own), slices.DeleteFunc(w.text, own)
			// The function here takes them on two of its lines.
			pcs[0].Line, text[0].Line = 0, 0
			for i := range text {
				text[i] = traceback.Frame{Function: text[i].Function, File: text[i].File, Line: text[i].Line}
			}
			require.Equal(t, pcs, text)
		})
	}
}

// TestEveryFunctionName checks that Parse finds the name in a line with a function,
// for every function of this program.
func TestEveryFunctionName(t *testing.T) {
	for _, name := range []string{
		"main.main", "main.(*T).M", "main.T.M", "main.(*T[...]).M.func1.2", "main.F[...]", "main.F[...].func1", "main.T.M-fm",
		"main.main.func1.gowrap1", "main.f.deferwrap1", "main.rangeBody-range1", "main.init.0.func1", "main.glob..func1",
		"gopkg.in/yaml%2ev3.Unmarshal", "github.com/a/b%2ec/v2.(*Decoder[...]).Go.func1", "example.com/größe.überlauf",
		"_cgoexp_32e5d57f2e06_goCallback", "crosscall_amd64", "main._Cfunc_crash", "type:.eq.struct { main.a int; main.b string }",
		"go.shape.func", "runtime.goexit", "main.(*embedding).pointer", "example.com/a b.F", "main.f.Values[...].func3",
	} {
		for _, args := range []string{"", "...", "0x1", "{}", "0x0?", "{0xc000012120?, 0x5}, {{0x1}, ...}, _, ...", "{{{0x0, 0x1?}}}", "0x1, _"} {
			text := "\ngoroutine 1 [running]:\n" + name + "(" + args + ")\n\t/a b/c:1/x.go:12 +0x1d fp=0x1 sp=0x2 pc=0x3\n"
			d := parse(t, []byte(text))
			if strings.HasPrefix(name, "example.com/a b") {
				require.Equal(t, 2, d.Unread.Lines) // an import path has no space
				continue
			}
			require.Empty(t, d.Unread.First, text)
			require.Len(t, d.Goroutines[0].Frames, 1, text)
			f := d.Goroutines[0].Frames[0]
			require.Equal(t, []any{name, "/a b/c:1/x.go", 12}, []any{f.Function, f.File, f.Line})
		}
	}
}

// TestPermutations combines every header with every two frames and every end of a
// stack, and checks that Parse finds all of them.
func TestPermutations(t *testing.T) {
	headers := []struct {
		text string
		want traceback.Goroutine
	}{
		{"goroutine 1 [running]:", traceback.Goroutine{ID: 1, State: "running", Crashed: true}},
		{"goroutine 18 gp=0xc000102380 m=0 mp=0x5f2ea0 [running, locked to thread]:", traceback.Goroutine{ID: 18, State: "running", LockedToThread: true, Crashed: true}},
		{"goroutine 0 gp=0x5f1ea0 m=nil [idle (scan)]:", traceback.Goroutine{State: "idle"}},
		{"goroutine 9223372036854775800 [chan send (nil chan), 2 minutes]:", traceback.Goroutine{ID: 9223372036854775800, State: "chan send (nil chan)", Wait: 120e9}},
		{"goroutine 7 [force gc (idle), synctest bubble 3]:", traceback.Goroutine{ID: 7, State: "force gc (idle)", Bubble: 3}},
		{`goroutine 7 [select labels:{"a": "1"}]:`, traceback.Goroutine{ID: 7, State: "select", Labels: map[string]string{"a": "1"}}},
		{`goroutine 7 [chan receive (leaked)] {a: "1, }]:", b.c: , : /d_}:`, traceback.Goroutine{ID: 7, State: "chan receive", Leaked: true, Labels: map[string]string{"a": "1, }]:", "b.c": "", "": "/d_"}}},
	}
	functions := []struct{ text, want string }{
		{"main.f()", "main.f"},
		{"main.(*T[...]).M({0x1, 0x2?}, ...)", "main.(*T[...]).M"},
		{"a/b%2ec.f(...)", "a/b%2ec.f"},
	}
	places := []struct {
		text, file string
		line       int
	}{
		{"/src/x.go:12", "/src/x.go", 12},
		{"C:/my app/x.go:1 +0x1d", "C:/my app/x.go", 1},
		{`C:\x.go:2147483647 +0x1d fp=0x1 sp=0x2 pc=0x3`, `C:\x.go`, 2147483647},
		{"<autogenerated>:1 +0x1a", "<autogenerated>", 1},
	}
	ends := []struct {
		text   string
		want   string
		parent int64
		elided int
	}{
		{"", "", 0, 0},
		{"created by main.g in goroutine 12\n\t/src/x.go:9 +0x2\n", "main.g", 12, 0},
		{"created by main.(*T[...]).g\n\t/src/x.go:9\n", "main.(*T[...]).g", 0, 0},
		{"...7 frames elided...\nmain.h()\n\t/src/x.go:9 +0x2\ncreated by main.g in goroutine 12\n\t/src/x.go:9 +0x2\n", "main.g", 12, 7},
	}
	n := 0
	for _, h := range headers {
		for _, f1 := range functions {
			for _, p1 := range places {
				for _, f2 := range functions {
					for _, p2 := range places {
						for _, e := range ends {
							n++
							text := "\n" + h.text + "\n" + f1.text + "\n\t" + p1.text + "\n" + f2.text + "\n\t" + p2.text + "\n" + e.text
							d := parse(t, []byte(text))
							require.Zero(t, d.Unread.Lines, text)
							require.Len(t, d.Goroutines, 1, text)
							g, want := d.Goroutines[0], h.want
							want.Frames = []traceback.Frame{{Function: f1.want, File: p1.file, Line: p1.line}, {Function: f2.want, File: p2.file, Line: p2.line}}
							if want.Parent = e.parent; e.want != "" {
								want.CreatedBy = &traceback.Frame{Function: e.want, File: "/src/x.go", Line: 9}
							}
							if want.Elided = e.elided; e.elided > 0 {
								want.ElidedAt = 2
								want.Frames = append(want.Frames, traceback.Frame{Function: "main.h", File: "/src/x.go", Line: 9})
							}
							require.Equal(t, want, g, text)
						}
					}
				}
			}
		}
	}
	require.Equal(t, len(headers)*12*12*4, n)
}

// TestDecoys panics with texts that look like a crash output. The stack shows that
// there is one panic, so Parse must take all of it for its text.
func TestDecoys(t *testing.T) {
	crash, err := readFixtures()
	require.NoError(t, err)
	lines := []string{"panic: decoy", "\tpanic: decoy [recovered]", "fatal error: decoy", "[signal SIGSEGV: x code=0x1 addr=0x1 pc=0x1]", "", "goroutine 99 [running]:", "main.decoy()", "\t/src/decoy.go:1 +0x1", "runtime stack:", "SIGABRT: abort", "exit status 2", "-----", "PC=0x1"}
	stack := "\ngoroutine 1 [running]:\nmain.f()\n\t/src/gen/main.go:54 +0x31a\n"
	for _, text := range append(crash, lines...) {
		for _, before := range append(lines, "plain words") {
			value := before + "\n" + text
			if len(value) > 4<<10 {
				continue
			}
			d := parse(t, []byte("panic: "+strings.ReplaceAll(value, "\n", "\n\t")+"\n"+stack))
			require.Equal(t, "panic", d.Title())
			require.Equal(t, strings.ReplaceAll(value, "\r\n", "\n"), d.Reason)
			require.Len(t, d.Goroutines, 1)
			require.Equal(t, "main.f", d.Origin()[0].Function)
			require.Zero(t, d.Unread.Lines)
			require.Nil(t, d.Signal)
			require.Zero(t, d.Further)
		}
	}
}

// readFixtures returns the fixtures as panic texts.
func readFixtures() (texts []string, err error) {
	for _, path := range fixturePaths() {
		b, err := readFile(path)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(bytes.TrimRight(b, "\r\n")))
	}
	return texts, nil
}
