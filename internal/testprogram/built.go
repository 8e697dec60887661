package testprogram

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Tests also run on a machine that has no Go. Their programs are built before, by the
// same test binary on a machine that has it, with the variables of go build that the
// other one needs:
//
//	GOARCH=arm64 TESTPROGRAM_BUILD=programs ./tests
//	TESTPROGRAM_BUILT=programs ./tests
const (
	buildVariable = "TESTPROGRAM_BUILD"
	builtVariable = "TESTPROGRAM_BUILT"
)

// declared are the programs of [Source.Once].
var declared []Source

// placeOf is where the program is below the folder of all that were built before.
func placeOf(s Source) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", s))
	return fmt.Sprintf("%x", sum[:8])
}

// buildDeclared builds all programs of [Source.Once] into a folder. One that can not be
// built, such as one with C for another platform, is missed by the test that wants it.
func buildDeclared(folder string) (status int) {
	for _, s := range declared {
		dir, err := filepath.Abs(filepath.Join(folder, placeOf(s)))
		if err == nil {
			err = os.MkdirAll(dir, 0o755)
		}
		if err == nil {
			_, err = s.BuildIn(dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "testprogram: not built:", err)
			status = 1
		}
	}
	return status
}

// takeBuilt puts a program that was built before into dir.
func takeBuilt(s Source, folder, dir string) (exe string, err error) {
	files, err := os.ReadDir(filepath.Join(folder, placeOf(s)))
	if err != nil {
		return "", fmt.Errorf("the program was not built before: %w", err)
	}
	for _, f := range files {
		if f.IsDir() || strings.HasPrefix(f.Name(), ".") {
			continue // the source of Elsewhere
		}
		content, err := os.ReadFile(filepath.Join(folder, placeOf(s), f.Name()))
		if err != nil {
			return "", err
		}
		exe = filepath.Join(dir, f.Name())
		return exe, writeExecutable(exe, content)
	}
	return "", fmt.Errorf("%s of %s was not built before", s.Package, s.Dir)
}
