// Command sentry-spool prints the reports in a directory of sentry.WithSpool as
// readable text, the oldest first:
//
//	go run github.com/panicreport/sentry/cmd/sentry-spool@latest ~/.local/state/app/reports
//
// With -web, it serves them as pages on a loopback port instead, and prints their
// address, which has a token that nobody else on the machine knows. The pages have no
// scripts and load nothing from elsewhere.
//
// It sends nothing and changes nothing in the directory. It does not claim a
// report, so that a program can send it at the same time, and it follows no links.
// A report can contain text from anybody, so its control characters are printed as
// escapes. If a report cannot be read, the command prints its id and the reason,
// goes on with the next one, and ends with exit status 1.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/panicreport/sentry/internal/spool"
)

func main() {
	web := flag.Bool("web", false, "serve the reports as pages on a loopback port")
	flag.Usage = func() { fmt.Fprintln(os.Stderr, "usage: sentry-spool [-web] DIR") }
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	do := show
	if *web {
		do = serveWeb
	}
	if err := do(os.Stdout, flag.Arg(0)); err != nil {
		fmt.Fprintln(os.Stderr, "sentry-spool:", err)
		os.Exit(1)
	}
}

func show(w io.Writer, dir string) error {
	store, err := openStore(dir)
	if err != nil {
		return err
	}
	infos, err := store.List()
	if err != nil {
		return err
	}
	var errs []error
	for i, info := range infos {
		_, err := fmt.Fprintf(w, "== report %d of %d: %s\n", i+1, len(infos), status(info))
		if err != nil {
			return err
		}
		if err := showReport(w, store, info.ID); err != nil {
			errs = append(errs, fmt.Errorf("report %s: %w", info.ID, err))
		}
	}
	if len(infos) == 0 {
		_, err = fmt.Fprintln(w, "no reports")
	}
	return errors.Join(append(errs, err)...)
}

// openStore returns an error for a directory that is missing, which the library takes for
// an empty one.
func openStore(dir string) (*spool.Store, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	return spool.New(dir, spool.Options{})
}

// status returns what the name of a report's file tells:
//
//	stored 2026-11-21 12:00:00 UTC, 2 attempts, next in 1m0s
func status(info spool.Info) string {
	s := fmt.Sprintf("stored %s, %d attempts", info.Created.UTC().Format("2006-01-02 15:04:05 MST"), info.Attempts)
	if info.Wait > 0 {
		s += ", next in " + info.Wait.Round(time.Second).String()
	}
	return s
}

func showReport(w io.Writer, store *spool.Store, id string) error {
	event, err := readEvent(store, id)
	if err != nil {
		return err
	}
	if err := event.Format(w); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w)
	return err
}
