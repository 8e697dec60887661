package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"

	sentrygo "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
)

// A death is one way to crash, and what we expect of its report.
type death struct {
	name    string // the argument of the child
	heading string
	run     func() // called in a goroutine of its own that defers Recover
	status  int    // the exit status
	unseen  bool   // cannot be recovered, so a monitor must report it

	// These are the expected values of the report.
	typ, value string
	top        string   // the function that panicked
	secrets    []secret // must not be in the report
	tags       map[string]string
}

// A secret is a text that the report must not contain, and what it is.
type secret struct{ what, text string }

// statusOfPanic is the exit status of the runtime after a panic.
const statusOfPanic = 2

// deaths are the ways to crash, in the order of the output.
var deaths = []death{
	{
		name: "nil", heading: "A nil dereference in a method",
		run: nilDereference, status: statusOfPanic,
		typ: "runtime error", value: "invalid memory address or nil pointer dereference", top: "(*wallet).balance",
	},
	{
		name: "index", heading: "An index out of range",
		run: indexOutOfRange, status: statusOfPanic,
		typ: "runtime error", value: "index out of range [5] with length 3", top: "nth",
	},
	{
		name: "string", heading: "A text as the value of a panic",
		run: text, status: statusOfPanic,
		typ: "panic", value: "no such currency", top: "text",
	},
	{
		name: "chain", heading: "A chain of wrapped errors",
		run: wrappedErrors, status: statusOfPanic,
		typ: "panic", value: "open wallet: read keys: file does not exist", top: "mustOpen",
	},
	{
		name: "type", heading: "An error type of the program's own",
		run: ownErrorType, status: statusOfPanic,
		typ: "main.fundsError", value: "12 needed, 7 there", top: "ownErrorType",
	},
	{
		name: "struct", heading: "A struct with a password in it",
		run: structWithPassword, status: statusOfPanic,
		typ: "panic", value: "(main.login)", top: "structWithPassword",
		secrets: []secret{{"user name", "ada.l"}, {"password", "hunter2"}},
	},
	{
		name: "secrets", heading: "Secrets in the text",
		run: secretsInText, status: statusOfPanic,
		typ: "panic", value: "sync", top: "secretsInText",
		secrets: []secret{
			{"e-mail address", "ada@example.com"},
			{"home directory", "/home/ada"},
			{"token in the URL", "9f86d081884c7d65"},
			{"password", "hunter2"},
		},
	},
	{
		name: "helper", heading: "A helper that logs, reports and panics again, below a second guard",
		run: helperPanicsAgain, status: statusOfPanic,
		typ: "runtime error", value: "assignment to entry in nil map", top: "remember",
	},
	{
		name: "scope", heading: "What the program knew: a tag, a request and a breadcrumb",
		run: withScope, status: statusOfPanic,
		typ: "runtime error", value: "integer divide by zero", top: "rate",
		secrets: []secret{{"e-mail address", "ada@example.com"}, {"session cookie", "c00k1e"}},
		tags:    map[string]string{"request_id": "req-77"},
	},
	{
		name: "http", heading: "An HTTP handler; the server lives on",
		run: httpHandler, status: 0,
		typ: "runtime error", value: "slice bounds out of range [:8] with length 3", top: "initials",
	},
	{
		name: "unlock", heading: "What no recover sees: the runtime ends the process",
		run: unlockTwice, status: statusOfPanic, unseen: true,
		typ: "fatal error", value: "sync: unlock of unlocked mutex", top: "(*Mutex).unlockSlow",
	},
}

type wallet struct{ coins []int }

func (w *wallet) balance() (sum int) {
	for _, coin := range w.coins {
		sum += coin
	}
	return sum
}

func nilDereference() {
	var w *wallet
	fmt.Println(w.balance())
}

func indexOutOfRange() {
	fmt.Println(nth([]int{1, 2, 5}, 5))
}

func nth(coins []int, n int) int { return coins[n] }

func text() {
	panic("no such currency")
}

func wrappedErrors() {
	mustOpen("wallet")
}

func mustOpen(what string) {
	err := fmt.Errorf("read keys: %w", fs.ErrNotExist)
	panic(fmt.Errorf("open %s: %w", what, err))
}

type fundsError struct{ needed, there int }

func (e fundsError) Error() string { return fmt.Sprintf("%d needed, %d there", e.needed, e.there) }

func ownErrorType() {
	panic(fundsError{needed: 12, there: 7})
}

type login struct{ user, password string }

func structWithPassword() {
	panic(login{user: "ada.l", password: "hunter2"})
}

func secretsInText() {
	panic(errors.New("sync /home/ada/wallet.db of ada@example.com: " +
		"GET https://api.example.com/v1/sync?since=3&token=9f86d081884c7d65: 401, password=hunter2"))
}

// logOnPanic is the helper of ../helper.
func logOnPanic() {
	if value := recover(); value != nil {
		slog.Error("panic", "value", value)
		sentry.RecoverError(value)
		panic(value)
	}
}

func helperPanicsAgain() {
	defer logOnPanic()
	remember(nil)
}

func remember(seen map[string]bool) {
	seen["ada"] = true
}

// withScope does what a middleware does. It adds the request, a tag and a breadcrumb
// to a hub, and the hub to the context.
func withScope() {
	request, err := http.NewRequest(http.MethodPost, "https://shop.example.com/exchange?amount=0", nil)
	if err != nil {
		panic(err)
	}
	request.AddCookie(&http.Cookie{Name: "session", Value: "c00k1e"})
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().SetRequest(request)
	hub.Scope().SetTag("request_id", "req-77")
	hub.AddBreadcrumb(&sentrygo.Breadcrumb{Category: "auth", Message: "signed in as ada@example.com"}, nil)

	defer sentry.RecoverWithContext(sentrygo.SetHubOnContext(context.Background(), hub))
	fmt.Println(rate(100, 0))
}

func rate(total, amount int) int { return total / amount }

// httpHandler starts a server and sends two requests to it. The first one panics.
func httpHandler() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/initials", func(w http.ResponseWriter, r *http.Request) {
		defer sentry.RecoverWithContext(r.Context())
		fmt.Fprintln(w, initials("ada"))
	})
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {})
	server := &http.Server{Handler: mux}
	sentry.Go(func() { _ = server.Serve(listener) }) // ends with Close
	defer server.Close()

	for _, path := range []string{"/initials", "/health"} {
		if response, err := http.Get("http://" + listener.Addr().String() + path); err == nil {
			response.Body.Close()
			fmt.Println("GET", path, "answers", response.Status)
		} else {
			fmt.Println("GET", path, "has no answer")
		}
	}
}

func initials(name string) string { return name[:8] }

// unlockTwice causes a fatal error, which a guard cannot recover.
func unlockTwice() {
	var mu sync.Mutex
	mu.Lock()
	defer mu.Unlock()
	mu.Unlock()
}
