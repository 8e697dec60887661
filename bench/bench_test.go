// Package bench compares Init with that of plain sentry-go. It measures both in one
// run, because only their ratio means something on a machine that others use. What a
// guard and a report cost is measured in bench/peers.
//
//	go test -bench . -benchmem -count 10 | benchstat -col /lib -
package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	peer "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/internal/spool"
)

// serve returns the DSN of a server that accepts everything at once.
func serve(b *testing.B) string {
	b.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"id":"0"}`)
	}))
	b.Cleanup(s.Close)
	return "http://key@" + s.Listener.Addr().String() + "/1"
}

// BenchmarkInit measures Init.
func BenchmarkInit(b *testing.B) {
	dsn := serve(b)
	b.Run("lib=sentry-go", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := peer.Init(peer.ClientOptions{Dsn: dsn, Release: "bench@1"}); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			peer.CurrentHub().Client().Close()
			peer.CurrentHub().BindClient(nil)
			b.StartTimer()
		}
	})
	b.Run("lib=ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := sentry.Init(sentry.WithDSN(dsn), sentry.WithRelease("bench@1")); err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			if err := sentry.Close(); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
	})
	for _, stored := range []int{0, spool.DefaultMaxReports} {
		b.Run(fmt.Sprintf("lib=ours-spool-%d", stored), func(b *testing.B) { benchmarkSpool(b, stored) })
	}
}

// benchmarkSpool measures Init with so many stored reports of an earlier run. Init
// does not wait until they are sent. The server refuses them, so that they stay.
func benchmarkSpool(b *testing.B, stored int) {
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
	}))
	b.Cleanup(busy.Close)
	dsn, dir := "http://key@"+busy.Listener.Addr().String()+"/1", b.TempDir()
	store, err := spool.New(dir, spool.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for n := range stored {
		report, err := store.Put(fmt.Sprintf("%032x", n), make([]byte, 8<<10)) // the usual size of a report
		if err == nil {
			err = report.Release()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := sentry.Init(sentry.WithDSN(dsn), sentry.WithRelease("bench@1"), sentry.WithSpool(dir), sentry.WithFlushTimeout(0)); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		_ = sentry.Close() // returns an error, because the reports stay
		b.StartTimer()
	}
}
