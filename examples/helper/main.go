// Command helper is a program of several packages. They all use one helper that
// logs and reports panics, common.LogOnPanic. An order without a size makes the
// handler of a request panic, which the server survives. A size of 0x0 makes the
// worker panic, which ends the process:
//
//	go run ./helper &
//	curl -i http://127.0.0.1:8080/thumbnail
//	curl -i 'http://127.0.0.1:8080/thumbnail?size=0x0'
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/panicreport/sentry"

	"github.com/panicreport/sentry/examples/helper/common"
	"github.com/panicreport/sentry/examples/helper/server"
	"github.com/panicreport/sentry/examples/helper/worker"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen")
	flag.Parse()
	if err := run(*addr); err != nil {
		slog.Error("helper", "error", err)
		os.Exit(1) // not in run, because os.Exit skips deferred calls
	}
}

func run(addr string) error {
	// With a logger, the library tells why it could not deliver a report.
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN(), sentry.WithLogger(slog.Default())); err != nil {
		slog.Error("no reports of panics", "error", err)
	}
	defer sentry.Close()
	defer common.LogOnPanic()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	images := make(chan worker.Image)
	worker.Start(images)
	slog.Info("listening", "addr", listener.Addr().String())
	return serve(ctx, listener, server.Handler(images))
}

// headerTimeout is long enough for a client on a slow network, and too short for
// an attacker who wants to keep connections busy.
const headerTimeout = 10 * time.Second

// serve serves requests. It returns when ctx is done and all requests have a
// response.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout}
	served := make(chan error, 1)
	go func() {
		defer common.LogOnPanic()
		served <- srv.Serve(listener)
	}()
	select {
	case err := <-served:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	if err := srv.Shutdown(context.Background()); err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}
