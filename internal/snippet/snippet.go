// Package snippet runs the Go code of Markdown files, so that what a reader copies
// works. A block of code is a whole program, or a test:
//
//	```go
//	package main
//	…
//	```
//
// Or it is a part of one, and a comment before it, which a reader does not see, has
// the rest. A line with … stands for the block. After "reports", the comment may say
// what has to arrive at Sentry:
//
//	<!-- snippet reports "panic: boom"
//	package main
//	…
//	func main() { work() }
//	-->
package snippet

import (
	"fmt"
	"regexp"
	"strings"
)

// A Snippet is a block of Go code.
type Snippet struct {
	Line    int    // of the Markdown file, where the code begins
	Code    string // a whole file
	Reports string // the title of what it reports, empty for nothing
}

// IsTest tells whether it is a test, and no program.
func (s Snippet) IsTest() bool { return strings.Contains(s.Code, "testing.T)") }

// block finds the comment, if there is one, and the code.
var block = regexp.MustCompile("(?ms)(?:^<!-- snippet([^\n]*)\n(.*?)-->\n+)?^```go\n(.*?)^```$")

var reports = regexp.MustCompile(`^ reports "(.*)"$`)

// Parse returns the blocks of Go code in a Markdown file.
func Parse(markdown string) (all []Snippet, err error) {
	for _, at := range block.FindAllStringSubmatchIndex(markdown, -1) {
		part := func(n int) string {
			if at[2*n] < 0 {
				return ""
			}
			return markdown[at[2*n]:at[2*n+1]]
		}
		s := Snippet{Line: 1 + strings.Count(markdown[:at[6]], "\n"), Code: part(3)}
		if rest := part(2); strings.TrimSpace(rest) != "" {
			before, after, ok := strings.Cut(rest, "…\n")
			if !ok {
				return nil, fmt.Errorf("line %d: the comment has no line with …", s.Line)
			}
			s.Code = before + s.Code + after
		}
		if what := part(1); what != "" {
			m := reports.FindStringSubmatch(what)
			if m == nil {
				return nil, fmt.Errorf("line %d: what does %q mean?", s.Line, what)
			}
			s.Reports = m[1]
		}
		if !strings.HasPrefix(s.Code, "package ") && !strings.Contains(s.Code, "\npackage ") {
			return nil, fmt.Errorf("line %d: a part of a program, without a comment that has the rest", s.Line)
		}
		all = append(all, s)
	}
	return all, nil
}
