// Command errgroup fetches pages in parallel. An errgroup stops at the first error,
// but a panic in one of its goroutines ends the process: each of them has a guard.
//
//	go run ./errgroup https://example.com ""
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	"golang.org/x/sync/errgroup"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	if err := fetchAll(context.Background(), os.Args[1:]); err != nil {
		fmt.Println(err)
	}
}

func fetchAll(ctx context.Context, urls []string) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, url := range urls {
		group.Go(func() error {
			defer sentry.RecoverWithContext(ctx) // the tags of the caller, if it has any
			return fetch(ctx, url)
		})
	}
	return group.Wait()
}

// fetch has no answer to an empty URL.
func fetch(_ context.Context, url string) error {
	if url[0] == '/' {
		return fmt.Errorf("fetch %s: no host", url)
	}
	fmt.Println("fetched", url)
	return nil
}
