package scrub_test

import (
	"os"
	"testing"

	"github.com/panicreport/sentry/internal/scrub/scrubtest"
)

func TestMain(m *testing.M) { os.Exit(scrubtest.Main(m)) }
