package traceback_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/traceback"
)

func fixturePaths() []string {
	paths, _ := filepath.Glob("testdata/*/*.crash")
	return paths
}

func readFile(path string) ([]byte, error) { return os.ReadFile(path) }

// A chunked reads in pieces of n bytes.
type chunked struct {
	r io.Reader
	n int
}

func (c chunked) Read(p []byte) (int, error) { return c.r.Read(p[:min(len(p), c.n)]) }

func TestChunksDoNotMatter(t *testing.T) {
	for _, path := range fixtures(t) {
		crash, err := os.ReadFile(path)
		require.NoError(t, err)
		want := render(parse(t, crash))
		for _, n := range []int{1, 7, 4096} {
			d, err := traceback.Parse(chunked{bytes.NewReader(crash), n})
			require.NoError(t, err)
			require.Equal(t, want, render(d), path)
		}
	}
}

func TestLineEndsDoNotMatter(t *testing.T) {
	for _, path := range fixtures(t) {
		crash, err := os.ReadFile(path)
		require.NoError(t, err)
		crlf := bytes.ReplaceAll(bytes.ReplaceAll(crash, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		require.Equal(t, render(parse(t, crash)), render(parse(t, crlf)), path)
	}
}

// TestCutAnywhere cuts a text at every byte. What Parse reports for the first part,
// it must also report for the whole text.
func TestCutAnywhere(t *testing.T) {
	step := 13
	if os.Getenv("SENTRY_STRESS") != "" {
		step = 1
	}
	for _, path := range fixtures(t) {
		crash, err := os.ReadFile(path)
		require.NoError(t, err)
		if len(crash) > 2<<10 || bytes.Contains(crash, []byte("\r\n")) {
			continue
		}
		whole := map[traceback.Frame]bool{}
		states := map[string]bool{}
		for _, g := range parse(t, crash).Goroutines {
			states[g.State] = true
			for _, f := range allFrames(g) {
				whole[plain(f)] = true
				f.Line = 0
				whole[plain(f)] = true
				f.File = ""
				whole[plain(f)] = true
			}
		}
		for n := 0; n < len(crash); n += step {
			d := parse(t, crash[:n])
			require.Equal(t, n > 0 && crash[n-1] != '\n', d.Truncated)
			for _, g := range d.Goroutines {
				require.True(t, states[g.State] || d.Further > 0, "%s[:%d]: %s", path, n, g.State)
				for _, f := range allFrames(g) {
					if strings.HasPrefix(path, "testdata/hand/") {
						continue // the first part can look like another crash
					}
					if len(f.File) > 0 && f.Line == 0 {
						f.File = "" // a path can be cut too
					}
					require.True(t, whole[plain(f)], "%s[:%d]: %v", path, n, f)
				}
			}
		}
	}
}

func allFrames(g traceback.Goroutine) []traceback.Frame {
	frames := g.Frames
	if g.CreatedBy != nil {
		frames = append(frames[:len(frames):len(frames)], *g.CreatedBy)
	}
	return frames
}

// plain returns f without its unexported fields.
func plain(f traceback.Frame) traceback.Frame {
	return traceback.Frame{Function: f.Function, File: f.File, Line: f.Line}
}

func TestReaderFails(t *testing.T) {
	broken := errors.New("broken")
	d, err := traceback.Parse(io.MultiReader(strings.NewReader("panic: plain words\n\ngoroutine 1 [running]:\n"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	require.Equal(t, "plain words", d.Reason)
	require.Len(t, d.Goroutines, 1)
}

func TestLongLines(t *testing.T) {
	stack := "\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/gen/main.go:54 +0x31a\npanic({0x4e0f00?, 0x5111d0?})\n\t/x/panic.go:860 +0x13a\nmain.g()\n\t/src/gen/main.go:55 +0x31a\n"
	for _, n := range []int{8 << 10, 16<<10 - 8, 16<<10 - 7, 16 << 10, 16<<10 + 40, 1 << 20} {
		d := parse(t, []byte("panic: "+strings.Repeat("x", n)+" [recovered, repanicked]"+stack))
		require.Equal(t, strings.Repeat("x", 8<<10), d.Reason, n)
		require.True(t, d.Panics[0].Repanicked, n)
		require.Equal(t, "main.g", d.Origin()[0].Function, n)
		require.Zero(t, d.Unread.Lines)
		d = parse(t, []byte(strings.Repeat("y", n)+"\npanic: x"+stack))
		require.Equal(t, "x", d.Reason)
		require.Equal(t, 1, d.Unread.Lines)
		require.Len(t, d.Unread.First[0], 200)
	}
}

// crowd returns a crash output with n goroutines, each with so many frames. No two
// have the same stack.
func crowd(n, frames int) io.Reader {
	pr, pw := io.Pipe()
	var one bytes.Buffer
	for range frames - 1 {
		one.WriteString("example.com/some/service/internal/worker.(*Pool[...]).run.func1({0xc000012120?, 0x5}, 0x1d)\n\t/src/service/internal/worker/pool.go:128 +0x1d\n")
	}
	one.WriteString("created by example.com/some/service/internal/worker.(*Pool[...]).Start in goroutine 1\n\t/src/service/internal/worker/pool.go:64 +0x9c\n")
	go func() {
		_, _ = io.WriteString(pw, "panic: plain words\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/gen/main.go:54 +0x31a\n")
		for i := range n - 1 {
			_, _ = fmt.Fprintf(pw, "\ngoroutine 7 [chan receive, 3 minutes]:\nmain.f()\n\t/src/gen/main.go:%d +0x31a\n", i)
			_, _ = pw.Write(one.Bytes())
		}
		pw.Close()
	}()
	return pr
}

// TestManyGoroutines checks that memory grows with what is kept, and not with what
// is read.
func TestManyGoroutines(t *testing.T) {
	goroutines := 10_000
	if os.Getenv("SENTRY_STRESS") != "" {
		goroutines = 100_000
	}
	few, many := memoryOf(t, 1_000), memoryOf(t, goroutines)
	t.Logf("1,000 goroutines: %+v; %d: %+v", few, goroutines, many)
	require.Less(t, many.bytes, few.bytes+64<<10)
	require.Less(t, many.allocs, few.allocs+1_000)
	require.Less(t, many.bytes, uint64(2<<20))
}

// TestKeptGoroutines checks that each goroutine costs the same as long as all are
// kept. A quadratic parser would need four times as much per goroutine in the last
// step as in the first. A parser that kept the text would need 870 bytes more.
func TestKeptGoroutines(t *testing.T) {
	// Measured: 2 allocations and 848 bytes, with 5 frames each.
	limit := memory{allocs: 3, bytes: 1_300}
	var first, less memory
	for _, n := range []int{32, 64, 128, 256} {
		all := memoryOf(t, n)
		added := uint64(n / 2)
		each := memory{(all.allocs - less.allocs) / added, (all.bytes - less.bytes) / added}
		less = all
		switch n {
		case 32: // includes the fixed costs of any text
			continue
		case 64:
			first = each
		}
		t.Logf("%d goroutines: %+v, %+v for each that was added", n, all, each)
		require.LessOrEqual(t, each.allocs, limit.allocs)
		require.LessOrEqual(t, each.bytes, limit.bytes)
		require.LessOrEqual(t, each.allocs, first.allocs*3/2)
		require.LessOrEqual(t, each.bytes, first.bytes*3/2)
	}
}

// TestEqualGoroutines checks that goroutines with one stack are one, and that those
// which differ are found however late they come.
func TestEqualGoroutines(t *testing.T) {
	var text bytes.Buffer
	text.WriteString("panic: x\n\ngoroutine 1 [running]:\nmain.wait(0x1)\n\t/src/x.go:1 +0x1\n")
	add := func(id int, header, file string, line int) {
		fmt.Fprintf(&text, "\ngoroutine %d [%s:\nmain.wait(%#x)\n\t%s:%d +0x1\ncreated by main.main in goroutine %d\n\t/src/x.go:9 +0x1\n", id, header, id, file, line, id)
	}
	for i := range 10_000 {
		add(100+i, fmt.Sprintf("select, %d minutes] {tenant: a, request: %d}", 1+i%50, i), "/src/x.go", 2)
		if i%3 == 0 {
			add(100_000+i, "select]", "/src/x.go", 3)
		}
	}
	for i := range 300 { // more than are kept
		add(200_000+i, "select]", "/src/x.go", 10+i)
	}
	add(300_000, "select]", "/src/x.go", 2)
	add(300_001, "chan send]", "/src/x.go", 2)
	d := parse(t, text.Bytes())
	require.Len(t, d.Goroutines, 256)
	require.Equal(t, 300-253+1, d.Dropped)
	require.Zero(t, d.Unread.Lines)
	one, two := d.Goroutines[1], d.Goroutines[2]
	require.EqualValues(t, []int64{1, 100, 100_000}, []int64{d.Goroutines[0].ID, one.ID, two.ID})
	require.EqualValues(t, []int{0, 10_000, 3_333}, []int{d.Goroutines[0].Like, one.Like, two.Like})
	require.Equal(t, 50*time.Minute, one.Wait)
	require.Empty(t, one.Labels, "the last has none")
	all := 0
	for _, g := range d.Goroutines {
		all += 1 + g.Like
		require.Len(t, g.Frames, 1)
	}
	require.Equal(t, 1+10_000+3_334+300+2, all+d.Dropped)
}

type memory struct{ allocs, bytes uint64 }

// memoryOf measures more than once: the testing package and the garbage collector
// allocate at times, too.
func memoryOf(t *testing.T, n int) (least memory) {
	t.Helper()
	least = measure(t, n)
	// The race detector drops one of four buffers that are put into a pool, and a
	// collection empties it: a small text is read until a run has met a full one.
	runs := 2
	if n <= 256 {
		runs = 30
	}
	for range runs {
		again := measure(t, n)
		least = memory{min(least.allocs, again.allocs), min(least.bytes, again.bytes)}
	}
	return least
}

func measure(t *testing.T, n int) memory {
	t.Helper()
	// This reader does not allocate.
	var text bytes.Buffer
	_, err := text.ReadFrom(crowd(n, 5))
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := traceback.Parse(&text)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Len(t, d.Goroutines, min(n, 256))
	require.Equal(t, max(n-256, 0), d.Dropped)
	require.Zero(t, d.Unread.Lines)
	return memory{after.Mallocs - before.Mallocs, after.TotalAlloc - before.TotalAlloc}
}

// TestForged checks that a text which was made to fill memory does not fill it.
func TestForged(t *testing.T) {
	var text bytes.Buffer
	for i := range 256 {
		text.WriteString("\ngoroutine 7 [running]:\n")
		for j := range 40 {
			name := fmt.Sprint("f", i, "x", j, strings.Repeat("n", 8000))
			text.WriteString(name + ".f()\n\t/" + name + ":1\n")
		}
	}
	size := text.Len()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := traceback.Parse(&text)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.NotZero(t, d.Dropped)
	t.Logf("%d MiB of names: %d MiB allocated", size>>20, (after.TotalAlloc-before.TotalAlloc)>>20)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20))
}

// TestRate compares Parse with a scan of the same lines, in turns. An absolute rate
// would say nothing on a machine that others use. Where this was measured, a scan
// read 5 GB/s, so that slowest stands for the promised 100 MB/s. There, Parse took
// 5 times as long as the scan if a quarter of the goroutines was kept, and 11 times
// if all were. With the race detector, it was 6 and 10 times.
func TestRate(t *testing.T) {
	const slowest = 50
	// A turn is short, so that some turns are not interrupted on a busy machine.
	// There are more than a few turns only if all so far were interrupted.
	const few, most = 20, 400
	for _, n := range []int{256, 1_000} {
		var text bytes.Buffer
		_, err := text.ReadFrom(crowd(n, 5))
		require.NoError(t, err)
		scan, parse := time.Hour, time.Hour
		for turn := 0; turn < few || turn < most && parse > slowest*scan; turn++ {
			scan = min(scan, timed(t, func() error { return scanLines(text.Bytes()) }))
			parse = min(parse, timed(t, func() error {
				_, err := traceback.Parse(bytes.NewReader(text.Bytes()))
				return err
			}))
		}
		if scan == 0 {
			t.Skip("the clock is too coarse")
		}
		t.Logf("%d goroutines: scan %v, parse %v, %.1f times", n, scan, parse, float64(parse)/float64(scan))
		require.LessOrEqual(t, parse, slowest*scan)
	}
}

func timed(t *testing.T, f func() error) time.Duration {
	t.Helper()
	begin := time.Now()
	err := f()
	took := time.Since(begin)
	require.NoError(t, err)
	return took
}

func scanLines(text []byte) error {
	s := bufio.NewScanner(bytes.NewReader(text))
	for s.Scan() {
	}
	return s.Err()
}

func BenchmarkParse(b *testing.B) {
	for name, n := range map[string]int{"kept": 256, "100,000 goroutines": 100_000} {
		b.Run(name, func(b *testing.B) {
			var text bytes.Buffer
			_, err := text.ReadFrom(crowd(n, 5))
			require.NoError(b, err)
			b.SetBytes(int64(text.Len()))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := traceback.Parse(bytes.NewReader(text.Bytes())); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("system", func(b *testing.B) {
		text, err := os.ReadFile("testdata/go1.26/signal-quit.system.crash")
		require.NoError(b, err)
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := traceback.Parse(bytes.NewReader(text)); err != nil {
				b.Fatal(err)
			}
		}
	})
}
