// Command die is the program that the tests of e2e run. It panics under a guard, in
// the way that its argument names, and reports to the DSN in E2E_DSN. With
// E2E_SPOOL, it stores the report in that directory first. With E2E_LINES=1, it is no
// production program, and shows the lines of its source. E2E_RELEASE and
// E2E_ENVIRONMENT are other names than those that the tests look for.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"

	sentrygo "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
)

// The tests look for this release on the servers.
const (
	appName    = "e2e-app"
	appVersion = "v1.2.3"
)

func main() {
	options := []sentry.Option{
		sentry.WithDSN(os.Getenv("E2E_DSN")),
		sentry.WithContext(appName, appVersion),
		sentry.WithTags(map[string]string{"death": os.Args[1]}),
	}
	if dir := os.Getenv("E2E_SPOOL"); dir != "" {
		options = append(options, sentry.WithSpool(dir))
	}
	if name := os.Getenv("E2E_RELEASE"); name != "" {
		options = append(options, sentry.WithRelease(name))
	}
	if name := os.Getenv("E2E_ENVIRONMENT"); name != "" {
		options = append(options, sentry.WithEnvironment(name))
	} else if os.Getenv("E2E_LINES") != "1" {
		options = append(options, sentry.WithEnvironment("production"))
	}
	sentry.MustInit(options...)
	defer sentry.Close()
	death, ok := deaths[os.Args[1]]
	if !ok {
		fmt.Fprintln(os.Stderr, "unknown death:", os.Args[1])
		os.Exit(64)
	}
	death()
}

type account struct {
	Name     string
	Password string
}

type queryError struct{ Query string }

func (e *queryError) Error() string { return "query failed: " + e.Query }

var (
	noAccount *account
	noNumbers []int
	index     = 5
)

var deaths = map[string]func(){
	"none":   func() {},
	"nil":    func() { defer sentry.Recover(); rename(noAccount) },
	"index":  func() { defer sentry.Recover(); fmt.Println(noNumbers[index]) },
	"string": func() { defer sentry.Recover(); panic("boom") },
	"chain": func() {
		defer sentry.Recover()
		panic(fmt.Errorf("load: %w", fmt.Errorf("open: %w", &fs.PathError{Op: "open", Path: "wallet.db", Err: fs.ErrNotExist})))
	},
	"join": func() {
		defer sentry.Recover()
		panic(errors.Join(&queryError{"select 1"}, fmt.Errorf("close: %w", os.ErrClosed)))
	},
	"own":    func() { defer sentry.Recover(); panic(&queryError{"select 1"}) },
	"struct": func() { defer sentry.Recover(); panic(account{"bob", "hunter2"}) },
	"secret": func() {
		defer sentry.Recover()
		panic("login failed: password=hunter2 for bob@example.com at http://bob:hunter2@db.example.com/x?api_key=hunter2 from 192.0.2.7")
	},
	"control":   func() { defer sentry.Recover(); panic("first line\nsecond line\t\x00\x1b[31m\u202e\xff end") },
	"deep":      func() { defer sentry.Recover(); deep(400) },
	"huge":      func() { defer sentry.Recover(); panic(strings.Repeat("all work and no play ", 1<<16)) },
	"longchain": func() { defer sentry.Recover(); panic(longChain()) },
	"request":   func() { inRequest(func() { rename(noAccount) }) },
	"emptytag": func() {
		hub := sentrygo.CurrentHub().Clone()
		hub.Scope().SetTag("empty", "")
		defer sentry.RecoverWithContext(sentrygo.SetHubOnContext(context.Background(), hub))
		panic("empty tag")
	},
	"everything": func() {
		inRequest(func() {
			panic(errors.Join(fmt.Errorf("load: %w", &queryError{strings.Repeat("select 1; ", 1000)}), fmt.Errorf("close: %w", os.ErrClosed)))
		})
	},
}

//go:noinline
func rename(a *account) { a.Name = "alice" }

//go:noinline
func deep(n int) int {
	if n == 0 {
		panic("deep")
	}
	return deep(n-1) + 1
}

// longChain returns an error that wraps more errors than a report can have.
func longChain() error {
	err := error(&queryError{"select 1"})
	for i := range 40 {
		err = fmt.Errorf("level %d: %w", i, err)
	}
	return err
}

// inRequest calls f as the handler of a request. The scope has everything that an
// application and its middleware can add to it.
func inRequest(f func()) {
	r := httptest.NewRequest(http.MethodPost, "http://shop.example.com/cart/7?page=2&token=hunter2", strings.NewReader(`{"item":7,"password":"hunter2"}`))
	r.Header.Set("Authorization", "Bearer hunter2hunter2")
	r.Header.Set("Cookie", "session=hunter2")
	r.Header.Set("User-Agent", "e2e/1.0")
	r.Header.Set("Content-Type", "application/json")
	hub := sentrygo.CurrentHub().Clone()
	scope := hub.Scope()
	scope.SetRequest(r)
	scope.SetRequestBody([]byte(`{"item":7,"password":"hunter2"}`))
	scope.SetUser(sentrygo.User{ID: "42", Username: "bob", Email: "bob@example.com", IPAddress: "192.0.2.7", Data: map[string]string{"plan": "gold"}})
	scope.SetTag("request_id", "r-1")
	scope.SetTag("long", strings.Repeat("x", 300))
	scope.SetTag("two lines", "a\nb")
	scope.SetLevel(sentrygo.LevelWarning)
	scope.SetFingerprint([]string{"{{ default }}", "cart"})
	scope.SetContext("cart", sentrygo.Context{
		"items": 3, "total": 12.5, "open": true, "note": nil, "lines": []string{"a", "b"},
		"nested": map[string]any{"a": map[string]any{"b": map[string]any{"c": "d"}}},
	})
	for i := range 120 {
		scope.AddBreadcrumb(&sentrygo.Breadcrumb{
			Type: "http", Category: "request", Message: fmt.Sprintf("GET /item/%d?token=hunter2", i), Level: sentrygo.LevelInfo,
			Timestamp: time.Now(), Data: map[string]any{"status_code": 200, "url": "/item"},
		}, 100)
	}
	defer sentry.RecoverWithContext(sentrygo.SetHubOnContext(context.Background(), hub))
	f()
}
