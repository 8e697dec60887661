// Command shop asks for a row that is not there. It is the program of which
// docs/production.md shows a frame, and how Sentry finds the line of it.
package main

import (
	"os"

	"github.com/acme/shop/store"
	"github.com/panicreport/sentry"
)

func main() {
	sentry.MustInit(
		sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")),
		sentry.WithContext("shop", "v1.2.3"),
		sentry.WithEnvironment("production"),
	)
	defer sentry.Close()
	defer sentry.Recover()
	orders := store.Table{"one", "two"}
	println(orders.Row(7))
}
