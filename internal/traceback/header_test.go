package traceback_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/traceback"
)

func TestLabels(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]map[string]string{
		"goroutine 1 [running]:":                        nil,
		`goroutine 24 [running] {tenant: "a b", u: c}:`: {"tenant": "a b", "u": "c"},
		`goroutine 24 [running labels:{"k": "v"}]:`:     {"k": "v"},
		`goroutine 24 [running] {k: v, cut: "of`:        {"k": "v"},
		`goroutine 24 [running] {"k": "\x01\u00e9"}:`:   {"k": "\x01é"},
		`goroutine 24 [running]<new> {k: v} <new>:`:     {"k": "v"},
		"panic: x": nil,
	} {
		require.Equal(t, want, traceback.Labels([]byte(line+"\n")), line)
	}
}

// headerLine is the header of a goroutine with a stack, in its parts.
var headerLine = regexp.MustCompile(`(?m)^(goroutine )(\d+)( gp=0x[0-9a-f]+ m=\S+ mp=\S+| gp=0x[0-9a-f]+ m=nil)?( \[)([^],\n]+)([^]\n]*)(\])(:)$`)

// withPart adds part to all headers of a crash text, behind the piece with this
// number.
func withPart(crash []byte, piece int, part string) []byte {
	return headerLine.ReplaceAllFunc(crash, func(line []byte) []byte {
		m := headerLine.FindSubmatch(line)
		m[piece] = append(bytes.Clone(m[piece]), part...)
		return bytes.Join(m[1:], nil)
	})
}

// behind are the pieces of a header behind which a new version of Go may add
// something: the number, the pointers, the state, its remarks, the bracket, the
// colon.
var behind = []int{2, 3, 5, 6, 7, 8}

// TestUnknownPartOfAHeader holds that it costs no frame, and that the goroutine that
// died is the one that is reported.
func TestUnknownPartOfAHeader(t *testing.T) {
	t.Parallel()
	crash := []byte("panic: x\n\ngoroutine 24 [running]:\nmain.f()\n\t/src/x.go:12 +0x1d\n\ngoroutine 25 [running]:\nmain.g()\n\t/src/x.go:13 +0x1d\n")
	for _, piece := range behind {
		for _, part := range []string{" new", " (new)", " new=0x1", ", new: 7 s", " <new>", "; new", `"new"`, " {new}", " new:"} {
			text := withPart(crash, piece, part)
			d := parse(t, text)
			require.Equal(t, "panic", d.Title(), "%s", text)
			require.Len(t, d.Goroutines, 2, "%s", text)
			require.True(t, d.Goroutines[0].Crashed, "%s", text)
			require.EqualValues(t, []int64{24, 25}, []int64{d.Goroutines[0].ID, d.Goroutines[1].ID}, "%s", text)
			require.Len(t, d.Origin(), 1, "%s", text)
			require.Equal(t, "main.f", d.Origin()[0].Function, "%s", text)
		}
	}
	// A header without a number.
	d := parse(t, bytes.ReplaceAll(crash, []byte("goroutine 2"), []byte("goroutine #2")))
	require.Equal(t, "main.f", d.Origin()[0].Function)
	require.Zero(t, d.Goroutines[0].ID)
	// And without anything that is known.
	for _, fatal := range []string{"panic: x\n", ""} {
		d = parse(t, []byte(fatal+"\ngoroutine 24 new:\ninternal/sync.fatal({0x1?, 0x2?})\n\t/go/x.go:1 +0x1\nmain.f()\n\t/src/x.go:12 +0x1d\n"))
		require.True(t, d.Goroutines[0].Crashed)
		require.NotEmpty(t, d.Origin())
	}
}

// TestTextLikeAHeader holds that the text of a program is not taken for one.
func TestTextLikeAHeader(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"goroutine 7 says hello", "goroutine 12: done", "goroutine profile: total 5", "goroutine [x", "goroutine x [running]", "goroutine"} {
		d := parse(t, []byte(line+"\nmore\n\npanic: x\n\ngoroutine 24 [running]:\nmain.f()\n\t/src/x.go:12 +0x1d\n"))
		require.Equal(t, "x", d.Reason, line)
		require.EqualValues(t, 24, d.Goroutines[0].ID, line)
		require.True(t, d.Goroutines[0].Crashed, line)
	}
}

// FuzzHeader adds a part to the headers of real crash texts.
func FuzzHeader(f *testing.F) {
	var texts [][]byte
	for _, path := range fixtures(f) {
		crash, err := readFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(crash) < 4<<10 && strings.Contains(path, "/go1.") && !strings.Contains(path, "shape-labels") && headerLine.Match(crash) {
			texts = append(texts, crash)
		}
	}
	for i := range 40 {
		f.Add(uint16(i*17), uint8(i), []string{" new", "(x)", `{"`, "=0x1"}[i%4])
	}
	f.Fuzz(func(t *testing.T, n uint16, piece uint8, part string) {
		if strings.ContainsAny(part, "\r\n[]:{,") || len(part) > 200 {
			return // what divides the parts that are known
		}
		crash := texts[int(n)%len(texts)]
		want := parse(t, crash)
		got := parse(t, withPart(crash, behind[int(piece)%len(behind)], " "+part))
		if len(want.Goroutines) != len(got.Goroutines) {
			t.Fatalf("%d goroutines of %d", len(got.Goroutines), len(want.Goroutines))
		}
		for i, g := range got.Goroutines {
			// A signal's goroutine is moved to the front by its frames.
			if g.ID != want.Goroutines[i].ID || fmt.Sprint(g.Frames) != fmt.Sprint(want.Goroutines[i].Frames) || g.Crashed && !want.Goroutines[i].Crashed {
				t.Fatalf("goroutine %+v is not %+v", g, want.Goroutines[i])
			}
		}
		if want.Kind == traceback.Panic && fmt.Sprint(got.Origin()) != fmt.Sprint(want.Origin()) {
			t.Fatalf("origin %+v is not %+v", got.Origin(), want.Origin())
		}
	})
}

// TestNumbers has those of Go 1.25, and what looks like them.
func TestNumbers(t *testing.T) {
	t.Parallel()
	for printed, want := range map[string]string{
		"+1.500000e+000":                            "1.5",
		"-2.700000e+001":                            "-27",
		"+1.000000e+021":                            "1e+21",
		"main.temperature(+1.000000e-007)":          "main.temperature(1e-07)",
		"(+1.000000e+000+2.000000e+000i)":           "(1+2i)",
		"main.point(-1.000000e+000-2.500000e+000i)": "main.point(-1-2.5i)",
		"(NaN+Infi)":                                "(NaN+Infi)",
		"x +1.500000e+000":                          "x +1.500000e+000",
		"+1.5e+000":                                 "+1.5e+000",
	} {
		d := parse(t, []byte("panic: "+printed+"\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/x.go:1 +0x1\n"))
		require.Equal(t, want, d.Reason)
	}
}
