package sentry_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// TestWrongSettingsAreSaid: what would silently send too much, too little or under a
// wrong name is an error of Init that names the setting.
func TestWrongSettingsAreSaid(t *testing.T) {
	server := sentrytest.NewServer(t)
	for want, option := range map[string]sentry.Option{
		"WithEnvironment: the name is empty":      sentry.WithEnvironment(" "),
		"WithEnvironments: there is no name":      sentry.WithEnvironments(),
		"WithEnvironments: a name is empty":       sentry.WithEnvironments("staging", ""),
		`WithGuards: "Check" has no import path`:  sentry.WithGuards("Check"),
		`WithGuards: "" has no import path`:       sentry.WithGuards(""),
		`WithGuards: "(*T).Check" has no import`:  sentry.WithGuards("(*T).Check"),
		`WithGuards: "example.com/app/must" has `: sentry.WithGuards("main.ok", "example.com/app/must"),
		`WithTags: the tag "tenant id": `:         sentry.WithTags(map[string]string{"ok": "1", "tenant id": "1"}),
		`WithTags: the tag "größe": `:             sentry.WithTags(map[string]string{"größe": "1"}),
		`WithTags: the tag "release": `:           sentry.WithTags(map[string]string{"release": "1"}),
		`WithTags: the tag "": its name is empty`: sentry.WithTags(map[string]string{"": "1"}),
		"is longer than 200 characters":           sentry.WithTags(map[string]string{strings.Repeat("k", 201): "1"}),
		`WithGuards: "main.check()" has no`:       sentry.WithGuards("main.check()"),
		`WithGuards: " main.check" has no`:        sentry.WithGuards(" main.check"),
		`WithInApp: "" is no import path`:         sentry.WithInApp(""),
		`WithInApp: "/" is no import path`:        sentry.WithInApp("example.com/ok", "/"),
		`WithInApp: "example.com/..." is no`:      sentry.WithInApp("example.com/..."),
		`WithInApp: "example.com/*" is no`:        sentry.WithInApp("example.com/*"),
		`WithInApp: "https://example.com" is no`:  sentry.WithInApp("https://example.com"),
		`WithSensitiveKeys: a name has no letter`: sentry.WithSensitiveKeys("tenant", " - "),
		"WithEnvironmentDSN: this is no name of":  sentry.WithEnvironmentDSN(server.DSN()),
		"WithEnvironmentDSN: this is no name":     sentry.WithEnvironmentDSN(""),
		"WithFlushTimeout: the duration is negat": sentry.WithFlushTimeout(5),
		"WithRateLimit: n must be 1 or more, and": sentry.WithRateLimit(1, 60),
		"WithSpool: nobody replaces ~ or":         sentry.WithSpool("~/.local/state/app"),
		"WithSpool: nobody replaces ~":            sentry.WithSpool("$HOME/app"),
		"WithClientOptions: Dsn is set: use":      sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.Dsn = server.DSN() }),
		"WithClientOptions: Release is set":       sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.Release = "app@1" }),
		"WithClientOptions: Environment is set":   sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.Environment = "production" }),
	} {
		err := sentry.Init(sentry.WithDSN(server.DSN()), option)
		require.ErrorContains(t, err, "init sentry: ")
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), server.DSN())
		require.NotContains(t, err.Error(), "\n", "one setting is wrong")
	}
	// Who sets the DSN there has no other.
	require.ErrorContains(t, sentry.Init(sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.Dsn = server.DSN() })),
		"WithClientOptions: Dsn is set: use WithDSN")
	initialise(t, server, sentry.WithTags(map[string]string{strings.Repeat("k", 200): "1", "Tenant.id:x-y_z": "2"}),
		sentry.WithGuards("main.check", "example.com/app/must.(*T).Check", "example.com/app.v2/must.Check[...]"),
		sentry.WithInApp("example.com/ours", "example.com/ours/v2/", "main", "gopkg.in/yaml.v3", "größe.example/x"),
		sentry.WithSensitiveKeys("größe", "ключ", "k2"), sentry.WithEnvironmentDSN("app.sentry-dsn_2"),
		sentry.WithRateLimit(1, time.Millisecond), sentry.WithFlushTimeout(long))
}

func TestSpoolThatCanNotBe(t *testing.T) {
	server := sentrytest.NewServer(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	for _, spool := range []string{file, filepath.Join(file, "below")} {
		err := sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithSpool(spool))
		require.ErrorContains(t, err, "init sentry: WithSpool: the directory can not be used: not a directory")
		require.NotContains(t, err.Error(), dir, "it may name a person")
	}
	for name, c := range pathsThatCanNotBe(t) {
		t.Run(name, func(t *testing.T) {
			for _, consent := range []bool{true, false} {
				err := sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithSpool(c.path), sentry.WithConsent(func() bool { return consent }))
				require.ErrorContains(t, err, "init sentry: WithSpool: the directory can not be used: "+c.want)
				require.ErrorContains(t, err, "give one that the program may write to")
				require.NotContains(t, err.Error(), c.path)
				if c.path == "/proc" {
					break // it is there: only a try to write shows what it is
				}
			}
		})
	}
	require.ErrorContains(t, sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithSpool(filepath.Join(dir, "a\x00b"))),
		"init sentry: WithSpool: open spool: a name in it has a character that no file may have")
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("who may write anywhere")
	}
	locked := filepath.Join(dir, "locked")
	require.NoError(t, os.Mkdir(locked, 0o500))
	for _, spool := range []string{locked, filepath.Join(locked, "below")} {
		err := sentry.Init(sentry.WithDSN(server.DSN()), sentry.WithSpool(spool))
		require.ErrorContains(t, err, "WithSpool: the directory can not be used: permission denied")
	}
}

type spoolPath struct{ path, want string }

func pathsThatCanNotBe(t *testing.T) map[string]spoolPath {
	dir := t.TempDir()
	paths := map[string]spoolPath{
		"a long name": {filepath.Join(dir, strings.Repeat("n", 300)), "the path, or a name in it, is too long"},
	}
	if runtime.GOOS == "windows" {
		paths["a question mark"] = spoolPath{filepath.Join(dir, "really?"), "a name in it has a character that no file may have"}
		return paths
	}
	loop := filepath.Join(dir, "loop")
	require.NoError(t, os.Symlink(loop, loop))
	paths["a loop"] = spoolPath{loop, "its symbolic links lead in a circle"}
	paths["below a loop"] = spoolPath{filepath.Join(loop, "below"), "its symbolic links lead in a circle"}
	paths["a long path"] = spoolPath{filepath.Join(dir, strings.Repeat("long/", 1000)), "the path, or a name in it, is too long"}
	if runtime.GOOS == "linux" {
		for _, path := range []string{"/proc", "/proc/spool", "/proc/self/spool/below", "/dev/fd/spool"} {
			paths[path] = spoolPath{path, "it is a place of the kernel, which keeps no files"}
		}
	}
	return paths
}

// TestSpoolThatCanBeLater: where the path can lead to a directory one day, there is no
// error, and reports are kept from then on.
func TestSpoolThatCanBeLater(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs symbolic links")
	}
	dir := t.TempDir()
	target := filepath.Join(dir, "volume")
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(target, link))
	open, err := os.Open(dir)
	require.NoError(t, err)
	defer open.Close()
	paths := map[string]string{
		"a link to a volume that is not mounted":  link,
		"a name that takes 510 bytes on this one": filepath.Join(dir, strings.Repeat("ä", 255)),
	}
	if runtime.GOOS == "linux" {
		paths["a process"] = "/proc/4194305/root/tmp" // more than there may be now
		paths["through a process"] = filepath.Join("/proc/self/fd", fmt.Sprint(open.Fd()), "spool")
	}
	server := sentrytest.NewServer(t)
	for name, path := range paths {
		t.Run(name, func(t *testing.T) { initialise(t, server, sentry.WithSpool(path)) })
	}
	initialise(t, server, sentry.WithSpool(link), sentry.WithFlushTimeout(0))
	server.Close()
	require.NoError(t, os.Mkdir(target, 0o700))
	survive("boom")
	kept, err := filepath.Glob(filepath.Join(target, "*.report"))
	require.NoError(t, err)
	require.Len(t, kept, 1)
}

// TestSilenceIsExplained to who has a logger, and looks for reports that never come.
func TestSilenceIsExplained(t *testing.T) {
	server := sentrytest.NewServer(t)
	var log bytes.Buffer
	logger := sentry.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))
	told := func(opts ...sentry.Option) string {
		t.Helper()
		log.Reset()
		require.NoError(t, sentry.Init(append(opts, logger)...))
		survive("boom")
		require.NoError(t, sentry.Close())
		return log.String()
	}
	dsn := sentry.WithDSN(server.DSN())
	require.Contains(t, told(), `level=INFO msg="sentry: nothing is reported" reason="there is no DSN"`)
	require.Contains(t, told(dsn, sentry.WithEnvironment("staging"), sentry.WithEnvironments("production")),
		`reason="the environment \"staging\" is not one of WithEnvironments"`)
	require.Empty(t, server.Attempts())
	require.Empty(t, told(dsn))
	require.Len(t, server.Events(), 1)
	t.Setenv("DO_NOT_TRACK", "1")
	require.Contains(t, told(dsn), `reason="DO_NOT_TRACK is set"`)
	require.Len(t, server.Events(), 1)
}

func TestWithEnvironment(t *testing.T) {
	server := sentrytest.NewServer(t)
	t.Setenv("SENTRY_ENVIRONMENT", "of-the-run")
	initialise(t, server, sentry.WithEnvironment("production"), sentry.WithEnvironments("production", "eu/west"))
	survive("one")
	initialise(t, server, sentry.WithEnvironment("eu/west"), sentry.WithEnvironments("production", "eu/west"))
	survive("two")
	initialise(t, server, sentry.WithEnvironment("staging"), sentry.WithEnvironments("production"))
	survive("not wanted")
	require.Len(t, server.Events(), 2)
	require.Equal(t, "production", server.Events()[0].Environment)
	require.Equal(t, "eu-west", server.Events()[1].Environment)
	require.Equal(t, "of-the-run", sentry.Environment(), "that of the build and the run")
}

func TestSetTagThatSentryDoesNotTake(t *testing.T) {
	server := sentrytest.NewServer(t)
	var log bytes.Buffer
	initialise(t, server, sentry.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	sentry.SetTag("tenant id", "17")
	survive("boom")
	require.NotContains(t, server.Events()[0].Tags, "tenant id")
	require.Contains(t, log.String(), "SetTag: the tag is left out")
}

// TestTooManyTags: a program that takes the names of its tags from its data would
// otherwise wait longer for each, and in the end longer than a panic may.
func TestTooManyTags(t *testing.T) {
	server := sentrytest.NewServer(t)
	var log bytes.Buffer
	initialise(t, server, sentry.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), sentry.WithSpool(t.TempDir()))
	name := func(n int) string { return fmt.Sprint("n", n) }
	const many = 300
	t.Cleanup(func() {
		for n := range many {
			sentry.SetTag(name(n), "")
		}
	})
	for n := range many {
		sentry.SetTag(name(n), "first")
	}
	require.Contains(t, log.String(), "there are 200 tags already")
	sentry.SetTag(name(0), "changed")
	sentry.SetTag(name(1), "")
	sentry.SetTag(name(many-1), "in its place")
	sentry.SetTag(name(2), strings.Repeat("long ", 1<<20))
	survive("boom")
	tags := server.Wait(1)[0].Tags
	require.Equal(t, "changed", tags[name(0)])
	require.NotContains(t, tags, name(1))
	require.Equal(t, "in its place", tags[name(many-1)])
	require.NotContains(t, tags, name(many-2))
	require.Less(t, len(tags[name(2)]), 1<<10)
}

func TestWithUserNames(t *testing.T) {
	server := sentrytest.NewServer(t)
	user := sentrygo.User{ID: "5", Username: "ada", Name: "bob@example.com", Email: "ada@example.com", IPAddress: "192.0.2.1"}
	for _, opts := range [][]sentry.Option{nil, {sentry.WithUserNames()}} {
		initialise(t, server, opts...)
		hub := sentrygo.CurrentHub().Clone()
		hub.Scope().SetUser(user)
		sentry.RecoverErrorWithContext(sentrygo.SetHubOnContext(t.Context(), hub), "boom")
	}
	events := server.Events()
	require.Equal(t, sentrytest.User{ID: "5"}, events[0].User)
	require.Equal(t, sentrytest.User{ID: "5", Username: "ada", Name: "[email]"}, events[1].User)
}

// TestConsentThatCallsBack, as a function does that switches reporting off by itself:
// whoever has asked it may hold what Init and Close want.
func TestConsentThatCallsBack(t *testing.T) {
	for name, call := range map[string]func() bool{
		"Close": func() bool { return sentry.Close() == nil },
		"Init":  func() bool { return sentry.Init() == nil },
		"Flush": func() bool { sentry.Flush(long); return false }, // but comes back
	} {
		server := sentrytest.NewServer(t)
		initialise(t, server, sentry.WithSpool(t.TempDir()), sentry.WithConsent(func() bool {
			if call() {
				t.Error(name, "has done something")
			}
			return true
		}))
		survive("boom")
		require.True(t, sentry.Flush(long))
		require.NoError(t, sentry.Close())
		require.Len(t, server.Events(), 1)
	}
}

// TestGoWithoutAFunction: the report tells who has called it.
func TestGoWithoutAFunction(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	for n, start := range []func(){
		func() { sentry.Go(nil) },
		func() { sentry.GoWithContext(t.Context(), nil) },
	} {
		func() {
			defer func() { require.NotNil(t, recover()) }()
			defer sentry.Recover()
			start()
		}()
		e := server.Wait(n + 1)[n]
		require.Equal(t, "panic: sentry: a goroutine for a nil function", e.Title())
		require.Contains(t, e.Culprit().Function, "TestGoWithoutAFunction")
	}
}

func TestGoWithContext(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().SetTag("request_id", "r-17")
	ctx := sentrygo.SetHubOnContext(t.Context(), hub)
	done := make(chan struct{})
	sentry.GoWithContext(ctx, func(ctx context.Context) {
		defer close(done)
		defer func() { _ = recover() }() // only so that the test goes on
		defer sentry.RecoverWithContext(ctx)
		sentrygo.GetHubFromContext(ctx).Scope().SetTag("step", "mail")
		panic("boom")
	})
	<-done
	sentry.RecoverErrorWithContext(ctx, "of the handler")
	events := server.Events()
	require.Equal(t, "r-17", events[0].Tags["request_id"])
	require.Equal(t, "mail", events[0].Tags["step"])
	require.Equal(t, "r-17", events[1].Tags["request_id"])
	require.NotContains(t, events[1].Tags, "step", "it is the goroutine's own")

	ended := make(chan context.Context)
	sentry.GoWithContext(nil, func(ctx context.Context) { ended <- ctx }) //lint:ignore SA1012 who has none
	require.NotNil(t, <-ended)
}

// A ginContext is like a *gin.Context without ContextWithFallback: it has a request,
// and does not show what is on its context.
type ginContext struct {
	context.Context
	Request *http.Request
}

func TestContextOfAFramework(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server)
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().SetTag("request_id", "r-17")
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	for _, ctx := range []context.Context{
		&ginContext{t.Context(), request.WithContext(sentrygo.SetHubOnContext(t.Context(), hub))},
		context.WithValue(t.Context(), "sentry", hub), //lint:ignore SA1029 as sentry-go's middlewares do
	} {
		sentry.RecoverErrorWithContext(ctx, "boom")
	}
	for _, ctx := range []context.Context{&ginContext{Context: t.Context()}, &ginContext{t.Context(), request}} {
		sentry.RecoverErrorWithContext(ctx, "without a hub")
	}
	events := server.Events()
	require.Len(t, events, 4)
	require.Equal(t, "r-17", events[0].Tags["request_id"])
	require.Equal(t, "r-17", events[1].Tags["request_id"])
	require.NotContains(t, events[2].Tags, "request_id")
	require.NotContains(t, events[3].Tags, "request_id")
}
