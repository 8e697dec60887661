package lintpanics_test

import (
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/panicreport/sentry/lint/lintpanics"
)

func TestFacts(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), lintpanics.New(), "forms/common")
}

// TestInnerPackages has a package that package sentry imports. The linter must
// report it, but a fix that imports sentry would not compile.
func TestInnerPackages(t *testing.T) {
	const source = "package spool\n\nfunc f(n int) { go func() { println(1 / n) }() }\n"
	for path, fixes := range map[string]int{
		"github.com/panicreport/sentry/internal/spool": 0,
		"github.com/panicreport/sentry/sentrytest":     1,
		"example.com/internal/spool":                   1,
	} {
		found := newDriver(t).run(t, path, source)
		if len(found) != 1 || found[0].fixes != fixes {
			t.Errorf("%s: %+v, want one with %d fixes", path, found, fixes)
		}
	}
}

func TestDoc(t *testing.T) {
	doc := lintpanics.Analyzer.Doc
	if !strings.HasPrefix(doc, "lintpanics: report goroutines without a deferred guard\n\n") || strings.Contains(doc, "//\n") {
		t.Errorf("the analyzer's text is not that of the package comment:\n%s", doc)
	}
}
