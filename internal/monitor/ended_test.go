package monitor

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTail: the last whole lines, however they arrive.
func TestTail(t *testing.T) {
	t.Parallel()
	var long strings.Builder
	for n := range 5000 {
		fmt.Fprintf(&long, "line %d\n", n)
	}
	last := strings.Split(strings.TrimSuffix(long.String(), "\n"), "\n")
	last = last[len(last)-tailLines:]
	for text, want := range map[string]string{
		"":                                       "",
		"one":                                    "one",
		"one\n":                                  "one",
		"one\r\ntwo\r\n\n":                       "one\r\ntwo",
		long.String():                            strings.Join(last, "\n"),
		strings.Repeat("x", 3*maxTail):           strings.Repeat("x", maxTail),
		strings.Repeat("x", maxTail) + "\nend\n": "end",
	} {
		for _, step := range []int{1 << 20, 1000, 1} {
			var kept tail
			for rest := text; rest != ""; {
				n := min(step, len(rest))
				kept.hear([]byte(rest[:n]))
				rest = rest[n:]
			}
			require.Equal(t, want, string(kept.lines()))
		}
	}
}
