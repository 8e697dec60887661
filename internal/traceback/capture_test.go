package traceback_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// These commands write the fixtures in testdata/<Go version>, from the programs of
// testdata/gen:
//
//	go test ./internal/traceback -run TestCapture -capture
//	go test ./internal/traceback -run TestGolden -update
//
// Set GOTOOLCHAIN=go1.25.14 for the first one to use another version of Go. The
// fixtures in testdata/hand are written by hand, see the README.md there.
var capture = flag.Bool("capture", false, "run testdata/gen and write the fixtures")

const (
	// sourceDir replaces the folder in which gen was built.
	sourceDir = "/src/gen"

	// goroot replaces the folder of the Go installation. It is where a release of
	// Go is usually installed.
	goroot = "/usr/local/go"

	// deathTimeout is how long a generator may run. The slowest, a stack of 1 GB, needs
	// 3 s on two busy cores, and half a minute where ten programs want each of them.
	deathTimeout = 3 * time.Minute
)

// generators are the programs of testdata/gen. They are built outside this module.
type generators struct {
	dir     string
	goroot  string
	version string            // go1.26
	program map[string]string // kind → executable
	kinds   []string
}

// build builds the generators, without and with -trimpath.
var build = map[bool]func() (*generators, error){
	false: sync.OnceValues(func() (*generators, error) { return buildGenerators() }),
	true:  sync.OnceValues(func() (*generators, error) { return buildGenerators("-trimpath") }),
}

func generatorsFor(t *testing.T, trimpath bool) *generators {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("testdata/gen dies in ways of Linux")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command")
	}
	g, err := build[trimpath]()
	require.NoError(t, err)
	return g
}

// buildGenerators builds the generators. Several tests share their folder, so
// TestMain removes it.
func buildGenerators(flags ...string) (*generators, error) {
	dir, err := os.MkdirTemp(tempDir, "gen")
	if err != nil {
		return nil, err
	}
	g := &generators{dir: dir, program: map[string]string{}}
	if err := os.CopyFS(dir, os.DirFS("testdata/gen")); err != nil {
		return nil, err
	}
	env, err := g.command("0", "go", "env", "GOVERSION", "GOROOT").Output()
	if err != nil {
		return nil, err
	}
	version, root, _ := strings.Cut(strings.TrimSpace(string(env)), "\n")
	g.version, g.goroot = strings.Join(strings.Split(version, ".")[:2], "."), root
	// The go line decides on the defaults of GODEBUG, tracebacklabels for one.
	line := "module example.com/gen\n\ngo " + strings.TrimPrefix(g.version, "go") + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(line), 0o600); err != nil {
		return nil, err
	}
	if err := g.build("0", "gen", ".", flags); err != nil {
		return nil, err
	}
	// By default, the go command says 1 if it finds a C compiler for the platform.
	if can, err := exec.Command("go", "env", "CGO_ENABLED").Output(); err != nil || string(can) != "1\n" {
		return g, err
	}
	return g, g.build("1", "gencgo", "./cgo", flags)
}

func (g *generators) command(cgo, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = g.dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo, "GOFLAGS=", "GOWORK=off")
	return cmd
}

func (g *generators) build(cgo, name, pkg string, flags []string) error {
	program := filepath.Join(g.dir, name)
	cmd := g.command(cgo, "go", append(append([]string{"build", "-o", program}, flags...), pkg)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	kinds, err := exec.Command(program, "-list").Output()
	for _, kind := range strings.Fields(string(kinds)) {
		g.program[kind] = program
		g.kinds = append(g.kinds, kind)
	}
	return err
}

// die runs a generator until it dies, and returns what the runtime wrote to the
// file of SetCrashOutput and to standard error.
func (g *generators) die(t *testing.T, kind, level string) (crash, stderr []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deathTimeout)
	defer cancel()
	out := filepath.Join(t.TempDir(), "crash")
	cmd := exec.CommandContext(ctx, g.program[kind], "-o", out, kind)
	cmd.Env = []string{"GOTRACEBACK=" + level, "GOMAXPROCS=2", "GODEBUG=" + godebug(kind), "PATH=" + os.Getenv("PATH")}
	var errText bytes.Buffer
	cmd.Stderr = &errText
	err := cmd.Run()
	require.NoError(t, ctx.Err(), "%s did not die", kind)
	if kind != "exit" {
		require.Error(t, err, "%s did not die", kind)
		require.NotContains(t, []int{3, 4}, cmd.ProcessState.ExitCode(), "%s: %s", kind, &errText)
	}
	crash, err = os.ReadFile(out)
	require.NoError(t, err)
	return g.neutral(crash), g.neutral(errText.Bytes())
}

// neutral replaces the folders in which gen and Go are on this machine.
func (g *generators) neutral(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte(g.dir), []byte(sourceDir))
	return bytes.ReplaceAll(text, []byte(g.goroot), []byte(goroot))
}

// godebug returns the GODEBUG settings that a kind needs.
func godebug(kind string) string {
	switch kind {
	case "shape-labels":
		return "tracebacklabels=1"
	case "shape-ancestors":
		return "tracebackancestors=5"
	case "signal-quit-busy":
		return "asyncpreemptoff=1"
	}
	return ""
}

// extraLevels are the kinds that have a fixture at another level than single. The
// others do not need one: most levels only add the same system goroutines.
var extraLevels = map[string][]string{
	"none": {"panic-string", "repanic-new", "runtime-nil-deref", "map-writes", "signal-quit", "deadlock-channel", "cgo-fault", "panic-both"},
	"all": {
		"panic-string", "panic-other-goroutines", "panic-goroutine", "map-writes", "deadlock-waitgroup", "deadlock-goexit-blocked", "shape-labels",
		"shape-locked", "shape-ancestors", "shape-busy", "shape-escaped-path-go", "shape-gowrap", "shape-deep", "panic-both",
	},
	"system": {
		"panic-string", "panic-fake", "panic-fake-error", "panic-fake-recovered", "panic-multiline", "panic-printing", "panic-nil",
		"repanic-same", "repanic-twice", "repanic-new", "repanic-then-new", "new-then-repanic", "repanic-both", "repanic-runtime", "repanic-decoy",
		"panic-in-defer", "panic-in-defer-after-nil", "panic-goexit-panic",
		"runtime-index", "runtime-nil-deref", "runtime-nil-map", "runtime-send-closed", "runtime-conversion", "runtime-nil-value-method",
		"map-writes", "map-read", "map-iterate", "map-clone", "map-clear", "map-delete", "unlock-mutex", "unlock-rwmutex", "runlock-rwmutex",
		"fatal-in-defer-repanicked", "go-nil-func", "stack-overflow", "out-of-memory", "fault-address", "thread-exhaustion",
		"deadlock-channel", "deadlock-goexit", "deadlock-goexit-blocked", "signal-quit",
		"shape-generic-method", "shape-method-fm", "shape-promoted", "shape-gowrap", "shape-deferwrap", "shape-busy", "cgo-fault", "cgo-panic",
	},
	"crash": {"panic-string", "map-writes", "signal-quit", "shape-busy", "cgo-fault"},
}

// trimmed are the kinds that have a fixture from a build with -trimpath.
var trimmed = []string{"panic-string", "repanic-same", "map-iterate", "shape-generic-method", "shape-escaped-path-go", "stack-overflow", "cgo-fault"}

// onStderr are the kinds that also have a fixture of standard error, by level.
var onStderr = map[string][]string{
	"single": {"fatal-in-defer", "fatal-in-defer-repanicked", "map-writes", "stack-overflow", "fault-address", "out-of-memory", "go-nil-func", "panic-printing"},
	"crash":  {"signal-quit-busy"},
	"none":   {"map-writes", "deadlock-goexit"},
}

func TestCapture(t *testing.T) {
	if !*capture {
		t.Skip("only with -capture")
	}
	g := generatorsFor(t, false)
	for _, kind := range g.kinds {
		g.write(t, kind, "single", "")
	}
	for level, kinds := range extraLevels {
		for _, kind := range kinds {
			g.write(t, kind, level, "")
		}
	}
	for level, kinds := range onStderr {
		for _, kind := range kinds {
			g.write(t, kind, level, ".stderr")
		}
	}
	g = generatorsFor(t, true)
	for _, kind := range trimmed {
		g.write(t, kind, "single", ".trimpath")
	}
}

func (g *generators) write(t *testing.T, kind, level, suffix string) {
	t.Helper()
	crash, stderr := g.die(t, kind, level)
	if suffix == ".stderr" {
		crash = stderr
	}
	name := filepath.Join("testdata", g.version, kind+"."+level+suffix+".crash")
	require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
	require.NoError(t, os.WriteFile(name, crash, 0o644))
}

// tempDir is removed when the tests are done.
var tempDir string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if die := os.Getenv(dieVariable); die != "" {
		dieHere(die)
	}
	var err error
	if tempDir, err = os.MkdirTemp("", "traceback"); err != nil {
		panic(err)
	}
	defer os.RemoveAll(tempDir)
	return m.Run()
}
