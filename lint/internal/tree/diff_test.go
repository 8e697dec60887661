package tree

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	before := "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\n"
	after := "a\nb\nc\nd\nE\nf\ng\nh\ni\nj\nk\nl\n"
	want := `--- old
+++ new
@@ -2,10 +2,11 @@
 b
 c
 d
-e
+E
 f
 g
 h
 i
 j
 k
+l
`
	if got := string(Diff("old", "new", []byte(before), []byte(after))); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := Diff("old", "new", []byte(before), []byte(before)); got != nil {
		t.Errorf("a diff of equal texts:\n%s", got)
	}
}

// TestDiffApplies makes texts at random, and lets git apply the diff to the first.
func TestDiffApplies(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git here")
	}
	random := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	for i := range 40 {
		before := randomText(random, nil)
		after := randomText(random, before)
		diff := Diff("a/x", "b/x", before, after)
		if diff == nil {
			continue
		}
		name := filepath.Join(dir, "x")
		if err := os.WriteFile(name, before, 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("git", "apply", "--unidiff-zero", "-")
		cmd.Dir, cmd.Stdin = dir, bytes.NewReader(diff)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("text %d: %v\n%s\n%s", i, err, out, diff)
		}
		if got, _ := os.ReadFile(name); !bytes.Equal(got, after) {
			t.Fatalf("text %d: applied\n%s\nwant\n%s\ndiff\n%s", i, got, after, diff)
		}
	}
}

// randomText returns lines, most of which are those of from.
func randomText(random *rand.Rand, from []byte) []byte {
	lines := strings.SplitAfter(string(from), "\n")
	if from == nil {
		for range random.IntN(60) {
			lines = append(lines, fmt.Sprintf("%d\n", random.IntN(9)))
		}
	}
	var text bytes.Buffer
	for _, l := range lines {
		switch random.IntN(9) {
		case 0:
		case 1:
			fmt.Fprintf(&text, "new %d\n", random.IntN(3))
			text.WriteString(l)
		default:
			text.WriteString(l)
		}
	}
	return text.Bytes()
}
