package lintpanics

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// ignorePrefix begins a comment that suppresses a report.
const ignorePrefix = "//lint:ignore "

// An ignore is such a comment for this analyzer.
type ignore struct {
	pos    token.Pos
	file   string
	line   int
	reason string
	used   bool
}

// ignores collects the comments in the files that the analyzer does not leave out.
func (c *checker) ignores() []*ignore {
	var all []*ignore
	for _, file := range c.pass.Files {
		if c.leavesOut(file) {
			continue
		}
		for _, group := range file.Comments {
			for _, comment := range group.List {
				if i := c.ignore(comment); i != nil {
					all = append(all, i)
				}
			}
		}
	}
	return all
}

// ignore parses a comment of this form, or returns nil:
//
//	//lint:ignore lintpanics,SA1019 the reason, in words
func (c *checker) ignore(comment *ast.Comment) *ignore {
	rest, ok := strings.CutPrefix(comment.Text, ignorePrefix)
	if !ok {
		return nil
	}
	checks, reason, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if !slices.Contains(strings.Split(checks, ","), "lintpanics") {
		return nil
	}
	pos := c.pass.Fset.Position(comment.Pos())
	return &ignore{pos: comment.Pos(), file: pos.Filename, line: pos.Line, reason: strings.TrimSpace(reason)}
}

// covers reports whether the comment is on the line of pos or on the line above, and
// has a reason.
func (i *ignore) covers(pos token.Position) bool {
	return i.reason != "" && i.file == pos.Filename && (i.line == pos.Line || i.line == pos.Line-1)
}
