// The lint-panics command reports goroutines without a deferred guard.
//
// It works alone, with package patterns as the go command takes them,
//
//	lint-panics [-fix] [flags] ./...
//
// and as a tool of go vet:
//
//	go vet -vettool=$(which lint-panics) [flags] ./...
//
// Alone, it runs itself by go vet: what is known of the dependencies then
// comes from the build cache, and only what has changed is read again.
// See package lintpanics for what it reports, and for the flags. It exits
// with 0 if there is nothing to report, with 1 if there is or a package does
// not compile, and with 2 if it could not run the go command. With -fix, that
// is about what is left; fixing needs the go command of Go 1.26 or later.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/singlechecker"

	"github.com/panicreport/sentry/lint/lintpanics"
)

func main() {
	if args := os.Args[1:]; alone(args) {
		os.Exit(vet(args))
	}
	singlechecker.Main(lintpanics.Analyzer)
}

// alone reports whether a person has called the command, not go vet, which
// asks for the version and the flags first and then gives a .cfg file.
func alone(args []string) bool {
	if len(args) == 0 {
		fmt.Fprintln(os.Stderr, "lint-panics: no packages; lint-panics -h tells the flags")
		os.Exit(2)
	}
	return !slices.ContainsFunc(args, func(arg string) bool {
		return strings.HasSuffix(arg, ".cfg") || strings.HasPrefix(arg, "-V=") ||
			arg == "-flags" || arg == "-h" || arg == "-help" || arg == "--help"
	})
}
