package sentry_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/sentrytest"
)

// As in sentry_test.go, the library is the process's: no test here is parallel.

func filesOf(t *testing.T, dir string) (names []string) {
	t.Helper()
	return household{dir: dir}.files(t)
}

func TestFlushAndCloseTellWhatStaysInTheSpool(t *testing.T) {
	server := sentrytest.NewServer(t)
	dir := filepath.Join(t.TempDir(), "spool")
	initialise(t, server, sentry.WithSpool(dir), sentry.WithFlushTimeout(200*time.Millisecond))
	require.True(t, sentry.Flush(long), "there is nothing")
	server.Down()
	survive("one")
	require.False(t, sentry.Flush(0))
	require.ErrorContains(t, sentry.Close(), "close sentry: 1 report was not accepted: connect: connection refused (1 stays in the spool, for the next run)")
	require.True(t, sentry.Flush(0), "it is off")
	require.NoError(t, server.Up())

	initialise(t, server, sentry.WithSpool(dir))
	require.True(t, sentry.Flush(long))
	require.Len(t, server.Events(), 1)
	server.Answer(sentrytest.Status(http.StatusForbidden))
	survive("two")
	require.False(t, sentry.Flush(long), "it was refused")
	require.NoError(t, sentry.Close())
	require.Empty(t, household{dir: dir}.stored(t))
	for _, name := range filesOf(t, dir) {
		require.Contains(t, []string{"spool.lock", "spool.state"}, name, "a run that ended well leaves nothing but the count")
	}
}

// TestConsentThatIsWithdrawn removes at once what is stored, and nothing is
// written until it is given again.
func TestConsentThatIsWithdrawn(t *testing.T) {
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Status(http.StatusInternalServerError))
	dir := filepath.Join(t.TempDir(), "spool")
	var given atomic.Bool
	given.Store(true)
	ask := []sentry.Option{sentry.WithSpool(dir), sentry.WithConsent(given.Load), sentry.WithFlushTimeout(0)}
	for name, touch := range map[string]func(){
		"Flush":  func() { sentry.Flush(0) },
		"Close":  func() { _ = sentry.Close() },
		"Init":   func() { initialise(t, server, ask...) },
		"report": func() { survive("not to be stored") },
	} {
		given.Store(true)
		initialise(t, server, ask...)
		survive("stored")
		require.Len(t, household{dir: dir}.stored(t), 1, name)
		given.Store(false)
		touch()
		// A worker that is at it may not have been at an end yet.
		require.Eventually(t, func() bool {
			files := filesOf(t, dir)
			return len(files) == 0 || len(files) == 1 && files[0] == "spool.lock"
		}, long, time.Millisecond, name)
		survive("not to be stored")
		require.Empty(t, household{dir: dir}.stored(t), name)
		require.NoError(t, os.RemoveAll(dir))
		survive("not to be stored")
		require.NoDirExists(t, dir)
	}
	_ = sentry.Close() // of an attempt that is under way, it can not tell yet
	given.Store(true)
	initialise(t, server, ask...)
	survive("stored again")
	require.Len(t, household{dir: dir}.stored(t), 1)
}

// TestReason: the log and the error of Close say why a report was not accepted, and
// name no address.
func TestReason(t *testing.T) {
	resolve := func(err error) sentry.Option {
		return sentry.WithClientOptions(func(o *sentrygo.ClientOptions) {
			o.HTTPTransport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) { return nil, err }}
		})
	}
	for name, tt := range map[string]struct {
		answer sentrytest.Answer
		down   bool
		opts   []sentry.Option
		reason string
	}{
		"no name":        {opts: []sentry.Option{resolve(&net.DNSError{Err: "no such host", Name: "127.0.0.1", IsNotFound: true})}, reason: "lookup: no such host"},
		"no name server": {opts: []sentry.Option{resolve(&net.DNSError{Err: "i/o timeout", Name: "127.0.0.1", IsTimeout: true})}, reason: "lookup: the name server gave no answer"},
		"no server":      {down: true, reason: "connect: connection refused"},
		"unauthorized":   {answer: sentrytest.Status(http.StatusUnauthorized), reason: "the server answered 401 Unauthorized"},
		"broken":         {answer: sentrytest.Status(http.StatusInternalServerError), reason: "the server answered 500 Internal Server Error"},
		"busy":           {answer: sentrytest.RateLimited(time.Minute), reason: "the server answered 429 Too Many Requests"},
		"portal":         {answer: sentrytest.CaptivePortal(), reason: "a web page answered in place of the server: a captive portal or a wrong DSN"},
		"hang up":        {answer: sentrytest.HangUp(), reason: "the server closed the connection"},
		"silence":        {answer: sentrytest.Never(), reason: "the server has not answered"},
	} {
		for _, spool := range []bool{false, true} {
			t.Run(fmt.Sprint(name, " spool ", spool), func(t *testing.T) {
				server := sentrytest.NewServer(t)
				server.Answer(tt.answer)
				if tt.down {
					server.Down()
				}
				var log bytes.Buffer
				opts := append(tt.opts, sentry.WithFlushTimeout(200*time.Millisecond), sentry.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
				if spool {
					opts = append(opts, sentry.WithSpool(t.TempDir()))
				}
				initialise(t, server, opts...)
				survive("boom")
				err := sentry.Close()
				require.ErrorContains(t, err, tt.reason)
				require.Contains(t, log.String(), fmt.Sprintf("reason=%q", tt.reason))
				require.NotContains(t, log.String(), "attempts=0")
				key, host, _ := strings.Cut(strings.TrimPrefix(server.DSN(), "http://"), "@")
				host, _, _ = strings.Cut(host, "/")
				for _, secret := range []string{key, host, "127.0.0.1"} {
					require.NotContains(t, log.String()+err.Error(), secret)
				}
			})
		}
	}
}

func TestRateLimitInOneProcess(t *testing.T) {
	fails := filepath.Join(t.TempDir(), "fails")
	for name, opts := range map[string][]sentry.Option{
		"in memory":  nil,
		"on disk":    {sentry.WithSpool(filepath.Join(t.TempDir(), "spool"))},
		"disk fails": {sentry.WithSpool(fails)},
	} {
		server := sentrytest.NewServer(t)
		initialise(t, server, append(opts, sentry.WithRateLimit(2, time.Hour))...)
		if name == "disk fails" { // after Init, which would not begin so
			if err := os.Rename(fails, fails+".gone"); err != nil {
				continue // nobody can take an open directory away here
			}
			for n := 0; os.WriteFile(fails, nil, 0o600) != nil; n++ { // it may be made anew at any moment
				require.NoError(t, os.Rename(fails, fmt.Sprint(fails, n)))
			}
		}
		for range 5 {
			survive("often")
		}
		require.Len(t, server.Events(), 2, name)
		func() {
			defer func() { _ = recover() }()
			defer sentry.Recover()
			var another []string
			_ = another[len(name)]
		}()
		require.Len(t, server.Events(), 3, name)
		require.NoError(t, sentry.Close())
	}
}

func TestLeftOutIsToldInTheNextReport(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithRateLimit(1, 100*time.Millisecond))
	panics := 0
	for deadline := time.Now().Add(long); len(server.Events()) < 2 && time.Now().Before(deadline); panics++ {
		survive("often")
	}
	require.Len(t, server.Events(), 2)
	require.EqualValues(t, panics-2, server.Events()[1].Contexts["rate_limit"]["left_out"])
}

// TestLossIsToldToTheServer: 50 panics, of which the spool keeps 30.
func TestLossIsToldToTheServer(t *testing.T) {
	server := sentrytest.NewServer(t)
	dir := filepath.Join(t.TempDir(), "spool")
	initialise(t, server, sentry.WithSpool(dir), sentry.WithFlushTimeout(0))
	server.Down()
	const n = spool.DefaultMaxReports + 20
	for range n {
		survive("offline")
	}
	require.Error(t, sentry.Close())
	require.Len(t, household{dir: dir}.stored(t), spool.DefaultMaxReports)
	require.NoError(t, server.Up())
	initialise(t, server, sentry.WithSpool(dir))
	require.True(t, sentry.Flush(long))
	require.Len(t, server.Events(), spool.DefaultMaxReports)
	lost := map[string]int64{}
	for _, r := range server.ClientReports() {
		for _, d := range r.Discarded {
			lost[d.Reason+" "+d.Category] += d.Quantity
		}
	}
	require.Equal(t, map[string]int64{"cache_overflow error": n - spool.DefaultMaxReports}, lost)
}

// TestSentryGosOwnRateLimitsAndClientReports work for what else is sent, and
// do not concern reports.
func TestSentryGosOwnRateLimitsAndClientReports(t *testing.T) {
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Answer{Header: http.Header{"X-Sentry-Rate-Limits": {"3600:transaction:key"}}}, sentrytest.Accept())
	initialise(t, server, sentry.WithSpool(t.TempDir()), sentry.WithClientOptions(func(o *sentrygo.ClientOptions) {
		o.EnableTracing = true
		o.TracesSampleRate = 1
	}))
	for range 3 {
		sentrygo.StartTransaction(context.Background(), "checkout").Finish()
		require.True(t, sentry.Flush(long))
	}
	require.Len(t, server.ItemsOfType("transaction"), 1, "the others were held back")
	survive("boom")
	require.Len(t, server.Events(), 1)
	sentrygo.NewLogger(context.Background()).Info().Emit("hello")
	require.True(t, sentry.Flush(long))
	var reasons []string
	for _, r := range server.ClientReports() {
		for _, d := range r.Discarded {
			reasons = append(reasons, d.Reason+" "+d.Category)
		}
	}
	require.Contains(t, reasons, "ratelimit_backoff transaction")
}

// TestCrashedLastRunIsThatOfTheProcess, however often it calls Init.
func TestCrashedLastRunIsThatOfTheProcess(t *testing.T) {
	h := newHousehold(t)
	requirePanic(t, h.run(t, "string"))
	server := sentrytest.NewServer(t)
	for range 3 {
		initialise(t, server, sentry.WithSpool(h.dir))
		require.True(t, sentry.CrashedLastRun())
	}
	require.NoError(t, sentry.Close())
	require.False(t, sentry.CrashedLastRun(), "it is off")
	initialise(t, server, sentry.WithSpool(h.dir))
	require.False(t, sentry.CrashedLastRun(), "the former ended well")
}

// TestCloseOnTheWayOut does not wait for the server a second time.
func TestCloseOnTheWayOut(t *testing.T) {
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Never())
	const wait = 500 * time.Millisecond
	initialise(t, server, sentry.WithFlushTimeout(wait))
	begin := time.Now()
	func() {
		defer func() { require.Equal(t, "on the way out", recover()) }()
		defer sentry.Close()
		defer sentry.Recover()
		panic("on the way out")
	}()
	require.Less(t, time.Since(begin), 2*wait)
}
