package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// figures are parts of a page that are taken from RESULTS.md:
//
//	<!-- figures -->
//	| a guard | 1.00 |
//	<!-- end of figures -->
var figures = regexp.MustCompile(`(?s)<!-- figures -->\n(.*?)<!-- end of figures -->`)

// TestFiguresAreMeasured: what README and docs say of speed and size is what make
// bench has written the last time.
func TestFiguresAreMeasured(t *testing.T) {
	t.Parallel()
	results, err := os.ReadFile("../RESULTS.md")
	require.NoError(t, err)
	measured := map[string]bool{}
	for line := range strings.Lines(string(results)) {
		measured[line] = true
	}
	for _, page := range []string{"../../README.md", "../../docs/costs.md"} {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		parts := figures.FindAllStringSubmatch(string(text), -1)
		require.NotEmpty(t, parts, page)
		for _, part := range parts {
			for line := range strings.Lines(part[1]) {
				require.True(t, measured[line] || line == "\n", "%s: make bench has not measured %q", page, line)
			}
		}
	}
}
