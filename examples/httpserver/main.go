// Command httpserver is a web server whose handlers may panic. The client gets
// status 500, the server lives on, and the report tells which request, tenant and
// user it was:
//
//	go run ./httpserver &
//	curl -i -H 'X-Tenant-ID: acme' http://127.0.0.1:8080/orders/0
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/panicreport/sentry"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "where to listen")
	plain := flag.Bool("plain", false, "without the middleware of sentry-go")
	flag.Parse()
	if err := run(*addr, *plain); err != nil {
		slog.Error("httpserver", "error", err)
		os.Exit(1) // not in run, because os.Exit skips deferred calls
	}
}

func run(addr string, plain bool) error {
	err := sentry.Init(
		sentry.WithDefaultEnvironmentDSN(),
		sentry.WithLogger(slog.Default()),
		sentry.WithClientOptions(func(o *sentrygo.ClientOptions) {
			o.EnableTracing = true
			o.TracesSampleRate = 1 // of a busy server, rather 0.01
		}),
	)
	if err != nil {
		slog.Error("no reports of panics", "error", err)
	}
	defer sentry.Close()
	defer sentry.Recover()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	slog.Info("listening", "addr", listener.Addr().String())
	report := withSentryHTTP
	if plain {
		report = withoutSentryHTTP
	}
	return serve(ctx, listener, handler(report))
}

// headerTimeout is long enough for a client on a slow network, and too short for
// an attacker who wants to keep connections busy.
const headerTimeout = 10 * time.Second

// serve serves requests until ctx is done and all of them have a response.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout}
	served := make(chan error, 1)
	sentry.Go(func() { served <- srv.Serve(listener) })
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	if err := srv.Shutdown(context.Background()); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
