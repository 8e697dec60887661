// Package tree changes files of a module. It shows the changes to the go command in
// an overlay first, and writes them all or none.
package tree

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/format"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/panicreport/sentry/lint/internal/finding"
)

// A Tree holds changed files. The files on disk stay as they are until Commit.
type Tree struct {
	dir   string // for the overlay
	files map[string]*file
	roots map[string]string // the folders in dir, by the root of the module
}

type file struct {
	before, after []byte
	formatted     bool   // before is formatted as gofmt does
	shadow        string // the copy with after
}

// overlayPrefix begins the name of the folder of an overlay.
const overlayPrefix = "lint-panics"

// New returns a tree without changes. Close removes what it has on disk.
func New() (*Tree, error) {
	dir, err := os.MkdirTemp("", overlayPrefix)
	if err != nil {
		return nil, fmt.Errorf("make folder for overlay: %w", err)
	}
	return &Tree{dir: dir, files: make(map[string]*file), roots: make(map[string]string)}, nil
}

// Close removes the overlay.
func (t *Tree) Close() error { return os.RemoveAll(t.dir) }

// A Snapshot is a state of a tree, to which Restore returns.
type Snapshot map[string][]byte

// Snapshot returns the present state.
func (t *Tree) Snapshot() Snapshot {
	s := make(Snapshot)
	for name, f := range t.files {
		s[name] = f.after
	}
	return s
}

// Restore returns to an earlier state, for the named files only.
func (t *Tree) Restore(s Snapshot, names []string) {
	for _, name := range names {
		if f := t.files[name]; f != nil {
			f.after = f.before
			if text, ok := s[name]; ok {
				f.after = text
			}
		}
	}
}

// Changed returns the files that differ from those on disk, sorted.
func (t *Tree) Changed() []string {
	var names []string
	for name, f := range t.files {
		if !bytes.Equal(f.before, f.after) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Contents returns a changed file before and after the changes.
func (t *Tree) Contents(name string) (before, after []byte) {
	f := t.files[name]
	return f.before, f.after
}

// Apply applies fixes, and returns those that it has applied. It leaves a fix out if
// one of its edits touches the same text as another fix. A later round can apply it.
func (t *Tree) Apply(fixes []*finding.Fix) (applied []*finding.Fix, err error) {
	edits := make(map[string][]finding.Edit)
	for _, fix := range fixes {
		if !slices.ContainsFunc(fix.Edits, func(e finding.Edit) bool { return conflicts(edits[e.File], e) }) {
			for _, e := range fix.Edits {
				if !slices.Contains(edits[e.File], e) { // two fixes add the same import
					edits[e.File] = append(edits[e.File], e)
				}
			}
			applied = append(applied, fix)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(edits)) {
		if err := t.edit(name, edits[name]); err != nil {
			return nil, err
		}
	}
	return applied, nil
}

// conflicts reports whether an edit touches the same text as one of others. Two edits
// that insert at the same place do, unless they are the same.
func conflicts(others []finding.Edit, e finding.Edit) bool {
	return slices.ContainsFunc(others, func(o finding.Edit) bool {
		if o == e {
			return false
		}
		return o.Start < e.End && e.Start < o.End || o.Start == e.Start ||
			o.Start == o.End && e.Start < o.Start && o.Start < e.End ||
			e.Start == e.End && o.Start < e.Start && e.Start < o.End
	})
}

func (t *Tree) edit(name string, edits []finding.Edit) error {
	f, err := t.open(name)
	if err != nil {
		return err
	}
	slices.SortFunc(edits, func(a, b finding.Edit) int { return cmp.Or(a.Start-b.Start, a.End-b.End) })
	var text bytes.Buffer
	at := 0
	for _, e := range edits {
		if e.Start < at || e.End < e.Start || e.End > len(f.after) {
			return fmt.Errorf("change %s: the edits do not fit the file", name)
		}
		text.Write(f.after[at:e.Start])
		text.WriteString(e.New)
		at = e.End
	}
	text.Write(f.after[at:])
	f.after = text.Bytes()
	if f.formatted {
		f.after = formatted(f.after)
	}
	return nil
}

// formatted formats a file until that changes nothing. A literal with a struct type in its
// parameters needs two turns.
func formatted(text []byte) []byte {
	const most = 3 // turns
	for range most {
		next, err := format.Source(text)
		if err != nil || bytes.Equal(next, text) {
			break
		}
		text = next
	}
	return text
}

func (t *Tree) open(name string) (*file, error) {
	if f := t.files[name]; f != nil {
		return f, nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("change file: %w", err)
	}
	same, err := format.Source(text)
	f := &file{before: text, after: text, formatted: err == nil && bytes.Equal(same, text)}
	t.files[name] = f
	return f, nil
}

// Overlay writes the changed files beside the tree, and returns the file for the flag
// -overlay of the go command. It returns "" if nothing is changed.
func (t *Tree) Overlay() (string, error) {
	replace := make(map[string]string)
	for _, name := range t.Changed() {
		f := t.files[name]
		if f.shadow == "" {
			shadow, err := t.shadowName(name)
			if err != nil {
				return "", err
			}
			f.shadow = shadow
		}
		if err := os.MkdirAll(filepath.Dir(f.shadow), 0o755); err != nil {
			return "", fmt.Errorf("write overlay: %w", err)
		}
		if err := os.WriteFile(f.shadow, f.after, 0o644); err != nil {
			return "", fmt.Errorf("write overlay: %w", err)
		}
		replace[name] = f.shadow
	}
	if len(replace) == 0 {
		return "", nil
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("write overlay: %w", err)
	}
	name := filepath.Join(t.dir, "overlay.json")
	if err := os.WriteFile(name, text, 0o644); err != nil {
		return "", fmt.Errorf("write overlay: %w", err)
	}
	return name, nil
}

// maxName is how long the name of a folder may be on every system, with room to spare.
const maxName = 200

// shadowName returns where the copy of a file goes. The copies of a module have the
// same folders as the module, with a go.mod at the root, because the analyzer finds
// the folders of -skip by that. The name of the copies' folder is the root, for
// Original, without a colon, which a name must not have on Windows.
func (t *Tree) shadowName(name string) (string, error) {
	root := filepath.Dir(name)
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			root = filepath.Dir(name)
			break
		}
		root = filepath.Dir(root)
	}
	place, ok := t.roots[root]
	if !ok {
		place = filepath.Join(t.dir, url.QueryEscape(root))
		if len(filepath.Base(place)) > maxName {
			place = filepath.Join(t.dir, strconv.Itoa(len(t.roots)))
		}
		t.roots[root] = place
		if err := os.Mkdir(place, 0o755); err != nil {
			return "", fmt.Errorf("write overlay: %w", err)
		}
		if err := os.WriteFile(filepath.Join(place, "go.mod"), nil, 0o644); err != nil {
			return "", fmt.Errorf("write overlay: %w", err)
		}
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		return "", fmt.Errorf("write overlay: %w", err)
	}
	return filepath.Join(place, rel), nil
}

// Original returns the file that a file of the overlay replaces. It returns any other
// file unchanged. The go command keeps what it has found, and so may name a file in the
// overlay of an earlier run whose text is that of the file today.
func (t *Tree) Original(name string) string {
	for original, f := range t.files {
		if f.shadow == name {
			return original
		}
	}
	rest, ok := strings.CutPrefix(name, filepath.Join(os.TempDir(), overlayPrefix))
	parts := strings.SplitN(filepath.ToSlash(rest), "/", 3)
	if !ok || len(parts) < 3 {
		return name
	}
	root, err := url.QueryUnescape(parts[1])
	if err != nil || !filepath.IsAbs(root) {
		return name
	}
	return filepath.Join(root, filepath.FromSlash(parts[2]))
}

// OriginalNames replaces the names of files of the overlay in a text by those of the
// files that they replace. The go command names either, depending on who complains.
func (t *Tree) OriginalNames(text string) string {
	for original, f := range t.files {
		if f.shadow != "" {
			text = strings.ReplaceAll(text, f.shadow, original)
		}
	}
	return text
}

// Commit writes the changed files. If it cannot write all of them, it writes back
// what it has changed.
func (t *Tree) Commit() error { return t.commit(write) }

func (t *Tree) commit(write func(name string, text []byte) error) error {
	changed := t.Changed()
	for _, name := range changed {
		if now, err := os.ReadFile(name); err != nil || !bytes.Equal(now, t.files[name].before) {
			return fmt.Errorf("write %s: it has changed since it was read", name)
		}
	}
	for i, name := range changed {
		if err := write(name, t.files[name].after); err != nil {
			for _, done := range changed[:i+1] {
				if undo := write(done, t.files[done].before); undo != nil {
					err = fmt.Errorf("%w; and %s could not be restored: %w", err, done, undo)
				}
			}
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// write replaces a file as a whole, so that no reader sees half of it, and keeps its
// mode.
func write(name string, text []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(name), ".lint-panics-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // after the rename, there is none
	_, err = temp.Write(text)
	if closed := temp.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(temp.Name(), info.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(temp.Name(), name)
	}
	return err
}
