package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/panicreport/sentry/sentrytest"
)

// It is tempting to print each report with Event.Format of sentrytest. But that
// writes a full page, for somebody who has to find the mistake. Here, the reader
// compares all reports, so each has only a few lines.

const (
	width      = 92 // columns: fits a terminal with 100 columns, and a printed page
	labelWidth = 14 // of these columns for "    printed   "
	mostLines  = 3  // of the output of a process
)

// A table has lines of the form
//
//	title     runtime error
//	          …
type table struct{ strings.Builder }

// row writes text as lines that fit the width. It writes nothing for an empty text.
func (t *table) row(label, text string) {
	t.rows(label, wrap(text))
}

func (t *table) rows(label string, lines []string) {
	for _, line := range lines {
		fmt.Fprintf(t, "%s%s\n", fmt.Sprintf("    %-*s", labelWidth-4, label), line)
		label = ""
	}
}

// page returns a text about a death and its reports.
func page(number int, d death, o outcome) string {
	t := &table{}
	fmt.Fprintf(t, "%2d  %s\n", number, d.heading)
	var lines []string
	for _, line := range ownWords(o.printed) {
		lines = append(lines, wrap(line)...)
	}
	t.rows("printed", lines)
	t.row("exit", fmt.Sprint(o.status))
	for _, event := range o.reports {
		t.report(event)
	}
	t.scrubbed(d, o)
	if err := check(d, o); err != nil {
		t.row("WRONG", err.Error())
	}
	t.WriteByte('\n')
	return t.String()
}

// ownWords returns the output of a process without the stacks of the runtime. From
// the following text, it returns only the first line:
//
//	panic: runtime error: … [recovered, repanicked]
//	[signal SIGSEGV: segmentation violation code=… addr=… pc=…]
//
//	goroutine 6 [running]:
func ownWords(printed string) (words []string) {
	stack := false
	for line := range strings.Lines(printed) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "goroutine "):
			stack = true
		case strings.HasPrefix(line, "GET "): // a line of the child, after a stack
			stack = false
		}
		if !stack && line != "" && !strings.HasPrefix(line, "[signal ") && len(words) < mostLines {
			words = append(words, line)
		}
	}
	return words
}

func (t *table) report(event *sentrytest.Event) {
	x := event.Exception()
	t.row("title", x.Type)
	t.row("value", x.Value)
	t.rows("caused by", causes(event))
	t.rows("at", places(event))
	t.row("tags", assignments(event.Tags))
	if r := event.Request; r != nil {
		t.row("request", r.Method+" "+r.URL+"?"+fmt.Sprint(r.QueryString))
	}
	for _, crumb := range event.Breadcrumbs {
		t.row("before", crumb.Category+": "+crumb.Message)
	}
}

// causes returns the errors that the reported one wraps, the outermost first.
func causes(event *sentrytest.Event) (lines []string) {
	for _, x := range slices.Backward(event.Exceptions[:max(0, len(event.Exceptions)-1)]) {
		lines = append(lines, wrap(x.Title())...)
	}
	return lines
}

// places returns the frames of the program's own code, the place of the panic first.
// For the other frames, it returns their number in each package.
func places(event *sentrytest.Event) (lines []string) {
	others := map[string]int{}
	for _, f := range slices.Backward(event.Frames()) {
		if !f.InApp {
			others[f.Module]++
			continue
		}
		// Filename begins with the import path. Its end is enough here.
		file := path.Join(path.Base(path.Dir(f.Filename)), path.Base(f.Filename))
		lines = append(lines, fmt.Sprintf("%-24s %s:%d", f.Function, file, f.Lineno))
	}
	for _, module := range slices.Sorted(maps.Keys(others)) {
		lines = append(lines, fmt.Sprintf("and %d of %s", others[module], module))
	}
	return lines
}

func assignments(tags map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, name+"="+tags[name])
	}
	return strings.Join(all, " ")
}

// scrubbed writes which secrets are not in the reports.
func (t *table) scrubbed(d death, o outcome) {
	var gone []string
	for _, s := range d.secrets {
		if !slices.ContainsFunc(o.reports, func(event *sentrytest.Event) bool {
			return strings.Contains(string(event.Raw), s.text)
		}) {
			gone = append(gone, s.what)
		}
	}
	t.row("scrubbed", strings.Join(gone, ", "))
}

// wrap breaks text at its spaces into lines that fit the width.
func wrap(text string) (lines []string) {
	for _, word := range strings.Fields(text) {
		last := len(lines) - 1
		if last >= 0 && len(lines[last])+1+len(word) <= width-labelWidth {
			lines[last] += " " + word
		} else {
			lines = append(lines, word)
		}
	}
	return lines
}
