package tree

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/panicreport/sentry/lint/internal/finding"
)

const before = "package p\n\nfunc f() {\n\twork()\n}\n"

// at returns a fix that inserts text before the first call of work.
func at(file, text string) *finding.Fix {
	i := strings.Index(before, "work")
	return &finding.Fix{Edits: []finding.Edit{{File: file, Start: i, End: i, New: text}}}
}

func files(t *testing.T, names ...string) (dir string, all []string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range append([]string{"go.mod"}, names...) {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
			t.Fatal(err)
		}
		all = append(all, file)
	}
	return dir, all[1:]
}

func newTree(t *testing.T) *Tree {
	t.Helper()
	tree, err := New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = tree.Close() })
	return tree
}

func apply(t *testing.T, tree *Tree, fixes ...*finding.Fix) []*finding.Fix {
	t.Helper()
	applied, err := tree.Apply(fixes)
	if err != nil {
		t.Fatal(err)
	}
	return applied
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestOverlay: until Commit, the change is in the overlay only.
func TestOverlay(t *testing.T) {
	_, names := files(t, "x/a.go", "x/b.go")
	tree := newTree(t)
	apply(t, tree, at(names[0], "defer guard()\n\t"))
	overlay, err := tree.Overlay()
	if err != nil {
		t.Fatal(err)
	}
	var replaced struct{ Replace map[string]string }
	if err := json.Unmarshal([]byte(read(t, overlay)), &replaced); err != nil || len(replaced.Replace) != 1 {
		t.Fatalf("overlay %v: %v", replaced, err)
	}
	shadow := replaced.Replace[names[0]]
	if read(t, names[0]) != before || !strings.Contains(read(t, shadow), "defer guard()") {
		t.Error("the change is not in the overlay only")
	}
	if tree.Original(shadow) != names[0] || tree.OriginalNames(shadow+":3:2: wrong") != names[0]+":3:2: wrong" {
		t.Error("the overlay's file does not lead back to the original")
	}
	if err := tree.Commit(); err != nil || !strings.Contains(read(t, names[0]), "defer guard()") {
		t.Errorf("not written: %v", err)
	}
}

// TestOverlayNames: the name of a folder in the overlay is one that Windows allows, and
// another process finds the original by it.
func TestOverlayNames(t *testing.T) {
	folder := "C: a+b%20"
	if runtime.GOOS == "windows" {
		folder = "a+b%20" // below a folder of C:
	}
	_, names := files(t, folder+"/go.mod", folder+"/a.go")
	tree := newTree(t)
	apply(t, tree, at(names[1], "defer guard()\n\t"))
	overlay, err := tree.Overlay()
	if err != nil {
		t.Fatal(err)
	}
	var replaced struct{ Replace map[string]string }
	if err := json.Unmarshal([]byte(read(t, overlay)), &replaced); err != nil {
		t.Fatal(err)
	}
	shadow := replaced.Replace[names[1]]
	if strings.ContainsAny(filepath.Base(filepath.Dir(shadow)), `<>:"/\|?*`) {
		t.Errorf("%s is no name for Windows", shadow)
	}
	if original := newTree(t).Original(shadow); original != names[1] {
		t.Errorf("%s leads back to %s", shadow, original)
	}
}

// TestConflict: of two fixes that touch the same text, the second waits. What both
// insert alike, such as an import, is there once.
func TestConflict(t *testing.T) {
	_, names := files(t, "a.go", "b.go")
	tree := newTree(t)
	both := at(names[0], "one()\n\t")
	both.Edits = append(both.Edits, at(names[1], "same()\n\t").Edits...)
	applied := apply(t, tree, both, at(names[0], "two()\n\t"), at(names[1], "same()\n\t"))
	if len(applied) != 2 {
		t.Errorf("%d fixes are applied, want 2", len(applied))
	}
	if _, after := tree.Contents(names[1]); strings.Count(string(after), "same()") != 1 {
		t.Errorf("inserted twice:\n%s", after)
	}
}

// TestCommitIsAllOrNothing: the second file cannot be written, so the first is as
// before.
func TestCommitIsAllOrNothing(t *testing.T) {
	for name, breakIt := range map[string]func(t *testing.T, file string){
		"changed meanwhile": func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte(before+"// more\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		},
		"gone": func(t *testing.T, file string) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, names := files(t, "a.go", "z/b.go")
			tree := newTree(t)
			apply(t, tree, at(names[0], "defer guard()\n\t"), at(names[1], "defer guard()\n\t"))
			breakIt(t, names[1])
			if err := tree.Commit(); err == nil || read(t, names[0]) != before {
				t.Errorf("half of it is written, error %v", err)
			}
		})
	}
}

// TestWriteBack: a file that cannot be written after others are.
func TestWriteBack(t *testing.T) {
	_, names := files(t, "a.go", "z.go")
	tree := newTree(t)
	apply(t, tree, at(names[0], "defer guard()\n\t"), at(names[1], "defer guard()\n\t"))
	failing := func(name string, text []byte) error {
		if name == names[1] && strings.Contains(string(text), "defer") {
			return os.ErrPermission
		}
		return write(name, text)
	}
	if err := tree.commit(failing); err == nil || read(t, names[0]) != before || read(t, names[1]) != before {
		t.Errorf("not written back, error %v", err)
	}
}

func TestModeAndLinkStay(t *testing.T) {
	dir, names := files(t, "a.go")
	link := filepath.Join(dir, "link.go")
	if err := os.Symlink(names[0], link); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := os.Chmod(names[0], 0o640); err != nil {
		t.Fatal(err)
	}
	tree := newTree(t)
	apply(t, tree, at(link, "defer guard()\n\t"))
	if err := tree.Commit(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(names[0])
	if err != nil || info.Mode().Perm() != 0o640 || !strings.Contains(read(t, names[0]), "guard") {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is a file now: %v", err)
	}
}
