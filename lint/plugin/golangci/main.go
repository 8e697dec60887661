// The golangci command is golangci-lint with lintpanics in it. It is what
// "golangci-lint custom" makes, but built by the go command alone, from the
// module proxy.
package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "github.com/panicreport/sentry/lint/plugin"
)

func main() {
	info := commands.BuildInfo{
		GoVersion: runtime.Version(),
		Version:   "2.15.0-lintpanics", // golangci-lint wants to read a version here
		Commit:    "none",
		Date:      "unknown",
	}
	if err := commands.Execute(info); err != nil {
		fmt.Fprintf(os.Stderr, "run golangci-lint: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}
