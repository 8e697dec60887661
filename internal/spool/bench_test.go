package spool_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/spool"
)

// BenchmarkPut measures Put and, in turn with it, what it can not do without:
// create, write and fsync of as many bytes. The ratio is that of the two.
// Between them the directory is synced, so that neither pays for what the other
// left to be done.
func BenchmarkPut(b *testing.B) {
	for _, size := range []int{4 << 10, 64 << 10, 1 << 20} {
		b.Run(fmt.Sprintf("%dKiB", size>>10), func(b *testing.B) {
			s, dir := newStore(b, spool.Options{})
			require.NoError(b, s.Sweep())
			data := make([]byte, size)
			bare := filepath.Join(filepath.Dir(dir), "bare")
			var puts, bares time.Duration
			n := 0
			for b.Loop() {
				n++
				var r *spool.Report
				puts += timed(b, func() (err error) { r, err = s.Put(reportID(n), data); return err })
				require.NoError(b, r.Remove())
				settle(b, dir)
				bares += timed(b, func() error { return writeSynced(bare, data) })
				require.NoError(b, os.Remove(bare))
				settle(b, dir)
			}
			b.ReportMetric(float64(puts.Microseconds())/float64(n), "put-µs")
			b.ReportMetric(float64(bares.Microseconds())/float64(n), "bare-µs")
			b.ReportMetric(float64(puts)/float64(bares), "ratio")
		})
	}
}

func timed(b *testing.B, f func() error) time.Duration {
	begin := time.Now()
	err := f()
	took := time.Since(begin)
	require.NoError(b, err)
	return took
}

func settle(b *testing.B, dir string) {
	f, err := os.Open(dir)
	require.NoError(b, err)
	require.NoError(b, f.Sync())
	require.NoError(b, f.Close())
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// BenchmarkStart measures what a program pays at its start: New, Sweep, Begin,
// DeadRuns.
func BenchmarkStart(b *testing.B) {
	for _, stored := range []int{0, spool.DefaultMaxReports} {
		b.Run(fmt.Sprintf("%d stored", stored), func(b *testing.B) {
			s, dir := newStore(b, spool.Options{})
			require.NoError(b, s.Sweep())
			for n := range stored {
				put(b, s, reportID(n))
			}
			for b.Loop() {
				s, err := spool.New(dir, spool.Options{})
				if err == nil {
					err = s.Sweep()
				}
				if err != nil {
					b.Fatal(err)
				}
				run, err := s.Begin(nil)
				if err != nil {
					b.Fatal(err)
				}
				if _, err = s.DeadRuns(); err == nil {
					err = run.End()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSweep measures New and Sweep alone.
func BenchmarkSweep(b *testing.B) {
	for _, stored := range []int{0, spool.DefaultMaxReports} {
		b.Run(fmt.Sprintf("%d stored", stored), func(b *testing.B) {
			s, dir := newStore(b, spool.Options{})
			require.NoError(b, s.Sweep())
			for n := range stored {
				put(b, s, reportID(n))
			}
			for b.Loop() {
				s, err := spool.New(dir, spool.Options{})
				if err == nil {
					err = s.Sweep()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkTake(b *testing.B) {
	s, _ := newStore(b, spool.Options{})
	for n := range spool.DefaultMaxReports {
		put(b, s, reportID(n))
	}
	for b.Loop() {
		r, err := s.Take()
		if err == nil {
			err = r.Release()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAllow(b *testing.B) {
	s, _ := newStore(b, spool.Options{})
	for b.Loop() {
		if _, _, err := s.Allow("key", limit.Rate{N: 1, Per: time.Hour}); err != nil {
			b.Fatal(err)
		}
	}
}
