// Command sentry-params passes the environment variables SENTRY_CONTEXT_NAME,
// SENTRY_CONTEXT_VERSION and SENTRY_PRODUCTION of a build to the library, so that
// they are in its reports.
//
// A project that imports the library passes them to the linker. Without flags, the
// command prints the value for -ldflags:
//
//	flags=$(go run github.com/panicreport/sentry/cmd/sentry-params) && go build -ldflags "$flags"
//
// Do not write go build -ldflags "$(…)", because the shell would ignore an error of
// sentry-params. In a Makefile, write $$( and "$$flags", so that the shell expands
// them. With make's own $(shell …), the shell would interpret the result again.
//
// A fork or an in-tree copy of the library embeds the values as files. go generate
// runs the command with -write, which writes the files and prints nothing:
//
//	go run ./cmd/sentry-params -write params
//
// If a variable is unset or empty, the default of the library applies. The DSN is
// not a parameter of the build and is never written to a file.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"unicode"
)

// library is the import path of the package that gets the values, unless this
// command was built from a copy with another path.
const library = "github.com/panicreport/sentry"

// A parameter is a value that a build passes to the library.
type parameter struct {
	env    string // the environment variable, and the file with its value
	symbol string // the variable in the package
	check  func(value string) error
}

var parameters = []parameter{
	{"SENTRY_CONTEXT_NAME", "contextName", nil},
	{"SENTRY_CONTEXT_VERSION", "contextVersion", nil},
	{"SENTRY_PRODUCTION", "productionFlag", checkBool},
}

func main() {
	if err := run(os.Args[1:], os.Getenv, os.Stdout); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "sentry-params:", err)
		}
		os.Exit(2)
	}
}

func run(args []string, getenv func(string) string, stdout io.Writer) error {
	flags := flag.NewFlagSet("sentry-params", flag.ContinueOnError)
	pkg := flags.String("package", defaultPackage(), "import path of the library, if it is a copy")
	dir := flags.String("write", "", "write the files that the library embeds to this folder, and print nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q: the values come from the environment", flags.Arg(0))
	}
	if *pkg == "" || strings.ContainsAny(*pkg, " \t\"'=") {
		return fmt.Errorf("-package %q is no import path", *pkg)
	}
	values, err := read(getenv)
	if err != nil {
		return err
	}
	if *dir != "" {
		return write(*dir, values)
	}
	return print(stdout, *pkg, values)
}

// defaultPackage returns the import path of the library to which this command
// belongs, which can be a copy.
func defaultPackage() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if pkg, ok := strings.CutSuffix(info.Path, "/cmd/sentry-params"); ok {
			return pkg
		}
	}
	return library
}

// read returns a value for each parameter, without spaces around it.
func read(getenv func(string) string) (values []string, err error) {
	for _, p := range parameters {
		value := strings.TrimSpace(getenv(p.env))
		if strings.ContainsFunc(value, unicode.IsControl) {
			return nil, fmt.Errorf("%s contains a line break or another control character, which Sentry refuses in a name: remove it", p.env)
		}
		if p.check != nil {
			if err := p.check(value); err != nil {
				return nil, fmt.Errorf("%s is %q: %w", p.env, value, err)
			}
		}
		values = append(values, value)
	}
	return values, nil
}

// checkBool refuses values such as "yes", which the library would take for false.
func checkBool(value string) error {
	switch strings.ToLower(value) {
	case "", "true", "1", "false", "0":
		return nil
	}
	return errors.New("use true or 1 for a production build, false, 0 or nothing for any other")
}

// print writes the value for the flag -ldflags of go build:
// -X 'pkg.name=value' …
func print(w io.Writer, pkg string, values []string) error {
	var flags []string
	for i, p := range parameters {
		if values[i] == "" {
			continue
		}
		quoted, err := quote(pkg + "." + p.symbol + "=" + values[i])
		if err != nil {
			return fmt.Errorf("%s %w", p.env, err)
		}
		flags = append(flags, "-X "+quoted)
	}
	_, err := fmt.Fprintln(w, strings.Join(flags, " "))
	return err
}

// quote returns text as one field in a list of flags. The go command accepts single
// or double quotes around a field, but no escapes in it (cmd/internal/quoted).
func quote(field string) (string, error) {
	switch {
	case !strings.Contains(field, "'"):
		return "'" + field + "'", nil
	case !strings.Contains(field, `"`):
		return `"` + field + `"`, nil
	default:
		return "", errors.New("contains both ' and \", which the go command can not pass to the linker: leave one out, or use -write in a copy of the library")
	}
}

// write writes the files that a copy of the library embeds. It also writes empty
// values, so that no value of an earlier build remains.
func write(dir string, values []string) error {
	for i, p := range parameters {
		if err := os.WriteFile(filepath.Join(dir, p.env), []byte(values[i]), 0o644); err != nil {
			return fmt.Errorf("write parameter: %w", err)
		}
	}
	return nil
}
