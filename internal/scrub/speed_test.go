package scrub_test

import (
	"testing"

	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
)

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		scrub.New(scrub.Config{SensitiveKeys: []string{"tenant"}, Home: "/home/bob", DSN: "https://k@example.com/1"})
	}
}

func BenchmarkEventClean(b *testing.B) {
	s := newScrubber()
	e := scrubtest.Crash()
	b.ReportAllocs()
	for b.Loop() {
		s.Event(e)
	}
}
