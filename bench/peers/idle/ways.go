package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"

	"github.com/panicreport/sentry/bench/peers/idle/program"
)

// A way is a way to have a second process, or to have none.
type way struct {
	name    string
	program string // its folder in programs
	without string // the way without a second process for the comparison, "" if this is one
	floor   bool   // it has no reporter and no second process: its only process is looked at
}

func (w way) alone() bool { return w.without == "" }

const (
	blocks  = "a Go program that only waits"
	imports = "the same, with sentry-go linked in"
)

var ways = []way{
	{name: blocks, program: "blocks", floor: true},
	{name: imports, program: "imports", floor: true},
	{name: program.OursAlone, program: "ours"},
	{name: program.OnlyReads, program: "ours", without: program.OursAlone},
	{name: program.Monitor, program: "ours", without: program.OursAlone},
	{name: program.Supervisor, program: "ours", without: program.OursAlone},
	{name: program.SentryGo, program: "sentrygo"},
	{name: program.WrapFirst, program: "sentrygo", without: program.SentryGo},
	{name: program.WrapSecond, program: "sentrygo", without: program.SentryGo},
	{name: program.Bugsnag, program: "bugsnag"},
	{name: program.BugsnagWrap, program: "bugsnag", without: program.Bugsnag},
	{name: program.BugsnagBare, program: "bugsnag", without: program.Bugsnag},
}

// build builds the programs of all ways in a folder.
func build(ctx context.Context, dir string) error {
	const programs = "github.com/panicreport/sentry/bench/peers/idle/programs/..."
	cmd := exec.CommandContext(ctx, "go", "build", "-o", dir+string(os.PathSeparator), programs)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the programs: %w: %s", err, out)
	}
	return nil
}
