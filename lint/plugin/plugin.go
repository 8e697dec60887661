// Package plugin makes lintpanics a linter of golangci-lint v2.
//
// A plugin is linked into golangci-lint. There are two ways to do that. You can
// list this module under plugins in .custom-gcl.yml, and run
//
//	golangci-lint custom
//
// Or you can build the main package in the folder golangci, which needs only the
// go command and a module proxy. Then enable the linter in the configuration, as
// .golangci.example.yml does. Its settings are the flags of the analyzer.
package plugin

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/panicreport/sentry/lint/lintpanics"
)

// golangci-lint requires that a plugin registers itself in an init function.
func init() { register.Plugin("lintpanics", New) }

// Settings are the flags of the analyzer. The comment of package lintpanics
// describes them.
type Settings struct {
	Starters  []string `json:"starters"`
	Guards    []string `json:"guards"`
	Methods   []string `json:"methods"`
	Funcs     string   `json:"funcs"`
	Tests     bool     `json:"tests"`
	AllTests  bool     `json:"alltests"`
	Skip      []string `json:"skip"`
	Generated bool     `json:"generated"`
}

// New returns the linter with the settings of a configuration. It returns an error
// if a setting has an unknown name, or a value that the command would refuse.
func New(conf any) (register.LinterPlugin, error) {
	settings, err := register.DecodeSettings[Settings](conf)
	if err != nil {
		return nil, fmt.Errorf("read settings of lintpanics: %w", err)
	}
	a := lintpanics.New()
	for name, value := range map[string]string{
		"starters":  strings.Join(settings.Starters, ","),
		"guards":    strings.Join(settings.Guards, ","),
		"methods":   strings.Join(settings.Methods, ","),
		"funcs":     settings.Funcs,
		"tests":     strconv.FormatBool(settings.Tests),
		"alltests":  strconv.FormatBool(settings.AllTests),
		"skip":      strings.Join(settings.Skip, ","),
		"generated": strconv.FormatBool(settings.Generated),
	} {
		if err := a.Flags.Set(name, value); err != nil {
			return nil, fmt.Errorf("set %s of lintpanics: %w", name, err)
		}
	}
	return linter{a}, nil
}

type linter struct{ analyzer *analysis.Analyzer }

func (l linter) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	return []*analysis.Analyzer{l.analyzer}, nil
}

func (linter) GetLoadMode() string { return register.LoadModeTypesInfo }
