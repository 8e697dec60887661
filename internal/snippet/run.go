package snippet

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// A Server is where the programs report to: a *sentrytest.Server.
type Server struct {
	DSN    string
	Titles func() []string // of what has arrived
}

// Run runs all blocks of a Markdown file, in the module of the test. A program may
// end with status 0, or with 2 where it reports a panic.
func Run(t *testing.T, file string, start func(*testing.T) Server) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	all, err := Parse(string(text))
	require.NoError(t, err, file)
	for _, s := range all {
		t.Run(fmt.Sprintf("%s:%d", filepath.Base(file), s.Line), func(t *testing.T) {
			t.Parallel()
			server := start(t)
			out, status := runOne(t, s, server.DSN)
			if s.Reports == "" {
				require.Zero(t, status, out)
				require.Empty(t, server.Titles(), out)
				return
			}
			require.Contains(t, []int{0, 2}, status, out)
			require.Equal(t, []string{s.Reports}, server.Titles(), out)
		})
	}
}

// runOne builds and runs one block. The status of go run is always 1, so the program is
// built first.
func runOne(t *testing.T, s Snippet, dsn string) (out string, status int) {
	t.Helper()
	name, args := "main.go", []string{"build", "-o"}
	if s.IsTest() {
		name, args = "main_test.go", []string{"test", "-c", "-o"}
	}
	dir := t.TempDir()
	source, exe := filepath.Join(dir, name), filepath.Join(dir, "snippet.exe")
	require.NoError(t, os.WriteFile(source, []byte(s.Code), 0o600))
	built, err := exec.Command("go", append(args, exe, source)...).CombinedOutput()
	require.NoError(t, err, "%s\n%s", built, numbered(s.Code))
	cmd := testprogram.Command(t, exe)
	cmd.Dir, cmd.Stderr = dir, testprogram.IntoStdout
	ended := testprogram.Run(t, cmd, "SENTRY_DSN="+dsn, "HOME="+dir, "XDG_STATE_HOME="+dir, "XDG_CONFIG_HOME="+dir, "AppData="+dir)
	return ended.Stdout, ended.Status
}

// numbered has the lines of code with their numbers.
func numbered(code string) string {
	var b strings.Builder
	for i, line := range strings.Split(code, "\n") {
		fmt.Fprintf(&b, "%3d %s\n", i+1, line)
	}
	return b.String()
}
