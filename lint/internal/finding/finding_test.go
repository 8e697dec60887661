package finding

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const code = `package p

func (s *server) run(c chan int) {
	go work()
	go work()
	/* ä€𝄞 */ go other()
}
`

// sample writes code into a folder, after some other lines, and returns findings in
// it.
func sample(t *testing.T, dir string, above int) []*Finding {
	t.Helper()
	file := filepath.Join(dir, "p", "a b.go")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("// A comment.\n", above) + code
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var all []*Finding
	for i, line := range strings.Split(text, "\n") {
		if at := strings.Index(line, "go "); at >= 0 && !strings.HasPrefix(line, "//") {
			all = append(all, &Finding{
				Package: "example.com/p", File: file, Line: i + 1, Column: at + 1, EndLine: i + 1, EndCol: len(line) + 1,
				Category: "missing", Message: "goroutine has no guard",
			})
		}
	}
	return all
}

// TestBaseline: a finding stays known while the lines around it move. Another one of
// the same text in the same function is new.
func TestBaseline(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "baseline")
	list := sample(t, dir, 0)
	if err := WriteBaseline(name, list[:1]); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if want := "missing\tp/a b.go\tserver.run\tgo work()\n"; err != nil || !strings.HasSuffix(string(text), "\n"+want) {
		t.Errorf("baseline:\n%s\nwant the line\n%s", text, want)
	}
	moved := sample(t, dir, 3)
	b, err := ReadBaseline(name)
	if err != nil {
		t.Fatal(err)
	}
	if left := b.New(moved); len(left) != 2 || left[0] != moved[1] || left[1] != moved[2] {
		t.Errorf("new are %d, want 2", len(left))
	}
	if left := b.New(moved); len(left) != 2 {
		t.Errorf("asked again, new are %d, want 2", len(left))
	}
}

func TestBaselineIsChecked(t *testing.T) {
	name := filepath.Join(t.TempDir(), "baseline")
	if _, err := ReadBaseline(name); err == nil {
		t.Error("a baseline that is not there was read")
	}
	if err := os.WriteFile(name, []byte("# head\r\nmissing\ta.go\tf\tgo work()\r\nmissing\ta.go\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBaseline(name); err == nil || !strings.Contains(err.Error(), ":3 has 2 cells") {
		t.Errorf("a damaged baseline was read: %v", err)
	}
}

// TestSARIF: the log has what code hosts require. Columns count in UTF-16.
func TestSARIF(t *testing.T) {
	dir := t.TempDir()
	list := sample(t, dir, 0)
	outside := *list[0]
	outside.File = filepath.Join(t.TempDir(), "other.go")
	list = append(list, &outside)
	logOf := func(list []*Finding) sarifLog {
		var out bytes.Buffer
		if err := WriteSARIF(&out, dir, map[string]string{"missing": "A goroutine has no guard."}, list); err != nil {
			t.Fatal(err)
		}
		var log sarifLog
		decoder := json.NewDecoder(&out)
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&log); err != nil {
			t.Fatal(err)
		}
		return log
	}
	log := logOf(list)
	if log.Version != "2.1.0" || len(log.Runs) != 1 || len(log.Runs[0].Results) != len(list) || len(log.Runs[0].Tool.Driver.Rules) != 1 {
		t.Fatalf("log: %+v", log)
	}
	results := log.Runs[0].Results
	place := results[2].Locations[0].PhysicalLocation
	if place.ArtifactLocation != (sarifArtifact{"p/a%20b.go", "%SRCROOT%"}) {
		t.Errorf("file: %+v", place.ArtifactLocation)
	}
	// A tab, "/* ", three characters in four units, " */ ".
	if place.Region.StartColumn != 1+3+4+4+1 || place.Region.StartLine != 6 {
		t.Errorf("region: %+v", place.Region)
	}
	if uri := results[3].Locations[0].PhysicalLocation.ArtifactLocation; !strings.HasPrefix(uri.URI, "file:///") || uri.URIBaseID != "" {
		t.Errorf("a file elsewhere: %+v", uri)
	}
	prints := func(log sarifLog) (all []string) {
		for _, r := range log.Runs[0].Results {
			all = append(all, r.PartialFingerprints["lintPanics/v1"])
		}
		return all
	}
	before := prints(log)
	if slices.Sort(before); len(slices.Compact(slices.Clone(before))) != len(list) {
		t.Errorf("the fingerprints are not unique: %v", before)
	}
	moved := prints(logOf(sample(t, dir, 5)))
	for _, print := range moved {
		if !slices.Contains(before, print) {
			t.Error("a fingerprint changes when lines move")
		}
	}
	if empty := logOf(nil).Runs[0].Results; empty == nil {
		t.Error("no findings are null")
	}
}

// TestSort: what several systems find is there once, with the fix that changes less.
func TestSort(t *testing.T) {
	list := sample(t, t.TempDir(), 0)
	inFunction, aroundCall := *list[0], *list[0]
	inFunction.Fix = &Fix{Message: "defer sentry.Recover()"}
	aroundCall.Fix = &Fix{Message: "start it in a function that defers sentry.Recover()"}
	sorted := Sort([]*Finding{list[2], &inFunction, list[1], &aroundCall})
	if len(sorted) != 3 || sorted[0] != &aroundCall || sorted[2] != list[2] {
		t.Errorf("sorted: %v", sorted)
	}
}
