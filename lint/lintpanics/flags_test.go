package lintpanics_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/panicreport/sentry/lint/lintpanics"
)

// TestFlags sets all flags at once, so that it has to read the source of the
// standard library only once. Each flag has test packages of its own.
func TestFlags(t *testing.T) {
	a := lintpanics.New()
	for name, value := range map[string]string{
		"starters": "flags/pool.Pool.Submit:0, flags/pool.Submitter.Submit:0,flags/pool.Every:1",
		"guards":   "flags/other.Monitor,flags/other.Client.Guard,flags/guards.Reporter.OnPanic",
		"methods":  "flags/methods.API",
		"funcs":    `^flags/funcs\.(T\.)?Handle`,
		"skip":     "lintpanics/testdata/src/flags/skip/gen,/none",
		"tests":    "true",
	} {
		if err := a.Flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	analysistest.Run(noFacts{t}, analysistest.TestData(), a,
		"flags/starters", "flags/pool", "flags/guards", "flags/methods", "flags/funcs",
		"flags/skip/gen", "flags/skip/gen/deep", "flags/skip/kept", "flags/teston")
}

func TestAllTests(t *testing.T) {
	a := lintpanics.New()
	if err := a.Flags.Set("alltests", "true"); err != nil {
		t.Fatal(err)
	}
	analysistest.Run(noFacts{t}, analysistest.TestData(), a, "flags/testsall")
}

func TestDefaults(t *testing.T) {
	analysistest.Run(noFacts{t}, analysistest.TestData(), lintpanics.New(),
		"flags/testsoff", "flags/generated", "flags/signal", "ignore")
}

func TestGenerated(t *testing.T) {
	a := lintpanics.New()
	if err := a.Flags.Set("generated", "true"); err != nil {
		t.Fatal(err)
	}
	results := analysistest.Run(silent{}, analysistest.TestData(), a, "flags/generated")
	if got := len(results[0].Diagnostics); got != 2+1 {
		t.Errorf("%d reports, want 3: one more, and a comment without use", got)
	}
}

// noFacts ignores the errors of analysistest about facts without a comment.
type noFacts struct{ *testing.T }

func (t noFacts) Errorf(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !strings.Contains(text, "unexpected fact") {
		t.T.Error(text)
	}
}

func TestFlagsAreChecked(t *testing.T) {
	for _, bad := range [][2]string{
		{"starters", "pkg.Func"}, {"starters", "pkg.Func:-1"}, {"starters", "Func:0"}, {"starters", "pkg.Func:x"},
		{"guards", "Func"}, {"methods", "Type"}, {"funcs", "("},
	} {
		if err := lintpanics.New().Flags.Set(bad[0], bad[1]); err == nil {
			t.Errorf("-%s %s was taken", bad[0], bad[1])
		}
	}
}

func TestFlagsAreShown(t *testing.T) {
	a := lintpanics.New()
	for name, value := range map[string]string{
		"starters": "a/b.F:0,a/b.T.M:1", "guards": "a/b.G", "methods": "a/b.T", "funcs": "^x$", "skip": "gen,x/y",
	} {
		if err := a.Flags.Set(name, value); err != nil {
			t.Fatal(err)
		}
		if got := a.Flags.Lookup(name).Value.String(); got != value {
			t.Errorf("-%s shows %q, want %q", name, got, value)
		}
	}
}
