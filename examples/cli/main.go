// Command cli is a tool with subcommands that people install on their own machines.
// It asks at its first run whether it may send crash reports, and remembers the
// answer. A crash without a network is sent by the next run:
//
//	SENTRY_DSN=https://key@o1.ingest.sentry.io/2 go run ./cli stats FILE
//
// The file .goreleaser.yaml builds its releases.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/panicreport/sentry"
)

// dsn is where reports go. The linker sets it in a release, so that whoever sets a
// variable does not receive them: -X main.dsn=https://…
var dsn string

func main() { os.Exit(run()) }

// run calls Init first, before cobra has looked at the arguments. In a
// PersistentPreRunE, everything before it would run twice: the monitor is this program
// once more, and comes to Init on the same way.
func run() (status int) {
	dir, err := stateDir()
	if err != nil {
		log.Print(err)
		return 1
	}
	c := loadConsent(filepath.Join(dir, "consent"))
	report := func() {
		err := sentry.Init(
			sentry.WithDSN(orVariable(dsn)),
			sentry.WithSpool(filepath.Join(dir, "reports")),
			sentry.WithCrashMonitor(),
			sentry.WithConsent(c.given.Load),
			sentry.WithFlushTimeout(time.Second), // nobody waits longer at a prompt
		)
		if err != nil {
			log.Print(err)
		}
	}
	report()
	defer sentry.Close()
	defer sentry.Recover()
	if err := command(c, report).Execute(); err != nil {
		return 1
	}
	return 0
}

// orVariable lets a build without a DSN, as of a developer, report to SENTRY_DSN.
func orVariable(dsn string) string {
	if dsn == "" {
		return os.Getenv(sentry.DefaultEnvVarDSN)
	}
	return dsn
}

// stateDir is where the tool keeps what it has to remember.
func stateDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find a directory: %w", err)
	}
	return filepath.Join(dir, "cli-example"), nil
}
