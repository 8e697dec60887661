package texts_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
	"github.com/panicreport/sentry/internal/scrub/texts"
)

// FuzzText holds what every text must: bounded, valid UTF-8, and the same when
// scrubbed again.
func FuzzText(f *testing.F) {
	for _, r := range scrubtest.Secrets() {
		f.Add(r.Text)
	}
	for _, text := range scrubtest.Innocents() {
		f.Add(text)
	}
	for _, part := range adversarial {
		f.Add(part + part)
	}
	s := newScrubber()
	f.Fuzz(func(t *testing.T, text string) {
		defer func() { require.Zero(t, contain.Faults.Load(), "a rule has panicked") }()
		got := s.Text(text, texts.MaxText)
		require.LessOrEqual(t, len(got), texts.MaxText)
		require.True(t, utf8.ValidString(got))
		require.Equal(t, got, s.Text(got, texts.MaxText), "scrubbed twice, from %q", text)
	})
}

// FuzzPlanted puts a secret into a text, in one of the forms in which it must
// be seen whatever stands around it: on a line of its own.
func FuzzPlanted(f *testing.F) {
	const planted = "Zq7Planted9Xw"
	for i, r := range scrubtest.Secrets() {
		f.Add(r.Text, scrubtest.Innocents()[i%leastInnocent], uint8(i))
	}
	lines := []string{
		"password=" + planted, `{"password":"` + planted + `"}`, "Password: " + planted, "Authorization: Bearer " + planted,
		"{User:bob Password:" + planted + " Age:3}", "https://bob:" + planted + "@example.com/", "--password " + planted + " x",
		"map[token:" + planted + "]", `main.T{Secret:"` + planted + `"}`, "Cookie: a=" + planted, planted + "@example.com",
	}
	s := newScrubber()
	f.Fuzz(func(t *testing.T, before, behind string, which uint8) {
		defer func() { require.Zero(t, contain.Faults.Load(), "a rule has panicked") }()
		if len(before)+len(behind) > texts.MaxText/2 {
			t.Skip("cut off")
		}
		text := before + "\n" + lines[int(which)%len(lines)] + "\n" + behind
		require.NotContains(t, s.Text(text, texts.MaxText), planted, "in %q", text)
	})
}
