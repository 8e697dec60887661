// Package finding holds what the linter has found, and writes it for people and for
// programs.
package finding

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// A Finding is one report of the linter.
type Finding struct {
	Package  string // the path of the package, without the suffix of a test variant
	File     string // absolute
	Line     int
	Column   int
	EndLine  int
	EndCol   int
	Category string
	Message  string
	Fix      *Fix   // nil if there is none
	NoFix    string // why there is none, if that is known
}

// A Fix is a change of files that removes a finding. It is made as a whole or not at
// all.
type Fix struct {
	Message string
	Edits   []Edit
}

// An Edit replaces the bytes from Start to End of a file.
type Edit struct {
	File       string // absolute
	Start, End int
	New        string
}

// Position returns file:line:column, with the file relative to dir if it is below.
func (f *Finding) Position(dir string) string {
	return fmt.Sprintf("%s:%d:%d", Relative(dir, f.File), f.Line, f.Column)
}

// Relative returns a file relative to dir, with slashes, if the file is below dir.
// Otherwise it returns the file itself.
func Relative(dir, file string) string {
	rel, err := filepath.Rel(dir, file)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return file
	}
	return filepath.ToSlash(rel)
}

// Sort sorts findings by place and removes those that are there twice, as they are if
// a file belongs to several systems. Where two have different fixes, the one that
// changes less of others wins: a literal around a call needs no change of the called
// function.
func Sort(list []*Finding) []*Finding {
	slices.SortStableFunc(list, func(a, b *Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column,
			cmp.Compare(a.Category, b.Category), cmp.Compare(a.Message, b.Message), around(b)-around(a))
	})
	return slices.CompactFunc(list, func(a, b *Finding) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Category == b.Category && a.Message == b.Message
	})
}

// around is 1 for a finding whose fix is at the place of the finding.
func around(f *Finding) int {
	if f.Fix != nil && strings.HasPrefix(f.Fix.Message, terms.AroundCall) {
		return 1
	}
	return 0
}

// WriteText writes findings as file:line:column: message, with some lines of the
// source around each one; none if context is negative.
func WriteText(w io.Writer, dir string, list []*Finding, context int) {
	for _, f := range list {
		fmt.Fprintf(w, "%s: %s\n", f.Position(dir), f.Message)
		if f.NoFix != "" {
			fmt.Fprintf(w, "\tno fix: %s\n", f.NoFix)
		}
		if context < 0 {
			continue
		}
		source, _ := os.ReadFile(f.File)
		for i, line := range strings.Split(string(source), "\n") {
			if n := i + 1; f.Line-context <= n && n <= f.Line+context {
				fmt.Fprintf(w, "%d\t%s\n", n, line)
			}
		}
	}
}
