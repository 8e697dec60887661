package e2e

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// buildLimit is most of the ten minutes that go test gives all tests. The build is 160 to
// 210 s of processor time. With SENTRY_STRESS=1, a slow machine may take its time.
func buildLimit() time.Duration {
	if os.Getenv("SENTRY_STRESS") != "" {
		return time.Hour
	}
	return 7 * time.Minute
}

// relaySessions is a directory with the program of testdata/relay: the part of Relay
// that judges sessions. The Python package has no function for them, but its source
// distribution has the sources.
var relaySessions = sync.OnceValues(func() (string, error) {
	version, err := output("cargo", "--version")
	if err != nil {
		return "", err
	}
	files := []string{"relay/requirements.txt", "relay/Cargo.toml", "relay/main.rs"}
	return cached("relay", version, files, func(dir string) error {
		dir = filepath.Join(dir, "relay")
		if err := unpackRelay(dir); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), buildLimit())
		defer cancel()
		cmd := exec.CommandContext(ctx, "cargo", "build", "--quiet")
		cmd.Dir, cmd.WaitDelay = dir, time.Second
		// As Relay's own .cargo/config.toml has it.
		cmd.Env = append(os.Environ(), "RUSTFLAGS=--cfg tokio_unstable", "CARGO_TARGET_DIR=target")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("cargo build, which may take %s, with SENTRY_STRESS=1 longer: %w\n%s", buildLimit(), err, out)
		}
		built := filepath.Join(dir, "target", "debug", "relay-sessions")
		if err := os.Rename(built, filepath.Join(dir, "relay-sessions")); err != nil {
			return err
		}
		// A gigabyte that nobody needs any more.
		return errors.Join(os.RemoveAll(filepath.Join(dir, "target")), os.RemoveAll(filepath.Join(dir, "rustsrc")))
	})
})

// unpackRelay has pip get the source distribution, and makes of it, in dir, rustsrc and
// Cargo.lock.
func unpackRelay(dir string) error {
	pip, err := findPip(dir)
	if err != nil {
		return err
	}
	if _, err = output(pip, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary=sentry-relay",
		"--require-hashes", "--dest", dir, "--requirement", filepath.Join(dir, "requirements.txt")); err != nil {
		return err
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tar.gz"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("find the source distribution: %v %w", found, err)
	}
	sources := filepath.Join(dir, "rustsrc.zip")
	if err := untar(found[0], "rustsrc.zip", sources); err != nil {
		return err
	}
	if err := unzip(sources, dir); err != nil {
		return err
	}
	// The versions that Relay is built with.
	return os.Rename(filepath.Join(dir, "rustsrc", "Cargo.lock"), filepath.Join(dir, "Cargo.lock"))
}

// untar writes the file of this base name in the archive to a file.
func untar(archive, name, to string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(unpacked); ; {
		header, err := r.Next()
		if err != nil {
			return fmt.Errorf("look for %s in %s: %w", name, filepath.Base(archive), err)
		}
		if path.Base(header.Name) == name {
			return write(os.Create, to, r)
		}
	}
}

// unzip writes what is in the archive into a folder, and nothing out of it.
func unzip(archive, folder string) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer r.Close()
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, file := range r.File {
		if !file.Mode().IsRegular() || strings.HasSuffix(file.Name, "/") {
			continue
		}
		if err := root.MkdirAll(path.Dir(file.Name), 0o755); err != nil {
			return err
		}
		content, err := file.Open()
		if err != nil {
			return err
		}
		if err := errors.Join(write(root.Create, file.Name, content), content.Close()); err != nil {
			return err
		}
	}
	return nil
}

func write(create func(string) (*os.File, error), name string, content io.Reader) error {
	f, err := create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}
