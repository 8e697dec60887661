package texts_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// TestMain fails if a rule has panicked, which nobody else would see.
func TestMain(m *testing.M) {
	status := m.Run()
	if n := texts.Faults.Load(); n > 0 {
		fmt.Fprintln(os.Stderr, n, "times a rule has panicked")
		status = 1
	}
	os.Exit(status)
}
