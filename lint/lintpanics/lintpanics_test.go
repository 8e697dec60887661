package lintpanics_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/panicreport/sentry/lint/lintpanics"
)

func TestFacts(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), lintpanics.New(), "forms/common")
}
