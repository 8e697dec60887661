package image_test

import (
	"bytes"
	"debug/macho"
	"debug/pe"
	"encoding/binary"
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

// loadedMachO is an executable as it is in memory.
func loadedMachO(t *testing.T, f *macho.File) (memory []byte) {
	t.Helper()
	base := f.Segment("__TEXT").Addr
	for _, l := range f.Loads {
		if s, ok := l.(*macho.Segment); ok && s.Addr >= base {
			memory = append(memory, make([]byte, max(0, int(s.Addr-base+s.Memsz)-len(memory)))...)
			data, err := s.Data()
			require.NoError(t, err)
			copy(memory[s.Addr-base:], data)
		}
	}
	return memory
}

// universal writes one file with executables for several processors, as lipo does.
func universal(t *testing.T, names ...string) string {
	t.Helper()
	const align = 14 // 16 kB, the pages of arm64
	out := binary.BigEndian.AppendUint32(nil, macho.MagicFat)
	out = binary.BigEndian.AppendUint32(out, uint32(len(names)))
	var all []byte
	at := 1 << align
	for _, name := range names {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		f, err := macho.Open(name)
		require.NoError(t, err)
		for _, v := range []uint32{uint32(f.Cpu), f.SubCpu, uint32(at), uint32(len(content)), align} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		require.NoError(t, f.Close())
		content = append(content, make([]byte, (1<<align-len(content)%(1<<align))%(1<<align))...)
		all, at = append(all, content...), at+len(content)
	}
	out = append(append(out, make([]byte, 1<<align-len(out))...), all...)
	file := filepath.Join(t.TempDir(), "universal")
	require.NoError(t, os.WriteFile(file, out, 0o600))
	return file
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
		"Mach-O, arm64": func(t *testing.T) ([]byte, func([]byte, int) ([][]byte, error)) {
			f, err := macho.Open(built(t, "darwin", "arm64"))
			require.NoError(t, err)
			defer f.Close()
			return loadedMachO(t, f), image.SectionsMachO
		},
		"Mach-O, amd64": func(t *testing.T) ([]byte, func([]byte, int) ([][]byte, error)) {
			f, err := macho.Open(built(t, "darwin", "amd64"))
			require.NoError(t, err)
			defer f.Close()
			return loadedMachO(t, f), image.SectionsMachO
		},
		"Mach-O, universal": func(t *testing.T) ([]byte, func([]byte, int) ([][]byte, error)) {
			f, err := macho.OpenFat(universal(t, built(t, "darwin", "amd64"), built(t, "darwin", "arm64")))
			require.NoError(t, err)
			defer f.Close()
			require.Len(t, f.Arches, 2)
			return loadedMachO(t, f.Arches[1].File), image.SectionsMachO
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
