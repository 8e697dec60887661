package sentry_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests of this file hold what ARCHITECTURE.md says of the house. They print
// its tables, too: go test -v -run TestHouse .

// floors are the packages of the core, from the top of the house down. A package
// imports only what stands below its own floor.
var floors = [][]string{
	{"cmd/sentry-params", "cmd/sentry-spool"},
	// Its server shares nothing with the library, see TestHouseServerIsApart.
	{"sentrytest"},
	{"."},
	{"internal/lifetime"},
	{"internal/reporter"},
	{"internal/client", "internal/delivery", "internal/event", "internal/gate"},
	{"internal/ledger"},
	{"internal/panics", "internal/scrub", "internal/scrub/own", "internal/scrub/scrubtest", "internal/spool", "internal/monitor"},
	{"internal/traceback", "internal/folder", "internal/limit", "internal/scrub/fit", "internal/scrub/values", "internal/words", "internal/vitals",
		"internal/session", "internal/moments", "internal/sourcelines"},
	{"internal/envelope", "internal/image", "internal/symbol", "internal/scrub/texts", "internal/cgroup", "internal/ending",
		"internal/settings"},
	{"internal/contain"},
	// For tests: programs that die.
	{"internal/snippet"},
	{"internal/testprogram"},
}

const (
	library = "github.com/panicreport/sentry"

	// maxLines of a file are what a reader takes in as one thing.
	maxLines = 400
)

// manyFiles are the types whose methods are in more than one file, and why that is
// one subject.
var manyFiles = map[string]string{
	"internal/event.Builder":        "a panic, a death with and without a crash text, its threads: one description of a crash",
	"internal/folder.Folder":        "how a file is claimed, and how it is written",
	"internal/lifetime.run":         "its begin and end, and the way of its crash text",
	"internal/monitor.program":      "how a supervisor waits for it, and what it passes on",
	"internal/scrub.pass":           "a file for each part of an event",
	"internal/scrub/texts.scanner":  "a file for each rule",
	"internal/scrub/texts.form":     "where a value ends, and whether it is prose",
	"internal/scrub/texts.Scrubber": "texts of any kind, and secrets that are in one again",
	"internal/words.evidence":       "what is found, and names among it",
	"internal/words.match":          "the same for one",
	"internal/words.text":           "words, names, numbers, texts of the runtime",
	"internal/scrub/values.Walker":  "a file for each kind of value",
	"internal/traceback.Dump":       "what it tells, and how that is concluded",
	"internal/traceback.parser":     "a file for each construct of a crash text",
	"sentrytest.Envelope":           "a method for each kind of item",
	"sentrytest.Event":              "what a test asks of an event, and how it is printed",
	"sentrytest.Frame":              "the same for a frame",
	"sentrytest.Server":             "what it takes, and what a test waits for",
}

// TestHouseTopLevel: the user of the project has said which files are there. What is
// new gets a folder, but for tests.
func TestHouseTopLevel(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
	require.Equal(t, []string{"options.go", "params.go", "recover.go", "sentry.go", "stacktrace.go"}, files)
}

// TestHouseIsAsDescribed: each package has a word in ARCHITECTURE.md, and each test
// that it names is there.
func TestHouseIsAsDescribed(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("ARCHITECTURE.md")
	require.NoError(t, err)
	for _, p := range packages(t) {
		if room, ok := strings.CutPrefix(roomOf(p.ImportPath), "internal/"); ok {
			require.Regexp(t, `\b`+path.Base(room)+`\b`, string(text))
		}
	}
	var tests []byte
	require.NoError(t, filepath.WalkDir(".", func(file string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(file, "_test.go") {
			var code []byte
			code, err = os.ReadFile(file)
			tests = append(tests, code...)
		}
		return err
	}))
	for _, name := range regexp.MustCompile(`\bTest[A-Z]\w+`).FindAllString(string(text), -1) {
		require.Contains(t, string(tests), "func "+name)
	}
}

// A goPackage is what go list says of a package.
type goPackage struct {
	ImportPath     string
	Dir            string
	Imports        []string
	GoFiles        []string
	IgnoredGoFiles []string
}

// packages are those of the core.
func packages(t *testing.T) (all []goPackage) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Imports,GoFiles,IgnoredGoFiles", "./...").Output()
	require.NoError(t, err)
	for d := json.NewDecoder(bytes.NewReader(out)); d.More(); {
		var p goPackage
		require.NoError(t, d.Decode(&p))
		all = append(all, p)
	}
	return all
}

// roomOf is the path of a package below the root, "." for the root, or "" for
// what is not ours.
func roomOf(importPath string) string {
	if importPath == library {
		return "."
	}
	room, ok := strings.CutPrefix(importPath, library+"/")
	if !ok {
		return ""
	}
	return room
}

func TestHouseImportsDownwards(t *testing.T) {
	t.Parallel()
	floorOf := map[string]int{}
	for n, rooms := range floors {
		for _, room := range rooms {
			floorOf[room] = n
		}
	}
	for _, p := range packages(t) {
		room := roomOf(p.ImportPath)
		require.Contains(t, floorOf, room, "write its floor down")
		var below []string
		for _, imported := range p.Imports {
			if other := roomOf(imported); other != "" {
				require.Greater(t, floorOf[other], floorOf[room], "%s imports %s", room, other)
				below = append(below, other)
			}
		}
		t.Logf("%d %-20s → %s", floorOf[room], room, strings.Join(below, " "))
	}
}

// TestHouseServerIsApart: the server of sentrytest is written apart from the library,
// so that one checks the other. Only Init knows both.
func TestHouseServerIsApart(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("sentrytest/*.go")
	require.NoError(t, err)
	var know []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, i := range f.Imports {
			if roomOf(strings.Trim(i.Path.Value, `"`)) != "" {
				know = append(know, filepath.Base(file))
			}
		}
	}
	require.Equal(t, []string{"init.go"}, know)
}

func TestHouseFilesAreShort(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, file := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
			text, err := os.ReadFile(filepath.Join(p.Dir, file))
			require.NoError(t, err)
			lines := bytes.Count(text, []byte("\n"))
			t.Logf("%4d %s", lines, path.Join(roomOf(p.ImportPath), file))
			require.LessOrEqual(t, lines, maxLines, path.Join(roomOf(p.ImportPath), file))
		}
	}
}

// TestHouseTypesHaveOneFile: the methods of a type are in one file, unless the
// files are one subject.
func TestHouseTypesHaveOneFile(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, p := range packages(t) {
		for name, files := range methodFiles(t, p) {
			if len(files) < 2 {
				continue
			}
			t.Logf("%-32s %s", name, strings.Join(files, " "))
			assert.Contains(t, manyFiles, name, "its methods are in %v", files)
			known[name] = true
		}
	}
	for name := range manyFiles {
		require.True(t, known[name], "%s is in one file now", name)
	}
}

// methodFiles are the files with methods of each type.
func methodFiles(t *testing.T, p goPackage) map[string][]string {
	t.Helper()
	files := map[string]map[string]bool{}
	for _, file := range p.GoFiles {
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, 0)
		require.NoError(t, err)
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil {
				name := roomOf(p.ImportPath) + "." + receiverType(fn.Recv.List[0].Type)
				if files[name] == nil {
					files[name] = map[string]bool{}
				}
				files[name][file] = true
			}
		}
	}
	sorted := map[string][]string{}
	for name, set := range files {
		sorted[name] = slices.Sorted(maps.Keys(set))
	}
	return sorted
}

// receiverType is the name of a receiver's type.
func receiverType(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiverType(x.X)
	case *ast.IndexExpr:
		return receiverType(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}
