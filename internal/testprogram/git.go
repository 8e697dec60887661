package testprogram

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Checkout is a git repository with a Go module in it, all of it committed. Its
// commit is the same in every run and on every machine, because its files, its author
// and its time are.
type Checkout struct {
	Root     string // of the repository
	Folder   string // of the module in it, with / between its parts, or empty
	Module   string
	Revision string // the commit
	modfile  string
}

// Commit puts the files of from, which are those of a module, into a new repository.
// Import paths that begin with was become those of the module. The module is built
// with the requirements that the folder requirements has in its go.mod, and the library
// that it names: no path of this machine is in the commit.
func (c Checkout) Commit(t testing.TB, from, was, requirements string) Checkout {
	t.Helper()
	c.Root = t.TempDir()
	dir := filepath.Join(c.Root, filepath.FromSlash(c.Folder))
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	require.NoError(t, fs.WalkDir(os.DirFS(from), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(from, path))
		write(filepath.Join(dir, path), strings.ReplaceAll(string(text), `"`+was+"/", `"`+c.Module+"/"))
		return err
	}))
	write(filepath.Join(dir, "go.mod"), "module "+c.Module+"\n\ngo 1.25.0\n")
	c.git(t, "init", "-q")
	c.git(t, "add", ".")
	c.git(t, "commit", "-q", "-m", "Sell things")
	c.git(t, "remote", "add", "origin", "https://"+strings.TrimSuffix(c.Module, "/v2")+".git")
	c.Revision = c.git(t, "rev-parse", "HEAD")

	c.modfile = filepath.Join(t.TempDir(), "go.mod")
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(requirements, name))
		require.NoError(t, err)
		write(filepath.Join(filepath.Dir(c.modfile), name), string(text))
	}
	checkout := strings.TrimSpace(Go(t, requirements, "list", "-m", "-f", "{{.Dir}}", library))
	Go(t, dir, "mod", "edit", "-module="+c.Module, "-replace="+library+"="+checkout, c.modfile)
	return c
}

// Build builds a package of the module and returns the path of the program.
func (c Checkout) Build(t testing.TB, pkg string, flags ...string) (exe string) {
	t.Helper()
	return Source{
		Dir: filepath.Join(c.Root, filepath.FromSlash(c.Folder)), Package: pkg,
		Flags: append([]string{"-buildvcs=true", "-mod=mod", "-modfile=" + c.modfile}, flags...),
	}.Build(t)
}

// File returns the lines of a file as the commit has it.
func (c Checkout) File(t testing.TB, path string) (lines []string) {
	t.Helper()
	return strings.Split(c.git(t, "show", c.Revision+":"+path), "\n")
}

func (c Checkout) git(t testing.TB, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", c.Root, "-c", "core.autocrlf=false", "-c", "commit.gpgSign=false", "-c", "init.defaultBranch=main",
		"-c", "init.defaultObjectFormat=sha1"}, args...)...)
	const who, mail, when = "Ada", "ada@example.com", "2026-01-02T03:04:05Z"
	cmd.Env = append(os.Environ(), "GIT_AUTHOR_NAME="+who, "GIT_AUTHOR_EMAIL="+mail, "GIT_AUTHOR_DATE="+when,
		"GIT_COMMITTER_NAME="+who, "GIT_COMMITTER_EMAIL="+mail, "GIT_COMMITTER_DATE="+when)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return strings.TrimSpace(string(out))
}
