package finding

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const baselineHead = `# Known findings of lint-panics. To write this file again: lint-panics -baseline FILE -update PACKAGES
# category	file	function	code
`

// A Baseline is a file with known findings, one on a line. A finding that occurs
// twice has two lines. Files are relative to the folder of the baseline, so that it
// does not matter where the command runs.
type Baseline struct {
	keyer Keyer
	known map[Key]int
}

// ReadBaseline reads a baseline. Lines that begin with # are comments.
func ReadBaseline(name string) (*Baseline, error) {
	b, err := newBaseline(name)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read baseline: %w", err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 4 {
			return nil, fmt.Errorf("read baseline: %s:%d has %d cells, want 4", name, i+1, len(cells))
		}
		b.known[Key{cells[0], cells[1], cells[2], cells[3]}]++
	}
	return b, nil
}

func newBaseline(name string) (*Baseline, error) {
	dir, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("find baseline: %w", err)
	}
	return &Baseline{keyer: Keyer{Dir: dir}, known: make(map[Key]int)}, nil
}

// New returns the findings that the baseline does not have.
func (b *Baseline) New(list []*Finding) []*Finding {
	left := make(map[Key]int, len(b.known))
	for key, n := range b.known {
		left[key] = n
	}
	return slices.DeleteFunc(slices.Clone(list), func(f *Finding) bool {
		key := b.keyer.Key(f)
		left[key]--
		return left[key] >= 0
	})
}

// WriteBaseline writes a baseline with these findings.
func WriteBaseline(name string, list []*Finding) error {
	b, err := newBaseline(name)
	if err != nil {
		return err
	}
	var lines []string
	for _, f := range list {
		lines = append(lines, b.keyer.Key(f).String()+"\n")
	}
	slices.Sort(lines)
	var text bytes.Buffer
	text.WriteString(baselineHead)
	for _, line := range lines {
		text.WriteString(line)
	}
	if err := os.WriteFile(name, text.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write baseline: %w", err)
	}
	return nil
}
