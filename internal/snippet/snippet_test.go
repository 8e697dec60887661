package snippet_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/snippet"
)

const markdown = "# Title\n\n" +
	"```go\npackage main\nfunc main() {}\n```\n\n```sh\nls\n```\n\n" +
	"<!-- snippet reports \"panic: boom\"\npackage main\n…\nfunc main() { f() }\n-->\n\n" +
	"```go\nfunc f() { panic(\"boom\") }\n```\n"

func TestParse(t *testing.T) {
	t.Parallel()
	all, err := snippet.Parse(markdown)
	require.NoError(t, err)
	require.Equal(t, []snippet.Snippet{
		{Line: 4, Code: "package main\nfunc main() {}\n"},
		{Line: 19, Code: "package main\nfunc f() { panic(\"boom\") }\nfunc main() { f() }\n", Reports: "panic: boom"},
	}, all)
}

func TestParseWhatCanNotRun(t *testing.T) {
	t.Parallel()
	for text, reason := range map[string]string{
		"```go\nf()\n```\n": "line 2: a part of a program",
		"<!-- snippet\npackage main\n-->\n```go\nf()\n```\n":                  "line 5: the comment has no line",
		"<!-- snippet report\npackage main\n…\n-->\n```go\nfunc f()\n```\n\n": `what does " report" mean`,
	} {
		_, err := snippet.Parse(text)
		require.ErrorContains(t, err, reason)
	}
}
