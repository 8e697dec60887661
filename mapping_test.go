package sentry_test

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

// A mapping is what Sentry calls a code mapping: how the file name of a frame becomes
// the path of a file in a repository.
type mapping struct{ stackRoot, sourceRoot string }

// apply does what Sentry does with a frame of Go, in the function
// convert_stacktrace_frame_path_to_source_path of
// src/sentry/issues/auto_source_code_config/code_mapping.py: a file name that begins
// with the stack root gets the source root in its place, and then loses the slashes
// that it begins with. If none begins so, the mapping says nothing.
func (m mapping) apply(f sentrytest.Frame) string {
	for _, name := range []string{f.Filename, f.AbsPath} {
		if name != "" && strings.HasPrefix(name, m.stackRoot) {
			name = strings.Replace(name, m.stackRoot, m.sourceRoot, 1)
			return strings.TrimLeft(strings.ReplaceAll(name, `\`, "/"), "/")
		}
	}
	return ""
}

// TestCodeMapping: with the mapping that the docs tell, the frames of a crash lead to
// the lines of the commit that the report names, however the program was built.
func TestCodeMapping(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		checkout testprogram.Checkout
		mapping  mapping
		flags    []string
		stress   bool
	}{
		{"in a folder", testprogram.Checkout{Folder: "backend", Module: "github.com/acme/shop"},
			mapping{"github.com/acme/shop/", "backend/"}, []string{"-trimpath"}, false},
		{"at the root", testprogram.Checkout{Module: "github.com/acme/shop"}, mapping{"github.com/acme/shop/", ""}, nil, false},
		// sentry-cli refuses an empty source root.
		{"at the root, by sentry-cli", testprogram.Checkout{Module: "github.com/acme/shop"},
			mapping{"github.com/acme/shop/", "/"}, []string{"-trimpath"}, true},
		{"in a folder, with paths", testprogram.Checkout{Folder: "backend", Module: "github.com/acme/shop"},
			mapping{"github.com/acme/shop/", "backend/"}, nil, true},
		{"version 2", testprogram.Checkout{Module: "github.com/acme/shop/v2"}, mapping{"github.com/acme/shop/v2/", ""}, []string{"-trimpath"}, true},
		{"without symbols", testprogram.Checkout{Module: "github.com/acme/shop"},
			mapping{"github.com/acme/shop/", ""}, []string{"-trimpath", "-ldflags=-s -w"}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.stress && os.Getenv(stressed) == "" {
				t.Skip("only with " + stressed + "=1")
			}
			shop := tt.checkout.Commit(t, "testdata/shop", "github.com/acme/shop", "testdata/crash")
			d := dieOf(t, shop.Build(t, "./cmd/shop", tt.flags...), "")
			require.Len(t, d.events, 1, d.Stderr)
			event := d.events[0]
			require.Equal(t, shop.Revision, event.Tags["vcs.revision"])

			where := map[string]string{} // function to source
			for _, f := range event.Frames() {
				require.True(t, f.InApp, f.Name())
				require.Empty(t, f.AbsPath)
				lines := shop.File(t, tt.mapping.apply(f))
				require.LessOrEqual(t, f.Lineno, len(lines))
				where[f.Function] = strings.TrimSpace(lines[f.Lineno-1])
			}
			require.Equal(t, map[string]string{"main": "println(orders.Row(7))", "Table.Row": "return t[n]"}, where)

			if tt.name == "in a folder" {
				requireOnPage(t, "docs/production.md", linkOf(event, tt.mapping))
			}
		})
	}
}

// linkOf tells how Sentry comes from the topmost frame to the line.
func linkOf(event *sentrytest.Event, m mapping) string {
	top, revision := event.Top(), event.Tags["vcs.revision"]
	file := m.apply(top)
	var b strings.Builder
	fmt.Fprintf(&b, "    frame           %s in %s, line %d\n", top.Name(), top.Filename, top.Lineno)
	fmt.Fprintf(&b, "    vcs.revision    %s\n", revision)
	fmt.Fprintf(&b, "    code mapping    %s to %s\n", m.stackRoot, m.sourceRoot)
	fmt.Fprintf(&b, "    file            %s\n", file)
	fmt.Fprintf(&b, "    link            https://%s/blob/%s/%s#L%d\n", "github.com/acme/shop", revision, file, top.Lineno)
	return b.String()
}

// requireOnPage holds that a page shows what the test has seen.
func requireOnPage(t *testing.T, page, want string) {
	t.Helper()
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Containsf(t, string(text), want, "%s does not show what came out", path.Base(page))
}
