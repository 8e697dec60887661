package traceback_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/panicreport/sentry/internal/traceback"
)

// FuzzParse checks for any text that Parse reads it to its end, in pieces of any
// size, that what Parse reports is in the text, and that nothing is longer than its
// limit.
func FuzzParse(f *testing.F) {
	for _, path := range fixtures(f) {
		crash, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if len(crash) < 8<<10 {
			f.Add(crash, uint8(len(crash)))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, n uint8) {
		d, err := traceback.Parse(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		requireBounds(t, d)
		requireInText(t, d, string(text))
		again, err := traceback.Parse(chunked{bytes.NewReader(text), 1 + int(n)})
		if err != nil {
			t.Fatal(err)
		}
		if render(d) != render(again) {
			t.Fatalf("in pieces of %d:\n%s\nat once:\n%s", 1+int(n), render(again), render(d))
		}
	})
}

func requireBounds(t *testing.T, d *traceback.Dump) {
	t.Helper()
	if len(d.Goroutines) > 256 || len(d.Panics) > 16 || len(d.Reason) > 16<<10 || len(d.Unread.First) > 8 || len(d.Unread.First) > d.Unread.Lines {
		t.Fatalf("too much:\n%s", render(d))
	}
	for i, g := range d.Goroutines {
		if len(g.Frames) > 256 || len(g.Labels) > 64 || g.ElidedAt > len(g.Frames) || g.Crashed && i > 0 && d.Kind != traceback.Signal {
			t.Fatalf("wrong goroutine:\n%s", render(d))
		}
	}
	if (d.Kind == traceback.Panic || d.Kind == traceback.RuntimeError) != (len(d.Panics) > 0) && d.Kind != traceback.Fatal && d.Kind != traceback.Signal {
		t.Fatalf("a panic without its text, or the other way round:\n%s", render(d))
	}
	if d.Kind == traceback.Signal && d.Signal == nil {
		t.Fatal("a signal without itself")
	}
}

var longNumber = regexp.MustCompile(`[+-]\d\.\d{6}e[+-]\d{3}`)

func requireInText(t *testing.T, d *traceback.Dump, text string) {
	t.Helper()
	frames := append(d.Origin(), d.RuntimeStack...)
	for _, g := range d.Goroutines {
		if !strings.Contains(text, g.State) {
			t.Fatalf("no state %q in the text", g.State)
		}
		frames = append(frames, allFrames(g)...)
	}
	for _, f := range frames {
		name := f.Function
		if name == "runtime.gopanic" {
			name = "panic"
		}
		if name == "" || !strings.Contains(text, name) || !strings.Contains(text, f.File) {
			t.Fatalf("%+v is not in the text", f)
		}
	}
	// A number of Go 1.25 is not shown as it is printed.
	if !d.Inferred && d.Kind != traceback.Signal && !longNumber.MatchString(text) {
		for _, line := range strings.Split(d.Reason, "\n") {
			if !strings.Contains(text, line) {
				t.Fatalf("the reason %q is not in the text", line)
			}
		}
	}
}
