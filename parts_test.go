package sentry_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// TestParts: a program has the code of the options that it uses, and not of the others.
// What brings a part back into all programs is a call of its functions by name, where
// Init can reach it; a type of it that a configuration has, with its methods; or a
// variable of the package that a function makes. go build -ldflags=-dumpdep tells.
func TestParts(t *testing.T) {
	t.Parallel()
	parts := map[string]string{ // a function of each
		"spool":    "spool.(*Reports).Put",
		"parser":   "traceback.Parse",
		"monitor":  "monitor.Start",
		"ownwords": "scrub/own.(*Words).Report",
		"image":    "image.Own",
	}
	size := map[string]int64{}
	for _, tt := range []struct {
		tag  string
		want []string
	}{
		{"", nil},
		{"logger", nil},
		{"ownwords", []string{"ownwords", "image"}},
		{"spool", []string{"spool", "parser"}},
		{"monitor", []string{"spool", "parser", "monitor", "ownwords", "image"}}, // it may be told to by its program
	} {
		exe := testprogram.Source{Dir: "testdata/parts", Output: "parts", Flags: []string{"-tags", tt.tag}}.Build(t)
		symbols, err := exec.Command("go", "tool", "nm", exe).Output()
		require.NoError(t, err)
		for part, function := range parts {
			has := strings.Contains(string(symbols), " T "+library+"/internal/"+function+"\n")
			require.Equal(t, slices.Contains(tt.want, part), has, "%s in a program with %q", part, tt.tag)
		}
		info, err := os.Stat(exe)
		require.NoError(t, err)
		size[tt.tag] = info.Size()
	}
	require.Less(t, float64(size[""]), 0.93*float64(size["monitor"]))
}
