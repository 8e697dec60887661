package main

import (
	"fmt"
	"html"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// A document is RESULTS.md and its pictures.
type document struct {
	text     strings.Builder
	pictures map[string]string // by file name
}

// compared are the modules whose versions the document tells.
var compared = []string{
	"github.com/getsentry/sentry-go", "github.com/bugsnag/bugsnag-go/v2", "github.com/rollbar/rollbar-go",
	"github.com/mitchellh/panicwrap", "github.com/DataDog/gostackparse", "github.com/maruel/panicparse/v2",
	"github.com/zricethezav/gitleaks/v8",
}

func newDocument() *document {
	d := &document{pictures: map[string]string{}}
	d.paragraph("# Side by side with the peers")
	d.paragraph("Made by `make bench`. The ratios count: the machine is shared, and the same for all rows of a table.")
	var versions []string
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if slices.Contains(compared, m.Path) {
				versions = append(versions, strings.TrimPrefix(m.Path, "github.com/")+" "+m.Version)
			}
		}
	}
	d.paragraph(fmt.Sprintf("%s, %s, %s/%s, %d CPUs (%s). %s.", time.Now().UTC().Format(time.DateOnly), runtime.Version(),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), processor(), strings.Join(versions, ", ")))
	return d
}

// processor is its name, where the system tells.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(info)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "processor not known"
}

func (d *document) paragraph(text string) { d.text.WriteString(text + "\n\n") }

func (d *document) heading(title string) { d.paragraph("## " + title) }

// table writes rows of which the first is the head.
func (d *document) table(rows [][]string) {
	for i, row := range rows {
		d.text.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			d.text.WriteString("|" + strings.Repeat("---|", len(row)) + "\n")
		}
	}
	d.text.WriteString("\n")
}

// A bar is one of a picture.
type bar struct {
	name  string
	value float64
	label string
}

// bars draws a picture, and puts it into the text.
func (d *document) bars(file, title string, all []bar) {
	const (
		left, width, row = 250, 380, 26
		head             = 40
	)
	var most float64
	for _, b := range all {
		most = max(most, b.value)
	}
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="13">`+"\n",
		left+width+160, head+len(all)*row+10)
	fmt.Fprintf(&s, `<rect width="100%%" height="100%%" fill="white"/><text x="10" y="24" font-size="15">%s</text>`+"\n", html.EscapeString(title))
	for i, b := range all {
		y, colour := head+i*row, "#9aa5b1"
		if strings.HasPrefix(b.name, protocol.Ours) {
			colour = "#2f6f4f"
		}
		length := max(2, b.value/most*width)
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text>`, left-8, y+16, html.EscapeString(b.name))
		fmt.Fprintf(&s, `<rect x="%d" y="%d" width="%.1f" height="18" fill="%s"/>`, left, y+3, length, colour)
		fmt.Fprintf(&s, `<text x="%.1f" y="%d">%s</text>`+"\n", left+length+6, y+16, html.EscapeString(b.label))
	}
	s.WriteString("</svg>\n")
	d.pictures[file] = s.String()
	d.paragraph(fmt.Sprintf("![%s](%s)", title, file))
}

// ratio of a figure to that of the row that it is compared with.
func ratio(figure, to float64) string {
	if to == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", figure/to)
}

func median[T float64 | time.Duration](all []T) T { return quantile(all, 0.5) }

func quantile[T float64 | time.Duration](all []T, q float64) T {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
