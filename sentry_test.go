package sentry_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// The library is the process's, as sentry-go's hub is: the tests of this file
// do not run in parallel.

// long is a flush timeout that no test reaches.
const long = 10 * time.Second

// initialise calls Init with the server's DSN, and Close after the test.
func initialise(t *testing.T, server *sentrytest.Server, opts ...sentry.Option) {
	t.Helper()
	opts = append([]sentry.Option{sentry.WithDSN(server.DSN()), sentry.WithFlushTimeout(long)}, opts...)
	require.NoError(t, sentry.Init(opts...))
	t.Cleanup(func() { _ = sentry.Close() })
}

// withTracing sends every transaction.
var withTracing = sentry.WithClientOptions(func(o *sentrygo.ClientOptions) {
	o.EnableTracing, o.TracesSampleRate = true, 1
})

// survive panics with value under a guard, and recovers above it.
func survive(value any) (recovered any) {
	defer func() { recovered = recover() }()
	defer sentry.Recover()
	panic(value)
}

func TestReport(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithContext("desktop", "v1.2.3"), sentry.WithTags(map[string]string{"a": "1", "b": "2"}))
	sentry.SetTag("b", "3")
	defer sentry.SetTag("b", "")
	require.Equal(t, "boom", survive("boom"))
	e := server.Events()[0] // Recover has waited for it
	require.Equal(t, "desktop@1.2.3", e.Release)
	require.Equal(t, "development", e.Environment)
	require.Equal(t, map[string]string{"context.name": "desktop", "context.version": "v1.2.3", "a": "1", "b": "3"}, e.Tags)
	require.Equal(t, "survive", e.Top().Function)
	require.Equal(t, "go", e.Platform)
	require.Less(t, time.Since(e.Timestamp), time.Minute)
}

func TestPanicGoesOnWithTheSameValue(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	value := &struct{ n int }{1}
	require.Same(t, value, survive(value))
	err := errors.New("x")
	require.Same(t, err, survive(err))
	sentry.RecoverError(nil) // no panic
	require.Len(t, server.Events(), 2)
}

func TestInitWithoutDSNIsSilent(t *testing.T) {
	server := sentrytest.NewServer(t)
	t.Setenv("SENTRY_DSN", server.DSN())
	for _, opts := range [][]sentry.Option{
		{},
		{sentry.WithDSN("")},
		{sentry.WithDSN(server.DSN()), sentry.WithDSN(" ")},
		{sentry.WithDSN(server.DSN()), sentry.WithEnvironments("production")},
	} {
		require.NoError(t, sentry.Init(opts...))
		require.Equal(t, "boom", survive("boom"))
		sentrygo.CaptureException(errors.New("of the application's"))
		require.True(t, sentry.Flush(long))
		require.NoError(t, sentry.Close())
	}
	require.Empty(t, server.Attempts())
}

func TestDoNotTrackWinsOverEverything(t *testing.T) {
	server := sentrytest.NewServer(t)
	for _, yes := range []string{"1", "true", "yes"} {
		t.Setenv("DO_NOT_TRACK", yes)
		initialise(t, server)
		survive("boom")
		sentrygo.CaptureMessage("hello")
		require.True(t, sentry.Flush(long))
	}
	require.Empty(t, server.Attempts())
	t.Setenv("DO_NOT_TRACK", "0")
	initialise(t, server)
	survive("boom")
	require.Len(t, server.Events(), 1)
}

func TestDSNFromTheEnvironmentOnlyIfAsked(t *testing.T) {
	given, env := sentrytest.NewServer(t), sentrytest.NewServer(t)
	initialise(t, given, sentry.WithEnvironmentDSN("APP_DSN"), sentry.WithDefaultEnvironmentDSN())
	survive("to the one given: the variables are empty")
	t.Setenv(sentry.DefaultEnvVarDSN, env.DSN())
	initialise(t, given, sentry.WithDefaultEnvironmentDSN())
	survive("to the one of the environment")
	require.Len(t, given.Events(), 1)
	require.Len(t, env.Events(), 1)
}

func TestMalformedDSN(t *testing.T) {
	for dsn, reason := range map[string]string{
		"ftp://keykey@host/1":      "it does not begin with http",
		"https://host/1":           "the key is missing",
		"https://keykey@/1":        "the host is missing",
		"https://keykey@host":      "the project is missing",
		"https://keykey@ho st/1":   "it is not a URL",
		"https://keykey@host:x/1":  "it is not a URL",
		"keykey":                   "it does not begin with http",
		"\x7fhttps://keykey@host/": "it is not a URL",
	} {
		err := sentry.Init(sentry.WithDSN(dsn))
		require.ErrorContains(t, err, "init sentry: parse DSN: "+reason, dsn)
		require.NotContains(t, err.Error(), "keykey")
		require.NotContains(t, strings.ReplaceAll(err.Error(), "<host>", ""), "host/")
		require.Panics(t, func() { sentry.MustInit(sentry.WithDSN(dsn)) })
	}
}

func TestInvalidOptionsChangeNothing(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	err := sentry.Init(sentry.WithContext("", "1"), sentry.WithFlushTimeout(-1), sentry.WithConsent(nil), nil)
	for _, name := range []string{"WithContext", "WithFlushTimeout", "WithConsent"} {
		require.ErrorContains(t, err, name)
	}
	err = sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithClientOptions(func(o *sentrygo.ClientOptions) {
		o.Transport = sentrygo.NewHTTPSyncTransport()
	}))
	require.ErrorContains(t, err, "WithClientOptions: Transport")
	survive("still reported")
	require.Len(t, server.Events(), 1)
}

func TestInitAgainReplacesAndFlushes(t *testing.T) {
	first, second := sentrytest.NewServer(t), sentrytest.NewServer(t)
	first.Answer(sentrytest.Answer{Delay: 50 * time.Millisecond})
	initialise(t, first)
	hub := sentrygo.CurrentHub().Clone()
	hub.CaptureException(errors.New("to the first")) // does not wait
	initialise(t, second, sentry.WithRelease("second@1"))
	require.Len(t, first.Events(), 1, "Init has flushed the former")
	survive("to the second")
	hub.CaptureException(errors.New("to the second, by a hub from before"))
	require.True(t, sentry.Flush(long))
	require.Len(t, second.Events(), 2)
	require.Equal(t, "second@1", second.Events()[1].Release)
	require.Len(t, first.Events(), 1)
}

func TestCloseIsOffAndIdempotent(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, withTracing)
	t.Setenv("SENTRY_DSN", server.DSN())
	hub := sentrygo.CurrentHub().Clone()
	require.NoError(t, sentry.Close())
	require.NoError(t, sentry.Close())
	survive("after")
	hub.CaptureException(errors.New("after"))
	hub.CaptureMessage("after")
	sentrygo.CaptureMessage("after")
	ctx := sentrygo.SetHubOnContext(context.Background(), hub)
	sentrygo.StartTransaction(ctx, "after").Finish()
	hub.Flush(10 * time.Millisecond) // sentry-go's own log batch waits for nobody
	require.Empty(t, server.Attempts())
}

func TestConsentIsAskedBeforeEveryReport(t *testing.T) {
	server := sentrytest.NewServer(t)
	var given atomic.Bool
	built := 0
	initialise(t, server, sentry.WithConsent(given.Load), sentry.WithClientOptions(func(o *sentrygo.ClientOptions) {
		o.BeforeSend = func(e *sentrygo.Event, _ *sentrygo.EventHint) *sentrygo.Event { built++; return e }
	}))
	survive("one")
	sentrygo.CaptureException(errors.New("two"))
	require.Zero(t, built)
	given.Store(true)
	survive("three")
	given.Store(false)
	survive("four")
	require.True(t, sentry.Flush(long))
	require.Len(t, server.Attempts(), 1)
	require.Equal(t, "panic: three", server.Events()[0].Title())
}

func TestConsentThatPanicsIsNotGiven(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithConsent(func() bool { panic("no answer") }))
	require.Equal(t, "boom", survive("boom"))
	require.Empty(t, server.Attempts())
}

// TestGoexitOfTheApplicationsCode: a test's FailNow does it, wherever it stands.
func TestGoexitOfTheApplicationsCode(t *testing.T) {
	server := sentrytest.NewServer(t)
	var asked atomic.Int32
	initialise(t, server, sentry.WithFlushTimeout(100*time.Millisecond), sentry.WithConsent(func() bool {
		if asked.Add(1) == 2 { // before it is sent
			runtime.Goexit()
		}
		return true
	}))
	require.Equal(t, "boom", survive("boom"))
	require.Error(t, sentry.Close())
}

func TestApplicationsCodeMayCallBack(t *testing.T) {
	require.NoError(t, sentry.Init(sentry.WithClientOptions(func(*sentrygo.ClientOptions) { _ = sentry.Close() })))
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithClientOptions(func(*sentrygo.ClientOptions) { _ = sentry.Close() }))
}

// TestEveryReportIsFatal whatever the scope says.
func TestEveryReportIsFatal(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().SetLevel(sentrygo.LevelDebug)
	func() {
		defer func() { _ = recover() }()
		defer sentry.RecoverWithContext(sentrygo.SetHubOnContext(context.Background(), hub))
		panic("boom")
	}()
	require.Equal(t, "fatal", server.Events()[0].Level)
}

func TestWithdrawnConsentDropsWhatWaits(t *testing.T) {
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Status(http.StatusInternalServerError))
	var given atomic.Bool
	given.Store(true)
	initialise(t, server, sentry.WithConsent(given.Load))
	sentrygo.CaptureException(errors.New("will be tried again"))
	server.WaitAttempts(1)
	given.Store(false)
	require.True(t, sentry.Flush(long), "nothing waits any more")
	require.Len(t, server.Attempts(), 1)
}

// TestRecoverWaitsAtMostTheFlushTimeout: with a server that never answers, and
// not at all when there is nothing to wait for.
func TestRecoverWaitsAtMostTheFlushTimeout(t *testing.T) {
	const timeout = 200 * time.Millisecond
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Never())
	require.NoError(t, sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithFlushTimeout(timeout)))
	start := time.Now()
	survive("boom")
	require.GreaterOrEqual(t, time.Since(start), timeout)
	require.Less(t, time.Since(start), 10*timeout)
	require.False(t, sentry.Flush(0))
	start = time.Now()
	require.ErrorContains(t, sentry.Close(), "1 report was not accepted: the server has not answered")
	require.Less(t, time.Since(start), 10*timeout)
	start = time.Now()
	survive("boom")
	require.Less(t, time.Since(start), timeout)
}

func TestFlushAndCloseTellTheTruth(t *testing.T) {
	down := sentrytest.NewServer(t)
	dsn := down.DSN()
	down.Close()
	require.NoError(t, sentry.Init(sentry.WithDSN(dsn), sentry.WithFlushTimeout(time.Millisecond)))
	survive("connection refused")
	require.False(t, sentry.Flush(time.Millisecond))
	err := sentry.Close()
	require.ErrorContains(t, err, "close sentry: 1 report was")
	require.NotContains(t, err.Error(), dsn)

	server := sentrytest.NewServer(t)
	initialise(t, server)
	server.Answer(sentrytest.Status(http.StatusBadRequest))
	survive("refused")
	require.False(t, sentry.Flush(long))
	require.True(t, sentry.Flush(long), "told once")
	server.Answer(sentrytest.Accept())
	survive("accepted")
	require.True(t, sentry.Flush(long))
	require.NoError(t, sentry.Close())
}

func TestServerThatFailsForAWhile(t *testing.T) {
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Status(http.StatusBadGateway), sentrytest.HangUp(), sentrytest.Accept())
	initialise(t, server)
	survive("patience")
	require.Len(t, server.Events(), 1)
	attempts := server.Attempts()
	require.Len(t, attempts, 3)
	require.True(t, sentry.Flush(long))
}

func TestLoggerIsToldWithoutTheDSN(t *testing.T) {
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Status(http.StatusForbidden))
	var log bytes.Buffer
	initialise(t, server, sentry.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	survive("password=hunter2")
	require.Error(t, sentry.Close()) // and ends the writers of log
	require.Contains(t, log.String(), "the server answered 403 Forbidden")
	require.NotContains(t, log.String(), "hunter2")
	require.NotContains(t, log.String(), server.DSN())
	key, _, _ := strings.Cut(strings.TrimPrefix(server.DSN(), "http://"), "@")
	require.NotContains(t, log.String(), key)
}

// TestHTTPHandlerLivesOn: net/http recovers in the end.
func TestHTTPHandlerLivesOn(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	mux := http.NewServeMux()
	mux.HandleFunc("/panic", func(http.ResponseWriter, *http.Request) { defer sentry.Recover(); panic("in a handler") })
	mux.HandleFunc("/abort", func(http.ResponseWriter, *http.Request) { defer sentry.Recover(); panic(http.ErrAbortHandler) })
	mux.HandleFunc("/fine", func(http.ResponseWriter, *http.Request) { defer sentry.Recover() })
	get := serve(t, mux)
	require.Error(t, get("/panic"))
	require.Error(t, get("/abort"))
	require.NoError(t, get("/fine"))
	require.Len(t, server.Events(), 1)
	require.Equal(t, "panic: in a handler", server.Events()[0].Title())
	require.Equal(t, "TestHTTPHandlerLivesOn.func1", server.Events()[0].Top().Function)
}

// serve runs an HTTP server and returns a function that asks it for a path.
func serve(t *testing.T, h http.Handler) func(path string) error {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	s.Start()
	t.Cleanup(s.Close)
	return func(path string) error {
		req, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer hunter2")
		req.Header.Set("Cookie", "session=hunter2")
		resp, err := s.Client().Do(req)
		if err == nil {
			return resp.Body.Close()
		}
		return err
	}
}

// TestMiddlewareOfSentryGo reports through the library: with a stack where
// sentry-go has none, scrubbed, and not again what a guard has reported.
func TestMiddlewareOfSentryGo(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	middleware := sentryhttp.New(sentryhttp.Options{Repanic: true})
	mux := http.NewServeMux()
	mux.HandleFunc("/plain", func(http.ResponseWriter, *http.Request) { panic("under the middleware alone") })
	mux.HandleFunc("/guarded", func(_ http.ResponseWriter, r *http.Request) {
		defer sentry.RecoverWithContext(r.Context())
		panic("guarded inside")
	})
	mux.HandleFunc("/abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer sentry.Recover()
		middleware.Handle(mux).ServeHTTP(w, r)
	})
	get := serve(t, outer)
	require.Error(t, get("/plain?token=hunter2&page=1"))
	require.True(t, sentry.Flush(long)) // the middleware does not wait
	require.Error(t, get("/guarded"))
	require.Error(t, get("/abort"))
	require.True(t, sentry.Flush(long))
	events := server.Events()
	require.Len(t, events, 2)
	for i, want := range []string{"panic: under the middleware alone", "panic: guarded inside"} {
		e := events[i]
		require.Equal(t, want, e.Title())
		require.Equal(t, fmt.Sprintf("TestMiddlewareOfSentryGo.func%d", i+1), e.Top().Function)
		require.True(t, e.Top().InApp)
		require.True(t, e.Unhandled())
		require.Equal(t, "fatal", e.Level)
		require.NotNil(t, e.Request)
		require.NotContains(t, rawOf(t, e), "hunter2")
	}
	require.Contains(t, fmt.Sprint(events[0].Request.QueryString), "page=1")
}

// TestCaptureExceptionIsTidied: what the application reports itself has frames
// of the same form, and none of what discloses.
func TestCaptureExceptionIsTidied(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	sentrygo.CaptureException(errors.New("password=hunter2"))
	require.True(t, sentry.Flush(long))
	e := server.Events()[0]
	require.NotContains(t, rawOf(t, e), "hunter2")
	require.NotContains(t, string(e.Raw), hostName(t))
	require.NotContains(t, string(e.Raw), workingDir(t))
	require.Empty(t, e.Modules)
	require.Equal(t, "github.com/panicreport/sentry_test/sentry_test.go", e.Top().Filename)
	require.True(t, e.Top().InApp)
	require.False(t, e.Unhandled())
	require.Equal(t, "error", e.Level)
}

// TestOtherTelemetry: transactions and logs are scrubbed as well, and Flush
// answers for them.
func TestOtherTelemetry(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, withTracing)
	transaction := sentrygo.StartTransaction(context.Background(), "checkout")
	span := transaction.StartChild("db", sentrygo.WithDescription("select password='hunter2'"))
	span.SetData("api_key", "hunter2")
	span.Finish()
	transaction.Finish()
	sentrygo.NewLogger(context.Background()).Info().String("email", "bob@example.com").Emit("password=hunter2")
	require.True(t, sentry.Flush(long))
	require.Len(t, server.ItemsOfType("transaction"), 1)
	require.Len(t, server.ItemsOfType("log"), 1)
	for _, a := range server.Attempts() {
		for _, secret := range []string{"hunter2", "bob@example.com", hostName(t)} {
			require.NotContains(t, string(a.Body), secret)
		}
	}
	server.Answer(sentrytest.Status(http.StatusInternalServerError))
	sentrygo.StartTransaction(context.Background(), "lost").Finish()
	require.False(t, sentry.Flush(long))
}

func TestOtherTelemetryNeedsConsent(t *testing.T) {
	server := sentrytest.NewServer(t)
	var given atomic.Bool
	initialise(t, server, withTracing, sentry.WithConsent(given.Load))
	for _, yes := range []bool{false, true} {
		given.Store(yes)
		sentrygo.StartTransaction(context.Background(), "checkout").Finish()
		sentrygo.NewLogger(context.Background()).Info().Emit("hello")
		sentry.Flush(time.Second)
	}
	require.Len(t, server.ItemsOfType("transaction"), 1)
	require.Len(t, server.ItemsOfType("log"), 1)
}

// TestNothingOfATimeWithoutConsent: sentry-go collects logs and metrics, and sends
// them when there may be consent.
func TestNothingOfATimeWithoutConsent(t *testing.T) {
	server := sentrytest.NewServer(t)
	var given atomic.Bool
	initialise(t, server, sentry.WithConsent(given.Load))
	for _, yes := range []bool{false, true} {
		given.Store(yes)
		sentrygo.NewLogger(context.Background()).Info().Emit(fmt.Sprintf("log with consent %v", yes))
		sentrygo.NewMeter(context.Background()).Count(fmt.Sprintf("metric.%v", yes), 1)
	}
	require.True(t, sentry.Flush(long))
	var all strings.Builder
	for _, a := range server.Attempts() {
		all.Write(a.Body)
	}
	require.Contains(t, all.String(), "log with consent true")
	require.Contains(t, all.String(), "metric.true")
	require.NotContains(t, all.String(), "false\"")
}

// TestRedirectIsNotFollowed: the key is for the DSN's host alone.
func TestRedirectIsNotFollowed(t *testing.T) {
	server, elsewhere := sentrytest.NewServer(t), sentrytest.NewServer(t)
	_, host, _ := strings.Cut(elsewhere.DSN(), "@")
	server.Answer(sentrytest.Answer{Status: http.StatusTemporaryRedirect, Header: http.Header{
		"Location": {"http://" + strings.TrimSuffix(host, "/1") + "/api/1/envelope/"},
	}})
	initialise(t, server, withTracing, sentry.WithFlushTimeout(100*time.Millisecond))
	survive("boom")
	sentrygo.StartTransaction(context.Background(), "checkout").Finish()
	require.False(t, sentry.Flush(time.Second))
	require.NotEmpty(t, server.Attempts())
	require.Empty(t, elsewhere.Attempts())
}

// TestTheApplicationsOwnClientStays if it was there before Init.
func TestTheApplicationsOwnClientStays(t *testing.T) {
	own, ours := sentrytest.NewServer(t), sentrytest.NewServer(t)
	require.NoError(t, sentrygo.Init(sentrygo.ClientOptions{Dsn: own.DSN()}))
	client := sentrygo.CurrentHub().Client()
	defer func() {
		client.Close()
		sentrygo.CurrentHub().BindClient(nil)
	}()
	initialise(t, ours)
	require.Same(t, client, sentrygo.CurrentHub().Client())
	sentrygo.ConfigureScope(func(s *sentrygo.Scope) { s.SetTag("screen", "wallet") })
	defer sentrygo.ConfigureScope(func(s *sentrygo.Scope) { s.RemoveTag("screen") })
	sentrygo.CaptureMessage("the application's")
	survive("ours")
	require.True(t, client.Flush(long))
	require.NoError(t, sentry.Close())
	require.Same(t, client, sentrygo.CurrentHub().Client())
	require.Len(t, own.Events(), 1)
	require.Len(t, ours.Events(), 1)
	require.Equal(t, "wallet", ours.Events()[0].Tags["screen"])
}

func TestActiveSpanKeepsItsTrace(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.EnableTracing = true }))
	hub := sentrygo.CurrentHub().Clone()
	span := sentrygo.StartTransaction(sentrygo.SetHubOnContext(context.Background(), hub), "checkout")
	func() {
		defer func() { _ = recover() }()
		defer sentry.RecoverWithContext(span.Context())
		panic("in a span")
	}()
	e := server.Events()[0]
	require.Equal(t, span.TraceID.String(), e.Contexts["trace"]["trace_id"])
	require.Equal(t, span.TraceID.String(), e.Envelope.Header.Trace["trace_id"])
}

func TestInAppAndGuards(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithInApp("testing/"), sentry.WithGuards("github.com/panicreport/sentry_test.must"))
	func() {
		defer func() { _ = recover() }()
		defer sentry.Recover()
		must(errors.New("x"))
	}()
	e := server.Events()[0]
	require.Equal(t, "TestInAppAndGuards.func1", e.Top().Function, "must is trimmed")
	require.Equal(t, "testing", e.Frames()[0].Module)
	require.True(t, e.Frames()[0].InApp)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// TestInitCloseAndPanicsAtOnce is for the race detector: nothing is lost that a
// reporter at work has taken, and no goroutine is left.
func TestInitCloseAndPanicsAtOnce(t *testing.T) {
	server := sentrytest.NewServer(t)
	before := goleak.IgnoreCurrent()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				_ = sentry.Init(sentry.WithDSN(server.DSN()))
				sentry.SetTag("n", "1")
			}
		})
		wg.Go(func() {
			for range 20 {
				_ = sentry.Close()
				sentry.Flush(time.Second)
			}
		})
		wg.Go(func() {
			for i := range 40 {
				survive(i)
				sentrygo.CaptureMessage("x")
			}
		})
	}
	wg.Wait()
	sentry.SetTag("n", "")
	require.NoError(t, sentry.Init(sentry.WithDSN(server.DSN())))
	survive("last")
	require.NoError(t, sentry.Close())
	seen := map[string]bool{}
	for _, e := range server.Events() {
		require.False(t, seen[e.EventID])
		seen[e.EventID] = true
	}
	require.Equal(t, "panic: last", server.Events()[len(server.Events())-1].Title())
	server.Close()
	goleak.VerifyNone(t, before)
}

func TestNoGoroutineIsLeftAfterAServerThatHangs(t *testing.T) {
	before := goleak.IgnoreCurrent()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Never())
	require.NoError(t, sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithFlushTimeout(time.Millisecond)))
	survive("boom")
	sentrygo.CaptureMessage("hello")
	require.Error(t, sentry.Close())
	server.Close()
	goleak.VerifyNone(t, before)
}

func TestNoProcessIsStarted(t *testing.T) {
	server := sentrytest.NewServer(t)
	t.Setenv("PATH", t.TempDir()) // git is not there: sentry-go's own Init logs that
	var debug bytes.Buffer
	initialise(t, server, sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.Debug, o.DebugWriter = true, &debug }))
	require.NotContains(t, debug.String(), "elease")
}
