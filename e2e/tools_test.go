package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
)

// installed skips the test where what it stands on could not be installed, unless
// E2E_REQUIRED=1 says that this is a failure.
func installed(t *testing.T, install func() (string, error)) string {
	t.Helper()
	dir, err := install()
	if err != nil && os.Getenv("E2E_REQUIRED") != "1" {
		t.Skipf("not available here: %v", err)
	}
	require.NoError(t, err)
	return dir
}

// pythonPackages is a directory for PYTHONPATH with what
// testdata/requirements.txt names. Its versions are exact and complete, so that
// pip resolves nothing.
var pythonPackages = sync.OnceValues(func() (string, error) {
	version, err := output("python3", "--version")
	if err != nil {
		return "", err
	}
	return cached("python", version, []string{"requirements.txt"}, func(dir string) error {
		pip, err := findPip(dir)
		if err != nil {
			return err
		}
		_, err = output(pip, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
			"--target", filepath.Join(dir, "site"), "--requirement", filepath.Join(dir, "requirements.txt"))
		return err
	})
})

// findPip returns a Python that has pip: the machine's own or, where the
// distribution has split it off, that of a virtual environment in dir.
func findPip(dir string) (string, error) {
	if _, err := output("python3", "-m", "pip", "--version"); err == nil {
		return "python3", nil
	}
	venv := filepath.Join(dir, "venv")
	if _, err := output("python3", "-m", "venv", venv); err != nil {
		return "", fmt.Errorf("find pip: neither python3 -m pip nor python3 -m venv works: %w", err)
	}
	return filepath.Join(venv, "bin", "python"), nil
}

// nodePackages is a directory with the node_modules of testdata/package.json.
var nodePackages = sync.OnceValues(func() (string, error) {
	version, err := output("node", "--version")
	if err != nil {
		return "", err
	}
	return cached("node", version, []string{"package.json", "package-lock.json"}, func(dir string) error {
		// No script of 142 packages has to run here.
		_, err := output("npm", "ci", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
		return err
	})
})

// cached returns the directory that fill has filled, now or in an earlier run,
// from the named files of testdata. What depends on other files or on another
// version of the interpreter is another directory.
func cached(name, version string, files []string, fill func(dir string) error) (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, version, runtime.GOOS, runtime.GOARCH)
	contents := map[string][]byte{}
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			return "", err
		}
		hash.Write(data)
		contents[file] = data
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache = filepath.Join(cache, "panicreport-e2e")
	dir := filepath.Join(cache, name+"-"+hex.EncodeToString(hash.Sum(nil))[:12])
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	// Another run may do the same at this time: the first that is complete wins.
	partial, err := os.MkdirTemp(cache, "partial-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)
	for file, data := range contents {
		to := filepath.Join(partial, file)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return "", err
		}
		if err := os.WriteFile(to, data, 0o644); err != nil {
			return "", err
		}
	}
	if err := fill(partial); err != nil {
		return "", fmt.Errorf("install %s packages: %w", name, err)
	}
	if err := os.Rename(partial, dir); err != nil {
		if _, exists := os.Stat(dir); exists != nil {
			return "", err
		}
	}
	return dir, nil
}

// output runs a program of the machine and returns what it says.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, stderr.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// python is a command that runs the script of testdata with the packages in
// site, in dir.
func python(t *testing.T, site, dir, script string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", script))
	require.NoError(t, err)
	cmd := exec.Command("python3", append([]string{"-s", path}, args...)...)
	cmd.Dir = dir
	cmd.Env = testprogram.Environment("PYTHONPATH="+filepath.Join(site, "site"), "PYTHONDONTWRITEBYTECODE=1")
	return cmd
}

// startLimit is how long a server may take to its first line: Bugsink makes its
// database, which is seven seconds of one core that is not shared.
const startLimit = 2 * time.Minute

// stopLimit is how long a server may live on after its standard input has ended.
const stopLimit = 10 * time.Second

// serve starts a server and decodes its first line, which it writes when it is
// ready, to ready. The server ends with the test, also when the test binary is
// killed: it reads a standard input that ends then.
func serve(t *testing.T, cmd *exec.Cmd, ready any) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	cmd.Stderr = log
	p := testprogram.Start(t, cmd)
	kill := func() { _ = cmd.Process.Kill() }
	t.Cleanup(func() {
		p.CloseInput()
		overdue := time.AfterFunc(stopLimit, kill)
		p.End()
		overdue.Stop()
		_ = log.Close()
		if text, err := os.ReadFile(log.Name()); err == nil && t.Failed() {
			t.Logf("the server's log:\n%s", text)
		}
	})
	overdue := time.AfterFunc(startLimit, func() {
		t.Errorf("start %s: it was not ready in time", cmd)
		kill()
	})
	line := p.Line()
	overdue.Stop()
	require.NoError(t, json.Unmarshal([]byte(line), ready), "start %s", cmd)
}
