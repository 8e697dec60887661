package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"

	peer "github.com/getsentry/sentry-go"
	"github.com/mitchellh/panicwrap"

	"github.com/panicreport/sentry"
)

const (
	// wayVariable makes this executable the program that is measured.
	wayVariable = "IDLE_WAY"
	// readerVariable makes this executable the second process of the way
	// onlyReads.
	readerVariable = "IDLE_READER"

	// dsn has no server, because there is nothing to report.
	dsn     = "http://key@127.0.0.1:1/1"
	release = "idle@1" // without it, sentry-go would run git

	heapSize     = 50e6
	flushTimeout = 5 * time.Second
)

// A way is a way to have a second process, or to have none.
type way struct {
	name    string
	without string       // the way without a second process for the comparison, "" if this is one
	begin   func() error // called at the beginning of main
}

func (w way) alone() bool { return w.without == "" }

const (
	oursAlone, peerAlone       = "none, this library", "none, sentry-go"
	onlyReads                  = "one that only reads"
	withMonitor, withSupervise = "WithCrashMonitor", "WithSupervisor"
	wrapFirst, wrapSecond      = "panicwrap", "panicwrap, after Init as in Dgraph"
)

var ways = []way{
	{oursAlone, "", func() error { return ours() }},
	{onlyReads, oursAlone, func() error { return errors.Join(startReader(), ours()) }},
	{withMonitor, oursAlone, func() error { return ours(sentry.WithCrashMonitor()) }},
	{withSupervise, oursAlone, func() error { return ours(sentry.WithSupervisor()) }},
	{peerAlone, "", theirs},
	{wrapFirst, peerAlone, func() error { return errors.Join(wrap(), theirs()) }},
	{wrapSecond, peerAlone, func() error { return errors.Join(theirs(), wrap()) }},
}

func ours(opts ...sentry.Option) error {
	return sentry.Init(append(opts, sentry.WithDSN(dsn), sentry.WithRelease(release))...)
}

func theirs() error { return peer.Init(peer.ClientOptions{Dsn: dsn, Release: release}) }

// wrap starts panicwrap. The status alone does not tell which of the two processes
// this is, because it is also -1 if the child was killed (panicwrap issue 18).
func wrap() error {
	status, err := panicwrap.BasicWrap(func(text string) {
		if theirs() == nil {
			peer.CaptureException(errors.New(text))
			peer.Flush(flushTimeout)
		}
	})
	if err == nil && !panicwrap.Wrapped(nil) {
		os.Exit(status)
	}
	return err
}

// readerPipe is the program's end of the pipe to the reader.
var readerPipe *os.File

func startReader() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), readerVariable+"=1")
	cmd.Stdin, readerPipe = r, w
	return cmd.Start()
}

var heap []byte

// program is the program that is measured. It writes that it is up, and ends when
// its standard input ends. That is when the process that measures ends, in whatever
// way.
func program(name string) {
	if os.Getenv(readerVariable) != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	i := slices.IndexFunc(ways, func(w way) bool { return w.name == name })
	start := time.Now()
	err := ways[i].begin()
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
	if readerPipe != nil {
		readerPipe.Close()
	}
}

func serve() error {
	heap = make([]byte, heapSize)
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
