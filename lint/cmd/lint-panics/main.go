// The lint-panics command reports goroutines without a deferred guard.
//
// You can run it alone, with the package patterns of the go command,
//
//	lint-panics [flags] ./...
//
// or as a tool of go vet:
//
//	go vet -vettool=$(which lint-panics) [flags] ./...
//
// Alone, it runs go vet with itself as the tool. The go command then keeps the
// facts about dependencies in the build cache, and analyzes only the packages that
// have changed. See package lintpanics for what it reports, and for the flags of the
// analyzer. Alone, the command has more flags:
//
//	-fix             insert the guards, then report what is left and why
//	-fix -diff       only show the fixes
//	-json            write the reports as go vet -json does
//	-sarif           write the reports in the format of code hosts
//	-baseline file   report only what the file does not have
//	-update          with -baseline: write the file with all present reports
//	-os linux,darwin look at the files of several systems
//	-c n             show n lines of the source around each report
//
// The flags of go vet that control how packages are built, such as -tags and -C, work
// as there.
//
// With -fix, the command applies the fixes in memory first, and asks the go command
// whether the packages still compile, with their tests. Only then does it write the
// files, all of them or none. A report that has no fix says why.
//
// The exit status is 0 if there is nothing to report. It is 1 if there is a report,
// or if a package does not compile. It is 2 if the flags are wrong, or the command
// could not run the go command. With -fix, the status is about the reports that are
// left; with -fix -diff, it is 1 if there is something to fix. With -json, -sarif and
// -update, reports do not count.
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
	args := os.Args[1:]
	if !alone(args) {
		unit()
		singlechecker.Main(lintpanics.Analyzer)
	}
	status, err := command(args)
	if err != nil {
		fmt.Fprintf(os.Stderr, "lint-panics: %v\n", err)
	}
	os.Exit(status)
}

// alone reports whether a user has called the command, and not go vet. go vet asks
// for the version and the flags first, and then passes a .cfg file.
func alone(args []string) bool {
	return !slices.ContainsFunc(args, func(arg string) bool {
		return strings.HasSuffix(arg, ".cfg") || strings.HasPrefix(arg, "-V=") || arg == "-flags"
	})
}
