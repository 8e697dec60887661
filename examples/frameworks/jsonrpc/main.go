// Command jsonrpc is a server with the package rpc of go-ethereum. That package
// recovers the panics of methods by itself, logs them, and answers "method handler
// crashed": nothing outside of a method ever sees one. So the guard is in the method.
package main

import (
	"context"
	"log"
	"net/http"
	"time"

	"github.com/ethereum/go-ethereum/rpc"
	sentrygo "github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	srv := http.Server{Addr: "127.0.0.1:8080", Handler: handler(), ReadHeaderTimeout: 10 * time.Second}
	if err := srv.ListenAndServe(); err != nil {
		log.Print(err)
	}
}

// handler has a hub for each request, and with it the request in each report.
func handler() http.Handler {
	server := rpc.NewServer()
	if err := server.RegisterName("wallet", &Wallet{balances: map[string]*int{}}); err != nil {
		log.Print(err)
	}
	return sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle(server)
}

// A Wallet is a service: its exported methods are those of the namespace "wallet".
type Wallet struct{ balances map[string]*int }

// Balance panics for an account that is not there.
func (w *Wallet) Balance(ctx context.Context, account string) int {
	defer sentry.RecoverWithContext(ctx) // first in each method
	if hub := sentrygo.GetHubFromContext(ctx); hub != nil {
		hub.Scope().SetTag("rpc.method", "wallet_balance")
	}
	return *w.balances[account]
}
