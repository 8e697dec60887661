//go:build linux

package sentry_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// TestLibraries links programs in C with the library, built both ways. What such a
// program reports, examples/desktop_test.go holds.
func TestLibraries(t *testing.T) {
	t.Parallel()
	if os.Getenv(stressed) == "" {
		t.Skip("only with " + stressed + ": it compiles the standard library twice")
	}
	cc := testprogram.Compiler(t)
	for mode, output := range map[string]string{"c-archive": "libweb.a", "c-shared": "libweb.so"} {
		lib := testprogram.Source{Dir: "testdata/web", Output: output, Flags: []string{"-buildmode=" + mode}, Env: []string{"CGO_ENABLED=1"}}.Build(t)
		dir := filepath.Dir(lib)
		source, program := filepath.Join(dir, "main.c"), filepath.Join(dir, "program")
		require.NoError(t, os.WriteFile(source, []byte("int main(void) { return 7; }\n"), 0o600))
		link := append(cc[1:len(cc):len(cc)], "-o", program, source, "-Wl,--whole-archive", lib, "-Wl,--no-whole-archive", "-lpthread", "-Wl,-rpath,"+dir)
		out, err := exec.Command(cc[0], link...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		cmd := exec.Command(program)
		out, err = cmd.CombinedOutput()
		require.Error(t, err)
		require.Equal(t, 7, cmd.ProcessState.ExitCode(), "%s", out)
	}
}
