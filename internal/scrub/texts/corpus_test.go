package texts_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub/scrubtest"
	"github.com/panicreport/sentry/internal/scrub/texts"
)

// How many texts the corpus has at least. It only grows.
const (
	leastSecrets  = 790
	leastInnocent = 400
)

func newScrubber() *texts.Scrubber {
	s := texts.New(scrubtest.Config())
	return &s
}

func TestSecretsGo(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	records := scrubtest.Secrets()
	require.GreaterOrEqual(t, len(records), leastSecrets)
	for _, r := range records {
		require.NotEmpty(t, r.Gone, "nothing to look for in %q", r.Text)
		for _, gone := range r.Gone {
			require.Contains(t, r.Text, gone)
		}
		check(t, s, r)
	}
}

// check reports what is wrong with one record without ending the test, so that
// a change shows all that it breaks.
func check(t *testing.T, s *texts.Scrubber, r scrubtest.Record) {
	t.Helper()
	got := s.Text(r.Text, texts.MaxText)
	for _, gone := range r.Gone {
		if strings.Contains(got, gone) {
			t.Errorf("%q is still in\n%s\nfrom\n%s", gone, got, r.Text)
		}
	}
	for _, kept := range r.Kept {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is gone from\n%s\nfrom\n%s", kept, got, r.Text)
		}
	}
	if again := s.Text(got, texts.MaxText); again != got {
		t.Errorf("scrubbing twice changes\n%s\nto\n%s", got, again)
	}
}

func TestInnocentTextsStay(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	innocent := scrubtest.Innocents()
	require.GreaterOrEqual(t, len(innocent), leastInnocent)
	for _, text := range innocent {
		if got := s.Text(text, texts.MaxText); got != text {
			t.Errorf("%q\nbecame\n%q", text, got)
		}
	}
}
