package main

import (
	"flag"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	stress = flag.Int("stress", 0, "how many guards to take out of a fixed go-ethereum, one at a time")
	seed   = flag.Uint64("seed", 1, "of the guards taken")
)

// guardLine matches the line that a fix inserts.
var guardLine = regexp.MustCompile(`(?m)^\t+defer (sentry|panicreport)\.Recover\(\)\n`)

// TestFixedGoEthereum fixes packages of a real program. They must compile after
// that, and have no reports. Every guard in them is needed. So if the test removes a
// guard, or moves it behind the next statement, there must be a report.
func TestFixedGoEthereum(t *testing.T) {
	if *stress == 0 {
		t.Skip("takes minutes: -stress=20")
	}
	dir := module(t, os.DirFS(download(t, "github.com/ethereum/go-ethereum@v1.14.12")))
	adopt(t, dir)
	packages := []string{"./p2p/...", "./rpc/..."}
	if out, status := lint(t, dir, append([]string{"-fix"}, packages...)...); status != 0 {
		t.Fatalf("after -fix, status %d:\n%s", status, out)
	}
	if out, status := run(t, dir, "go", append([]string{"vet"}, packages...)...); status != 0 {
		t.Errorf("go vet of the fixed packages: status %d\n%s", status, out)
	}
	if out, _ := run(t, dir, "gofmt", "-l", "p2p", "rpc"); out != "" {
		t.Errorf("not formatted:\n%s", out)
	}
	guards := findGuards(t, dir, "p2p", "rpc")
	t.Logf("%d guards", len(guards))
	random := rand.New(rand.NewPCG(*seed, 0))
	for range *stress {
		g := guards[random.IntN(len(guards))]
		move := random.IntN(2) == 0
		text := g.without(move)
		if err := os.WriteFile(g.file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		out, status := lint(t, dir, packages...)
		if status != 1 || !strings.Contains(out, "no guard") && !strings.Contains(out, "too late") && !strings.Contains(out, "tells others") {
			t.Errorf("seed %d: %s without its guard at byte %d (moved: %v): status %d\n%s", *seed, g.file, g.start, move, status, out)
		}
		if err := os.WriteFile(g.file, []byte(g.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, status := lint(t, dir, packages...); status != 0 {
		t.Errorf("with every guard back: status %d\n%s", status, out)
	}
}

// adopt makes the module require the replacement of package sentry.
func adopt(t *testing.T, dir string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Chmod(name, 0o755) // the module cache is read-only
	})
	if err != nil {
		t.Fatal(err)
	}
	original, err := os.ReadFile(filepath.Join(download(t, "github.com/ethereum/go-ethereum@v1.14.12"), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.mod", string(original)+"\nrequire github.com/panicreport/sentry v0.0.0\n\nreplace github.com/panicreport/sentry => ./panicreport\n")
}

type guard struct {
	file, text string
	start, end int
}

func findGuards(t *testing.T, dir string, folders ...string) []guard {
	t.Helper()
	var all []guard
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(dir, folder), func(name string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			text, err := os.ReadFile(name)
			for _, at := range guardLine.FindAllIndex(text, -1) {
				all = append(all, guard{name, string(text), at[0], at[1]})
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// without returns the text without the guard. A blank variable uses the import,
// which would be unused otherwise. If move is true, the guard goes behind the next
// statement, if that is a whole line.
func (g guard) without(move bool) string {
	line, rest := g.text[g.start:g.end], g.text[g.end:]
	next, after, _ := strings.Cut(rest, "\n")
	indent := line[:len(line)-len(strings.TrimLeft(line, "\t"))]
	call := strings.HasSuffix(next, ")") && strings.HasPrefix(next, indent) && !strings.HasPrefix(next, indent+"\t") && !strings.Contains(next, "defer ")
	text := g.text[:g.start] + rest
	if move && call {
		text = g.text[:g.start] + next + "\n" + line + after
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "defer "), ".")
	return text + "\nvar _ = " + name + ".Recover // " + strconv.Itoa(g.start) + "\n"
}
