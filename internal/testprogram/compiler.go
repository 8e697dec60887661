package testprogram

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

// Compiler returns gcc, with the arguments that make it compile for the platform of
// the test: on amd64, a test for 386 needs Debian's gcc-multilib. Without such a
// compiler, it skips the test.
func Compiler(t testing.TB) (cc []string) {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Skip("without a C compiler: " + err.Error())
	}
	cc = []string{gcc}
	host, err := exec.Command("go", "env", "GOHOSTARCH").Output()
	switch arch := strings.TrimSpace(string(host)); {
	case err != nil || arch == runtime.GOARCH:
	case arch == "amd64" && runtime.GOARCH == "386":
		cc = append(cc, "-m32")
	default:
		t.Skip("without a C compiler for " + runtime.GOARCH)
	}
	try := exec.Command(gcc, append(cc[1:], "-x", "c", "-", "-o", os.DevNull)...)
	try.Stdin = strings.NewReader("#include <stdlib.h>\nint main(void) { return 0; }\n")
	if out, err := try.CombinedOutput(); err != nil {
		t.Skipf("without a C compiler for %s: %s", runtime.GOARCH, out)
	}
	return cc
}
