package texts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// TestRules holds the samples in the tables of the rules.
func TestRules(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for _, sample := range texts.Samples() {
		assert.Contains(t, sample.Text, sample.Hides)
		got := s.Text(sample.Text, texts.MaxText)
		assert.False(t, strings.Contains(got, sample.Hides), "%q became %q", sample.Text, got)
		assert.Equal(t, sample.Innocent, s.Text(sample.Innocent, texts.MaxText))
	}
}
