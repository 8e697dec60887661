// Package plugin makes lintpanics a linter of golangci-lint v2.
//
// golangci-lint links its plugins in. Either let it build itself, with this
// module under plugins in .custom-gcl.yml,
//
//	golangci-lint custom
//
// or build the main package in the folder golangci beside this file, which
// needs the module proxy only. Then enable the linter as
// .golangci.example.yml does: its settings are the flags of the analyzer.
package plugin

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/panicreport/sentry/lint/lintpanics"
)

// golangci-lint finds a plugin by what it registers as it is linked in.
func init() { register.Plugin("lintpanics", New) }

// Settings are the flags of the analyzer; its package comment tells what they
// mean.
type Settings struct {
	Starters  []string `json:"starters"`
	Guards    []string `json:"guards"`
	Methods   []string `json:"methods"`
	Funcs     string   `json:"funcs"`
	Tests     bool     `json:"tests"`
	Skip      []string `json:"skip"`
	Generated bool     `json:"generated"`
}

// New returns the linter with the settings of a configuration. It fails where
// the command would, and where a setting has another name.
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
