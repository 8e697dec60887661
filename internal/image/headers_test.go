package image_test

import (
	"bytes"
	"debug/macho"
	"debug/pe"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/image"
)

const markOfTest = "a literal of the program of this test"

// built returns the file of a small program for another system.
func built(t *testing.T, platform, arch string) string {
	t.Helper()
	dir := t.TempDir()
	code := "package main\n\nvar written = []byte(\"what is written to\")\n\nfunc main() { println(\"" + markOfTest + "\", string(written)) }\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(code), 0o600))
	exe := filepath.Join(dir, "program")
	cmd := exec.Command("go", "build", "-o", exe, filepath.Join(dir, "main.go"))
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+platform, "GOARCH="+arch)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return exe
}

// TestHeadersOfOtherSystems loads programs of Windows and macOS as these systems do,
// and looks for a literal and for what is no literal.
func TestHeadersOfOtherSystems(t *testing.T) {
	t.Parallel()
	if os.Getenv("SENTRY_STRESS") == "" {
		t.Skip("compiles the runtime for other systems: SENTRY_STRESS=1")
	}
	for name, load := range map[string]func(t *testing.T) (memory []byte, sections func([]byte, int) ([][]byte, error)){
		"PE": func(t *testing.T) ([]byte, func([]byte, int) ([][]byte, error)) {
			exe := built(t, "windows", "amd64")
			f, err := pe.Open(exe)
			require.NoError(t, err)
			defer f.Close()
			content, err := os.ReadFile(exe)
			require.NoError(t, err)
			memory := make([]byte, f.OptionalHeader.(*pe.OptionalHeader64).SizeOfImage)
			copy(memory, content[:f.OptionalHeader.(*pe.OptionalHeader64).SizeOfHeaders])
			for _, s := range f.Sections {
				data, err := s.Data()
				require.NoError(t, err)
				copy(memory[s.VirtualAddress:], data)
			}
			return memory, image.SectionsPE
		},
		"Mach-O": func(t *testing.T) ([]byte, func([]byte, int) ([][]byte, error)) {
			f, err := macho.Open(built(t, "darwin", "arm64"))
			require.NoError(t, err)
			defer f.Close()
			base := f.Segment("__TEXT").Addr
			var memory []byte
			for _, l := range f.Loads {
				if s, ok := l.(*macho.Segment); ok && s.Addr >= base {
					memory = append(memory, make([]byte, max(0, int(s.Addr-base+s.Memsz)-len(memory)))...)
					data, err := s.Data()
					require.NoError(t, err)
					copy(memory[s.Addr-base:], data)
				}
			}
			return memory, image.SectionsMachO
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			memory, sections := load(t)
			at := bytes.Index(memory, []byte(markOfTest))
			require.Positive(t, at)
			parts, err := sections(memory, at)
			require.NoError(t, err)
			all := bytes.Join(parts, []byte{0})
			require.Contains(t, string(all), markOfTest)
			require.Contains(t, string(all), "main.main")
			_, err = sections(memory, 0x10)
			require.Error(t, err, "that is in the headers")
			_, err = sections(make([]byte, 64<<10), 0x2000)
			require.Error(t, err, "there is no header")
		})
	}
}
