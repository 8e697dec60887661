package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/panicreport/sentry/sentrytest"
)

var (
	//go:embed page.html
	pages string
	//go:embed style.css
	style string

	// Text becomes text: html/template escapes it, and clean shows what has no glyph.
	templates = template.Must(template.New("").Funcs(template.FuncMap{"clean": clean, "short": short}).Parse(pages))
)

// An entry is a line of the list of reports.
type entry struct{ ID, Title, Where, Status string }

// A report is what the page of one shows.
type report struct {
	Title, Text string
	Facts, Tags []pair
	Causes      []string
	Frames      []frame
	Goroutines  []group
	Breadcrumbs []crumb
	Removed     []pair
	Contexts    []pair
	Raw         string
}

type pair struct{ Name, Value string }

type crumb struct{ When, Level, Category, Message, Data string }

// A frame is one of a stack, the innermost first. Before, Line and After are lines of the
// source, in a report of a development build.
type frame struct {
	Name, Place         string
	InApp               bool
	Before, Line, After string
}

// A group has the goroutines with the same stack, as of a pool of workers.
type group struct {
	Title  string
	Frames []frame
}

func newReport(e *sentrytest.Event) *report {
	r := &report{
		Title: e.Title(), Text: e.Exception().Value, Frames: framesOf(e.Exception().Stacktrace),
		Goroutines: groupsOf(e.Threads), Tags: pairsOf(e.Tags), Removed: removedFrom(e.Raw), Raw: indented(e.Raw),
	}
	if len(e.Exceptions) == 0 {
		r.Text = e.Message
	}
	for i := len(e.Exceptions) - 2; i >= 0; i-- {
		r.Causes = append(r.Causes, e.Exceptions[i].Title())
	}
	handled := "unhandled"
	if !e.Unhandled() {
		handled = "handled"
	}
	for _, fact := range []pair{
		{"level", e.Level + ", " + handled}, {"when", when(e.Timestamp)}, {"release", e.Release},
		{"environment", e.Environment}, {"transaction", e.Transaction}, {"user", e.User.ID}, {"event", e.EventID},
	} {
		if fact.Value != "" {
			r.Facts = append(r.Facts, fact)
		}
	}
	for _, b := range e.Breadcrumbs {
		r.Breadcrumbs = append(r.Breadcrumbs, crumb{when(b.Timestamp), b.Level, b.Category, b.Message, text(b.Data)})
	}
	contexts := make(map[string]string, len(e.Contexts))
	for name, c := range e.Contexts {
		contexts[name] = text(c)
	}
	r.Contexts = pairsOf(contexts)
	return r
}

func framesOf(st *sentrytest.Stacktrace) (frames []frame) {
	if st == nil {
		return nil
	}
	for _, f := range slices.Backward(st.Frames) {
		frames = append(frames, frame{
			Name: f.Name(), Place: f.Filename + ":" + strconv.Itoa(f.Lineno), InApp: f.InApp,
			Before: joinLines(f.PreContext), Line: f.ContextLine, After: joinLines(f.PostContext),
		})
	}
	return frames
}

// groupsOf puts goroutines with the same stack into one group, in the order in which
// they come.
func groupsOf(threads []sentrytest.Thread) (groups []group) {
	at := make(map[string]int)
	var members [][]string
	for _, t := range threads {
		title := string(t.ID)
		if t.State != "" {
			title += " [" + t.State + "]"
		}
		if t.Crashed {
			title += " crashed"
		}
		frames := framesOf(t.Stacktrace)
		key := fmt.Sprint(t.Crashed, frames)
		n, ok := at[key]
		if !ok {
			n = len(groups)
			at[key] = n
			groups, members = append(groups, group{Frames: frames}), append(members, nil)
		}
		members[n] = append(members[n], title)
	}
	for n := range groups {
		groups[n].Title = "goroutine " + members[n][0]
		if more := len(members[n]) - 1; more > 0 {
			groups[n].Title = fmt.Sprintf("%d goroutines: %s", more+1, strings.Join(members[n], ", "))
		}
	}
	return groups
}

// removedFrom counts what the scrubber has put in the place of what it removed.
func removedFrom(raw []byte) (removed []pair) {
	for _, marker := range []string{"[Filtered]", "[email]", "[ip]", "[mac]", "[host]"} {
		if n := bytes.Count(raw, []byte(marker)); n > 0 {
			removed = append(removed, pair{marker, strconv.Itoa(n) + " times"})
		}
	}
	return removed
}

func pairsOf(m map[string]string) (pairs []pair) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		pairs = append(pairs, pair{name, m[name]})
	}
	return pairs
}

// text is a value as JSON, empty for nothing.
func text(v map[string]any) string {
	if len(v) == 0 {
		return ""
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(doc)
}

// maxDepth is what a real report has several times less of. Indented, a text grows with
// its size times its depth.
const maxDepth = 64

func indented(raw []byte) string {
	var b bytes.Buffer
	if depth(raw) > maxDepth || json.Indent(&b, raw, "", "  ") != nil {
		return string(raw)
	}
	return b.String()
}

// depth counts brackets in texts, too.
func depth(raw []byte) (most int) {
	n := 0
	for _, c := range raw {
		switch c {
		case '{', '[':
			n++
			most = max(most, n)
		case '}', ']':
			n--
		}
	}
	return most
}

func joinLines(lines []string) string { return strings.Join(lines, "\n") }

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000 MST")
}

// clean replaces what has no glyph or changes the direction of a text with escapes. The
// lines of a text stay lines.
func clean(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}

// maxShort is what of a title is in the list of reports, in characters: two or three lines.
const maxShort = 300

// short is clean for a line among others.
func short(text string) string {
	n := 0
	for i := range text {
		if n == maxShort {
			return clean(text[:i]) + "…"
		}
		n++
	}
	return clean(text)
}

// render writes a page, or an error, and never a part of a page.
func render(w http.ResponseWriter, name string, data any) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = b.WriteTo(w)
}
