package words_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/panicreport/sentry/internal/words"
)

// TestMain fails if a decision has panicked, which nobody else would see.
func TestMain(m *testing.M) {
	status := m.Run()
	if n := words.Faults.Load(); n > 0 {
		fmt.Fprintln(os.Stderr, n, "times a decision has panicked")
		status = 1
	}
	os.Exit(status)
}
