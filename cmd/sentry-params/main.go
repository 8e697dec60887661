// Command sentry-params carries the build's SENTRY_CONTEXT_NAME,
// SENTRY_CONTEXT_VERSION and SENTRY_PRODUCTION into a program.
//
// An importing project passes them to the linker:
//
//	flags=$(go run github.com/panicreport/sentry/cmd/sentry-params) && go build -ldflags "$flags"
//
// In one command, "$(…)" would hide an error from the shell. In a Makefile it is
// "$$flags", for the shell to expand; what $(shell …) returns, it would read again.
//
// A fork or an in-tree copy of the library writes them to the files that it
// embeds; go generate does it:
//
//	go run ./cmd/sentry-params -write params
//
// A variable that is unset or empty leaves the library's default in place. The
// DSN is not a parameter of the build and never written to a file.
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

// library is the package that the flags are for, unless the command was built
// from a copy elsewhere.
const library = "github.com/panicreport/sentry"

// A parameter is a variable of the build: of the environment, which is also the
// name of its file, and in the package.
type parameter struct {
	env, symbol string
	check       func(value string) error
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

// defaultPackage is two levels up from this command, wherever that is.
func defaultPackage() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if pkg, ok := strings.CutSuffix(info.Path, "/cmd/sentry-params"); ok {
			return pkg
		}
	}
	return library
}

// read returns a value for each parameter, trimmed.
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

// checkBool refuses what the library would take for false, and its author for
// true.
func checkBool(value string) error {
	switch strings.ToLower(value) {
	case "", "true", "1", "false", "0":
		return nil
	}
	return errors.New("use true or 1 for a production build, false, 0 or nothing for any other")
}

// print writes the value of go build's -ldflags: -X 'pkg.name=value' …
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

// quote makes one field of a list of flags. The go command knows both quotes
// around a field, and no escapes in it (cmd/internal/quoted).
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

// write fills the embedded files. All are written, also the empty ones: values
// of a former build must not stay.
func write(dir string, values []string) error {
	for i, p := range parameters {
		if err := os.WriteFile(filepath.Join(dir, p.env), []byte(values[i]), 0o644); err != nil {
			return fmt.Errorf("write parameter: %w", err)
		}
	}
	return nil
}
