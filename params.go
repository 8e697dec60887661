package sentry

//go:generate go run ./cmd/sentry-params -write params

import (
	_ "embed"
	"os"
	"runtime/debug"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The names that Sentry and the build use for the state of a program.
const (
	production  = "production"
	development = "development"
)

// A nameRule is what sentry-relay's normaliser accepts as a name. Otherwise it drops
// the whole field, and of a session all.
// https://docs.sentry.io/product/releases/naming-releases/
type nameRule struct {
	max      int    // bytes
	reserved string // means something else to Sentry, in any case
}

var (
	releaseRule     = nameRule{max: 200, reserved: "latest"}
	environmentRule = nameRule{max: 64, reserved: "none"}
)

// Set by an importing project's linker: -X <this package>.contextName=…
// The command sentry-params prints the flags.
var (
	contextName    string
	contextVersion string
	productionFlag string
)

// Written by go generate in a fork or an in-tree copy, empty as committed.
var (
	//go:embed params/SENTRY_CONTEXT_NAME
	contextNameFile string
	//go:embed params/SENTRY_CONTEXT_VERSION
	contextVersionFile string
	//go:embed params/SENTRY_PRODUCTION
	productionFile string
)

// DefaultContext is the name of the program or library that reports: from the
// linker (SENTRY_CONTEXT_NAME at build time), else from the embedded file, else
// the path of the main module. A program that was built from single files has
// no module, and is "command-line-arguments" as for the go command.
func DefaultContext() string {
	return firstOf(contextName, contextNameFile, mainModule().Path, buildInfo().Path, "unknown")
}

// DefaultContextVersion is the version that goes with [DefaultContext]: from
// the linker (SENTRY_CONTEXT_VERSION at build time), else from the embedded
// file, else the version of the main module, else "(devel)".
func DefaultContextVersion() string {
	return firstOf(contextVersion, contextVersionFile, mainModule().Version, "(devel)")
}

// Production tells whether this is a production build: SENTRY_PRODUCTION was
// true or 1, in any case, when it was built. Nothing at run time changes it.
func Production() bool {
	switch strings.ToLower(firstOf(productionFlag, productionFile)) {
	case "true", "1":
		return true
	default:
		return false
	}
}

// Environment is "production" in a production build. Any other build takes the
// run-time variable SENTRY_ENVIRONMENT, but never "production" from it, and is
// "development" without.
func Environment() string {
	if Production() {
		return production
	}
	env := sentryName(os.Getenv("SENTRY_ENVIRONMENT"), environmentRule)
	if !isEnvironment(env) || strings.EqualFold(env, production) {
		return development
	}
	return env
}

// isEnvironment reports whether a text can be the name of an environment. Whoever
// runs a program could write anything else into its reports, an address or a
// sentence.
func isEnvironment(env string) bool {
	letter := false
	for _, r := range env {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' && r != '.' {
			return false
		}
		letter = letter || unicode.IsLetter(r)
	}
	return letter
}

// WithEnvironment sets the environment of every report, for example
// "production" or "staging". It is for the program that knows better than its
// build: one binary that is tried in staging and then promoted to production
// reads its own configuration and says so. It wins over the build and over
// SENTRY_ENVIRONMENT. A slash, a backslash or a line break in name becomes a
// dash, what is longer than 64 bytes of UTF-8 is cut, and "none" gets a dash in
// front: Sentry refuses those. [Init] returns an error for an empty name.
// By default, it is [Environment].
func WithEnvironment(name string) Option {
	return optionFunc(func(c *config) {
		if name = sentryName(name, environmentRule); name == "" {
			c.fail("WithEnvironment: the name is empty: leave the option out to use that of the build and the run")
		}
		c.Reporter.Environment = name
	})
}

// WithContext names the program or library that reports, and its version: the
// tags context.name and context.version, and the default release.
// By default, [DefaultContext] and [DefaultContextVersion] are used.
func WithContext(name, version string) Option {
	return optionFunc(func(c *config) {
		if name == "" {
			c.fail("WithContext: the name is empty: give one, or leave the option out to use the build's own")
		}
		c.Reporter.ContextName, c.Reporter.ContextVersion = name, version
	})
}

// WithDefaultContext goes back to [DefaultContext] and [DefaultContextVersion]
// after an earlier [WithContext]. By default, they are in use.
func WithDefaultContext() Option {
	return optionFunc(func(c *config) {
		c.Reporter.ContextName, c.Reporter.ContextVersion = DefaultContext(), DefaultContextVersion()
	})
}

// WithRelease sets the release, as Sentry groups reports by it. Sentry refuses
// a release with a slash, a backslash or a line break, one of more than 200
// bytes of UTF-8, and "latest": such characters become a dash, the rest is cut,
// and "latest" gets a dash in front.
// By default, it is name@version of the context, without a leading "v" in the
// version: Sentry orders only releases of the form app@1.2.3.
func WithRelease(release string) Option {
	return optionFunc(func(c *config) { c.Reporter.Release = sentryName(release, releaseRule) })
}

// WithEnvironments reports only if the environment, which is [Environment] or that
// of [WithEnvironment], is one of names. [Init] returns an error for no name, and
// for an empty one. By default, every environment reports.
func WithEnvironments(names ...string) Option {
	return optionFunc(func(c *config) {
		if len(names) == 0 { // an empty filter would let everything through
			c.fail("WithEnvironments: there is no name: leave the option out to report everywhere")
		}
		c.Reporter.Environments = nil
		for _, name := range names {
			if name = sentryName(name, environmentRule); name == "" {
				c.fail("WithEnvironments: a name is empty")
			}
			c.Reporter.Environments = append(c.Reporter.Environments, name)
		}
	})
}

// releaseOf makes the release app@1.2.3 of app and v1.2.3: Sentry takes a
// version as a semantic one, and can order it, only without the v.
func releaseOf(name, version string) string {
	if len(version) > 1 && version[0] == 'v' && version[1] >= '0' && version[1] <= '9' {
		version = version[1:]
	}
	if version == "" {
		return sentryName(name, releaseRule)
	}
	return sentryName(name+"@"+version, releaseRule)
}

// sentryName replaces what makes Sentry refuse a release or an environment:
// github.com/acme/app becomes github.com-acme-app.
func sentryName(name string, rule nameRule) string {
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1 // shows nothing: it would make another "production"
		}
		if r == '/' || r == '\\' || r < ' ' || r == 0x7f {
			return '-'
		}
		return r
	}, strings.TrimSpace(strings.ToValidUTF8(name, "-"))))
	switch {
	case name == "." || name == "..":
		return strings.Repeat("-", len(name))
	case strings.EqualFold(name, rule.reserved):
		return "-" + name
	case len(name) <= rule.max:
		return name
	}
	end := rule.max
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return strings.TrimSpace(name[:end])
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}

// buildInfo is read once: it parses a text of some kilobytes.
var buildInfo = sync.OnceValue(func() *debug.BuildInfo {
	if info, ok := debug.ReadBuildInfo(); ok {
		return info
	}
	return &debug.BuildInfo{}
})

// revisionOf is the commit that a program was built from, as the go command notes it,
// or empty. With changes that were not committed, it ends in +dirty.
func revisionOf(info *debug.BuildInfo) string {
	settings := make(map[string]string, len(info.Settings))
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	revision := settings["vcs.revision"]
	if revision != "" && settings["vcs.modified"] == "true" {
		revision += "+dirty"
	}
	return revision
}

func mainModule() debug.Module { return buildInfo().Main }
