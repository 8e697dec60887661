// Package program is what the measured programs have in common: a heap of 50 MB and
// an HTTP server. Each of them is a command of its own with one reporter, because what
// a package does before main, it does in the second process, too.
package program

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

// Way is the variable that tells a program which of its ways to begin.
const Way = "IDLE_WAY"

// The ways to have a second process, or to have none.
const (
	OursAlone   = "none, this library"
	OnlyReads   = "one that only reads"
	Monitor     = "WithCrashMonitor"
	Supervisor  = "WithSupervisor"
	SentryGo    = "none, sentry-go"
	WrapFirst   = "panicwrap"
	WrapSecond  = "panicwrap, after Init as in Dgraph"
	Bugsnag     = "none, bugsnag-go"
	BugsnagWrap = "bugsnag-go"
	BugsnagBare = "bugsnag-go, no sessions"
)

// Address has no server, because there is nothing to report. DSN is there.
const (
	Address = "http://127.0.0.1:1"
	DSN     = "http://key@127.0.0.1:1/1"
	Release = "idle@1" // without it, sentry-go would run git
)

// HeapSize is how much a program allocates after its begin.
const HeapSize = 50e6

var heap []byte

// Run is the main function of a program: it begins its way, writes that it is up, and
// ends when its standard input ends. That is when the process that measures ends, in
// whatever way.
func Run(ways map[string]func() error) {
	name := os.Getenv(Way)
	begin := ways[name]
	if begin == nil {
		begin = func() error { return errors.New("there is no such way") }
	}
	start := time.Now()
	err := begin()
	took := time.Since(start)
	if err == nil {
		err = serve()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "idle:", name+":", err)
		os.Exit(1)
	}
	fmt.Printf("up %d %d\n", os.Getpid(), took)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

func serve() error {
	heap = make([]byte, HeapSize)
	for i := 0; i < len(heap); i += os.Getpagesize() {
		heap[i] = 1
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() { _ = http.Serve(listener, nil) }()
	return nil
}
