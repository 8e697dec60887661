// Command compare runs programs that panic, once with plain sentry-go and once with
// this library. A server in this process receives the reports, and the command
// prints a table of what is wrong with them:
//
//	cd bench && go run ./compare
//
// It uses plain sentry-go as its documentation says: recover, Hub.Recover, Flush,
// panic again. The table says "right" if there is one report of the crash, or none
// where there should be none. The report must have the place of the panic as its
// innermost in-app frame. It must be marked as unhandled and have no password and no
// host name. The exit status must be the same as without a reporter.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	peer "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

const flushTimeout = 5 * time.Second

// guard is the function that the program defers to report a panic.
var guard = func() {}

func recoverByPeer() {
	if value := recover(); value != nil {
		peer.CurrentHub().Recover(value)
		peer.Flush(flushTimeout)
		panic(value)
	}
}

type config struct{ Password string }

type unspeakable struct{}

func (unspeakable) Error() string { panic("no words") }

// A way is a way to panic.
type way struct {
	name    string
	origin  string // the function that panics
	reports int    // how many reports there should be
	die     func()
}

var ways = []way{
	{"nil dereference", "nilDereference", 1, nilDereference},
	{`panic("text")`, "text", 1, text},
	{"panic(error)", "wrapped", 1, wrapped},
	{"panic(struct with a password)", "structure", 1, structure},
	{"password in the text", "secretText", 1, secretText},
	{"an Error method that panics", "speechless", 1, speechless},
	{"three nested guards", "nested", 1, func() { underGuard(func() { underGuard(nested) }) }},
	{"http.ErrAbortHandler", "", 0, func() { panic(http.ErrAbortHandler) }},
	{"two panics of one error, survived", "again", 2, func() { survive(again); survive(again); os.Exit(0) }},
}

var (
	nobody   *config
	errAgain = errors.New("again")
)

//go:noinline
func nilDereference() { nobody.Password = "" }

//go:noinline
func text() { panic("text") }

//go:noinline
func wrapped() { panic(fmt.Errorf("wrapped: %w", os.ErrNotExist)) }

//go:noinline
func structure() { panic(config{"hunter2"}) }

//go:noinline
func secretText() { panic("dial mysql://root:hunter2@db/users") }

//go:noinline
func speechless() { panic(unspeakable{}) }

//go:noinline
func nested() { panic("nested") }

//go:noinline
func again() { panic(errAgain) }

//go:noinline
func underGuard(f func()) {
	defer guard()
	f()
}

func survive(f func()) {
	defer func() { _ = recover() }()
	underGuard(f)
}

func main() {
	if len(os.Args) == 3 {
		child(os.Args[1], os.Args[2])
		return
	}
	if err := compare(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child panics in the way with this name, under a guard of lib.
func child(lib, name string) {
	dsn := os.Getenv("COMPARE_DSN")
	switch lib {
	case "sentry-go":
		if err := peer.Init(peer.ClientOptions{Dsn: dsn}); err != nil {
			panic(err)
		}
		guard = recoverByPeer
	case "ours":
		// Not a development build, whose reports have lines of the source: that has the
		// secrets of this comparison.
		sentry.MustInit(sentry.WithDSN(dsn), sentry.WithEnvironment("production"))
		guard = sentry.Recover
	}
	i := slices.IndexFunc(ways, func(w way) bool { return w.name == name })
	underGuard(ways[i].die)
}

var libs = []string{"sentry-go", "ours"}

func compare() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	fmt.Printf("| %s | %s | %s |\n|---|---|---|\n", "death", "sentry-go "+peer.SDKVersion, "this library")
	right := map[string]int{}
	for _, w := range ways {
		row := []string{w.name}
		alone, _, err := run(self, "alone", w)
		if err != nil {
			return err
		}
		for _, lib := range libs {
			status, events, err := run(self, lib, w)
			if err != nil {
				return err
			}
			verdict := judge(w, events, status == alone)
			if verdict == "right" {
				right[lib]++
			}
			row = append(row, verdict)
		}
		fmt.Println("| " + strings.Join(row, " | ") + " |")
	}
	fmt.Printf("| right | %d of %d | %d of %d |\n", right[libs[0]], len(ways), right[libs[1]], len(ways))
	return nil
}

func run(self, lib string, w way) (status int, events []*sentrytest.Event, err error) {
	server, err := sentrytest.Start()
	if err != nil {
		return 0, nil, err
	}
	defer server.Close()
	cmd := exec.Command(self, lib, w.name)
	cmd.Env = append(os.Environ(), "COMPARE_DSN="+server.DSN())
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		return 0, nil, fmt.Errorf("run %s: %w", lib, err)
	}
	return cmd.ProcessState.ExitCode(), server.Events(), nil
}

// judge returns what is wrong with the reports, or "right".
func judge(w way, events []*sentrytest.Event, sameStatus bool) string {
	var wrong []string
	complain := func(yes bool, format string, args ...any) {
		if text := fmt.Sprintf(format, args...); yes && !slices.Contains(wrong, text) {
			wrong = append(wrong, text)
		}
	}
	complain(len(events) != w.reports, "%d reports", len(events))
	complain(!sameStatus, "exit status changed")
	for _, e := range events {
		complain(strings.Contains(string(e.Raw), "hunter2"), "password sent")
		complain(len(e.Frames()) == 0, "no stack")
		complain(len(e.Frames()) > 0 && e.Culprit().Function != w.origin, "wrong place")
		complain(!e.Unhandled(), "not marked unhandled")
		complain(e.ServerName != "", "host name sent")
	}
	if len(wrong) == 0 {
		return "right"
	}
	return strings.Join(wrong, ", ")
}
