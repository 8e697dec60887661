package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/panicreport/sentry/lint/internal/finding"
	"github.com/panicreport/sentry/lint/internal/govet"
	"github.com/panicreport/sentry/lint/internal/guards"
	"github.com/panicreport/sentry/lint/internal/terms"
)

// The exit statuses of the command.
const (
	clean    = 0
	reported = 1
	failed   = 2
)

// command runs the linter and returns the exit status, with an error if that is
// failed.
func command(args []string) (int, error) {
	o, err := parse(args)
	if err != nil {
		return failed, err
	}
	if o.help {
		usage()
		return clean, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return failed, fmt.Errorf("find folder: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return failed, fmt.Errorf("find own executable: %w", err)
	}
	r := &runner{options: o, dir: dir, self: self}
	if err := r.checkNames(); err != nil {
		return failed, err
	}
	status, err := r.run()
	if build, ok := errors.AsType[*govet.BuildError](err); ok {
		fmt.Fprint(os.Stderr, build.Text)
		return reported, nil
	}
	if err != nil {
		return failed, err
	}
	return status, nil
}

// A runner runs the linter as the options say.
type runner struct {
	*options
	dir  string // to which printed names of files are relative
	self string
}

// checkNames tells of a name in a flag that does not exist. A misspelt guard would
// make every goroutine that defers the right one a report, or none.
func (r *runner) checkNames() error {
	var names []guards.Name
	for _, s := range r.names {
		n, err := guards.ParseName(s)
		if err != nil {
			return err
		}
		names = append(names, n)
	}
	unknown, err := guards.Check(r.build, names)
	if err != nil {
		return err
	}
	for _, n := range unknown {
		if slices.Contains(r.guards, n.String()) {
			fmt.Fprintf(os.Stderr, "lint-panics: note: package %s of -guards is not among the dependencies\n", n.Path)
		}
	}
	return nil
}

func (r *runner) run() (int, error) {
	if r.fix {
		return r.runFix()
	}
	list, raw, err := r.lint(nil)
	if err != nil {
		return failed, err
	}
	switch {
	case r.update:
		return clean, finding.WriteBaseline(r.baseline, list)
	case r.baseline != "":
		known, err := finding.ReadBaseline(r.baseline)
		if err != nil {
			return failed, err
		}
		list = known.New(list)
	}
	switch {
	case r.json && r.baseline == "" && len(r.systems) == 1:
		_, err := os.Stdout.Write(raw)
		return clean, err
	case r.json:
		return clean, finding.WriteJSON(os.Stdout, terms.Analyzer, list)
	case r.sarif:
		return clean, finding.WriteSARIF(os.Stdout, r.dir, terms.Categories, list)
	}
	return r.print(list), nil
}

// print prints findings for people, and returns the exit status.
func (r *runner) print(list []*finding.Finding) int {
	finding.WriteText(os.Stdout, r.dir, list, r.context)
	if len(list) > 0 {
		return reported
	}
	return clean
}

// A view is a state of the files that go vet looks at, apart from that on disk.
type view struct {
	overlay  string
	original func(string) string
	flags    []string
}

// lint runs go vet for each system. It also returns what the tool has written.
func (r *runner) lint(v *view) (list []*finding.Finding, raw []byte, err error) {
	var out bytes.Buffer
	for _, goos := range r.systems {
		c := &govet.Command{
			Tool: r.self, Build: r.build, Flags: r.analyzer, Packages: r.packages, OS: goos,
			RawJSON: io.Writer(&out),
		}
		if v != nil {
			c.Overlay, c.Original = v.overlay, v.original
			c.Flags = append(slices.Clone(c.Flags), v.flags...)
		}
		found, err := c.Run()
		if err != nil {
			if build, ok := errors.AsType[*govet.BuildError](err); ok && goos != "" {
				build.Text = "# GOOS=" + goos + "\n" + build.Text
			}
			return nil, nil, err
		}
		list = append(list, found...)
	}
	return finding.Sort(list), out.Bytes(), nil
}
