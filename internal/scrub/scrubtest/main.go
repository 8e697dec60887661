package scrubtest

import (
	"fmt"
	"os"
	"testing"

	"github.com/panicreport/sentry/internal/contain"
)

// Main runs the tests of a package, for TestMain. They fail if one of them has met a
// fault, which a report hides.
func Main(m *testing.M) (status int) {
	status = m.Run()
	if n := contain.Faults.Load(); n > 0 {
		fmt.Fprintln(os.Stderr, n, "faults were contained")
		return 1
	}
	return status
}
