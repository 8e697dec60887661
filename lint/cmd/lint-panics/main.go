// The lint-panics command reports goroutines without a deferred guard.
//
// You can run it alone, with the package patterns of the go command,
//
//	lint-panics [-fix] [flags] ./...
//
// or as a tool of go vet:
//
//	go vet -vettool=$(which lint-panics) [flags] ./...
//
// Alone, it runs go vet with itself as the tool. The go command then keeps the
// facts about dependencies in the build cache, and analyzes only the packages that
// have changed. See package lintpanics for what it reports, and for the flags.
//
// The exit status is 0 if there is nothing to report. It is 1 if there is a report,
// or if a package does not compile. It is 2 if the command could not run the go
// command. With -fix, the command applies fixes first, and the status is about the
// reports that are left. Fixing needs the go command of Go 1.26 or later.
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

// alone reports whether a user has called the command, and not go vet. go vet asks
// for the version and the flags first, and then passes a .cfg file.
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
