package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/panicreport/sentry/lint/internal/terms"
	"github.com/panicreport/sentry/lint/lintpanics"
)

// options are the arguments of the command.
type options struct {
	fix, diff, json, sarif, update, help bool
	baseline                             string
	systems                              []string // of -os; one empty string without it
	context                              int      // of -c; negative: none

	build    []string // flags of the go command
	analyzer []string // flags of the analyzer
	packages []string
	guards   []string // the values of flags that name functions
	names    []string
}

// buildValues are the flags of the go command that have a value, which may be the
// next argument. Any other flag that is not known here has none, or has it after =.
var buildValues = []string{
	"asmflags", "buildmode", "compiler", "gccgoflags", "gcflags", "installsuffix", "ldflags",
	"mod", "modfile", "overlay", "p", "pgo", "pkgdir", "tags", "toolexec",
}

// parse parses the arguments. It is tempting to use package flag. But the flags of
// the go command are not known here, and must be passed on as they are.
func parse(args []string) (*options, error) {
	o := &options{systems: []string{""}, context: -1}
	for len(args) > 0 && strings.HasPrefix(args[0], "-") && args[0] != "-" {
		arg := args[0]
		args = args[1:]
		if arg == "--" {
			break
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		next := func() error {
			if hasValue {
				return nil
			}
			if len(args) == 0 {
				return fmt.Errorf("flag -%s needs a value", name)
			}
			value, hasValue, args = args[0], true, args[1:]
			return nil
		}
		if err := o.flag(name, value, hasValue, next, func() string { return value }); err != nil {
			return nil, err
		}
	}
	o.packages = args
	return o, o.check()
}

// flag handles one flag. next takes the value from the next argument if there is no
// other, and get returns the value.
func (o *options) flag(name, value string, hasValue bool, next func() error, get func() string) error {
	if b, ok := map[string]*bool{
		"fix": &o.fix, "diff": &o.diff, "json": &o.json, "sarif": &o.sarif, "update": &o.update, "h": &o.help, "help": &o.help,
	}[name]; ok {
		*b = true
		if hasValue {
			v, err := strconv.ParseBool(value)
			if err != nil {
				return fmt.Errorf("flag -%s is true or false, not %q", name, value)
			}
			*b = v
		}
		return nil
	}
	switch f := lintpanics.Analyzer.Flags.Lookup(name); {
	case f != nil:
		return o.analyzerFlag(f, value, hasValue, next, get)
	case name == "baseline" || name == "os" || name == "c" || name == "C":
		if err := next(); err != nil {
			return err
		}
		return o.ownFlag(name, get())
	case slices.Contains(buildValues, name):
		if err := next(); err != nil {
			return err
		}
		o.build = append(o.build, "-"+name+"="+get())
	case hasValue:
		o.build = append(o.build, "-"+name+"="+value)
	default:
		o.build = append(o.build, "-"+name)
	}
	return nil
}

func (o *options) ownFlag(name, value string) error {
	switch name {
	case "baseline":
		o.baseline = value
	case "os":
		o.systems = strings.Split(value, ",")
	case "C":
		if err := os.Chdir(value); err != nil {
			return fmt.Errorf("change folder: %w", err)
		}
	case "c":
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("flag -c is a number of lines, not %q", value)
		}
		o.context = n
	}
	return nil
}

// analyzerFlag sets the flag in this process too, so that a wrong value is an error
// here and not in each package.
func (o *options) analyzerFlag(f *flag.Flag, value string, hasValue bool, next func() error, get func() string) error {
	if b, ok := f.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
		if !hasValue {
			value = "true"
		}
	} else if err := next(); err != nil {
		return err
	} else {
		value = get()
	}
	if err := f.Value.Set(value); err != nil {
		return fmt.Errorf("flag -%s: %w", f.Name, err)
	}
	o.analyzer = append(o.analyzer, "-"+f.Name+"="+value)
	for item := range strings.SplitSeq(value, ",") {
		item, _, _ = strings.Cut(strings.TrimSpace(item), ":")
		switch {
		case item == "":
		case f.Name == "guards":
			o.guards = append(o.guards, item)
			o.names = append(o.names, item)
		case f.Name == "starters":
			o.names = append(o.names, item)
		}
	}
	return nil
}

// check checks which flags are there together.
func (o *options) check() error {
	formats := 0
	for _, set := range []bool{o.json, o.sarif, o.fix} {
		if set {
			formats++
		}
	}
	switch {
	case o.help:
		return nil
	case len(o.packages) == 0:
		return errors.New("no packages; lint-panics -h tells the flags")
	case formats > 1:
		return errors.New("-json, -sarif and -fix exclude each other")
	case o.diff && !o.fix:
		return errors.New("-diff needs -fix")
	case o.update && o.baseline == "":
		return errors.New("-update needs -baseline")
	case o.baseline != "" && o.fix:
		return errors.New("-baseline and -fix exclude each other: fix first, and write what is left into the baseline")
	case o.fix && slices.ContainsFunc(o.build, func(f string) bool { return strings.HasPrefix(f, "-overlay") }):
		return errors.New("-fix needs an overlay of its own: -overlay is not possible with it")
	}
	return nil
}

// usage prints the flags of the command and of the analyzer.
func usage() {
	fmt.Print(`lint-panics [flags] packages: report goroutines without a deferred guard

  -fix            insert the guards, then report what is left and why
  -diff           with -fix: only show the fixes
  -json           write the reports as go vet -json does
  -sarif          write the reports in the format of code hosts
  -baseline file  report only what the file does not have
  -update         with -baseline: write the file with all present reports
  -os list        look at the files of several systems, as linux,windows,darwin
  -c n            show n lines of the source around each report

`)
	flags := &lintpanics.Analyzer.Flags
	flags.SetOutput(os.Stdout)
	flags.VisitAll(func(f *flag.Flag) {
		if f.Name != terms.InsertFlag {
			fmt.Printf("  -%-14s %s\n", f.Name, f.Usage)
		}
	})
	fmt.Print("\nThe build flags of go vet, such as -tags and -C, work as there.\n")
}
