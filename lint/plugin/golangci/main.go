// The golangci command is golangci-lint with the linter lintpanics. It is the same
// program that "golangci-lint custom" builds, but the go command alone can build it.
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
		Version:   "2.15.0-lintpanics", // golangci-lint parses this as a version
		Commit:    "none",
		Date:      "unknown",
	}
	if err := commands.Execute(info); err != nil {
		fmt.Fprintf(os.Stderr, "run golangci-lint: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}
