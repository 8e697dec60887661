package sentrytest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// These are the limits of what is printed, because people read a report in a terminal. [Event.Raw] has all of it.
const (
	mostText        = 1000 // bytes of one text: about ten lines
	mostFrames      = 100  // frames of one stack: more are nearly always a recursion
	mostThreads     = 20
	mostBreadcrumbs = 20 // the last ones, which are nearest to the crash
	mostPlaces      = 10 // places where the same kind of thing was scrubbed
)

// String returns the text that [Event.Format] writes.
func (e *Event) String() string {
	p := &page{}
	p.heading(e)
	p.chain(e)
	p.stack(e.Exception().Stacktrace)
	p.threads(e.Threads)
	p.breadcrumbs(e.Breadcrumbs)
	p.request(e.Request)
	p.user(e.User)
	p.contexts(e)
	p.attachments(e.Envelope)
	p.scrubbed(e.Raw)
	p.invalid(e.Invalid)
	return p.String()
}

// Format writes the event as text for a person who looks into the crash. First comes what happened and where, then what led to it,
// and at the end what was scrubbed. The innermost frame comes first. Frames of the program's own code (in-app) are marked with an
// asterisk.
//
// A report comes from another machine and cannot be trusted. Format writes escapes for characters that control a terminal or change
// the direction of the text. It cuts long texts and lists, and writes how much is missing. It returns an error only if w does.
func (e *Event) Format(w io.Writer) error {
	_, err := io.WriteString(w, e.String())
	return err
}

// page collects the lines of a report. All text of the event must go through show.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// section starts a section of the page.
func (p *page) section(format string, args ...any) {
	p.line("")
	p.line(format, args...)
}

// pair writes a line of the form "  release      app@1.0", unless the value is empty.
func (p *page) pair(name, value string) {
	if value != "" {
		p.line("  %-12s %s", name, value)
	}
}

// paragraph writes a text that may have several lines.
func (p *page) paragraph(indent, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(cut(text), "\n"), "\n") {
		p.line("%s%s", indent, show(line))
	}
}

// heading writes the title and what is most important:
//
//	runtime error: index out of range [5] with length 3
//	  level        fatal, unhandled, mechanism panic
//	  release      wallet@1.4.2, production
func (p *page) heading(e *Event) {
	p.line("%s", show(e.Title()))
	text := e.Exception().Value
	if len(e.Exceptions) == 0 {
		text = e.Message
	}
	if _, more, found := strings.Cut(strings.TrimLeft(text, "\r\n"), "\n"); found {
		p.paragraph("  | ", more)
	}
	p.pair("level", join(", ", e.Level, handling(e)))
	p.pair("when", when(e.Timestamp))
	p.pair("release", join(", ", e.Release, prefixed("dist ", e.Dist), e.Environment))
	p.pair("where", location(e.Culprit()))
	p.pair("transaction", show(e.Transaction))
	p.pair("logger", show(e.Logger))
	p.pair("server", show(e.ServerName))
	p.pair("event", join(", ", e.EventID, e.Platform, join(" ", e.SDK.Name, e.SDK.Version)))
	p.pair("grouped by", join(", ", e.Fingerprint...))
	p.pair("tags", assignments(e.Tags))
}

// chain writes the exceptions that caused the reported one, the outermost first. Each is indented below its parent.
func (p *page) chain(e *Event) {
	last := len(e.Exceptions) - 1
	if last < 1 {
		return
	}
	p.section("Caused by")
	depth := depths(e.Exceptions)
	for i := last - 1; i >= 0; i-- {
		exception := e.Exceptions[i]
		line := show(exception.Title())
		if m := exception.Mechanism; m != nil && m.Source != "" {
			line += " (" + show(m.Source) + ")"
		}
		p.line("%s%s", strings.Repeat("  ", depth[i]), line)
	}
}

// depths returns how far below the reported exception each one is. If the exceptions do not name their parents, it is 1 for all.
func depths(exceptions []Exception) []int {
	depth := make([]int, len(exceptions))
	byID := map[int]int{}
	for i := len(exceptions) - 1; i >= 0; i-- {
		depth[i] = 1
		m := exceptions[i].Mechanism
		if m == nil {
			continue
		}
		if m.ParentID != nil {
			depth[i] = min(byID[*m.ParentID]+1, maxDepth)
		}
		if i == len(exceptions)-1 {
			depth[i] = 0
		}
		byID[m.ExceptionID] = depth[i]
	}
	return depth
}

// maxDepth limits the indentation, because a chain may have thousands of causes.
const maxDepth = 20

func (p *page) stack(stack *Stacktrace) {
	if stack == nil {
		return
	}
	p.section("Stack, innermost first (* in-app)")
	frames := stack.Frames
	for i := len(frames) - 1; i >= 0; i-- {
		if len(frames)-i > mostFrames {
			p.line("    and %d more", i+1)
			return
		}
		if gap := stack.FramesOmitted; len(gap) == 2 && gap[0] == i+1 {
			p.line("    %d frames were left out", gap[1]-gap[0])
		}
		p.line("  %s %s", mark(frames[i]), show(frames[i].Name()))
		if place := frames[i].place(); place != "" {
			p.line("        %s", place)
		}
	}
}

func mark(f Frame) string {
	if f.InApp {
		return "*"
	}
	return " "
}

func (p *page) threads(threads []Thread) {
	if len(threads) == 0 {
		return
	}
	p.section("Threads (%d)", len(threads))
	for i, thread := range threads {
		if i == mostThreads {
			p.line("    and %d more", len(threads)-mostThreads)
			return
		}
		p.line("  %s %s", threadMark(thread), join(" ", string(thread.ID), thread.Name, prefixed("in ", thread.State)))
		if stack := thread.Stacktrace; stack != nil && len(stack.Frames) > 0 {
			p.line("        %s", location(stack.Frames[len(stack.Frames)-1]))
		}
	}
}

func threadMark(t Thread) string {
	if t.Crashed {
		return "!"
	}
	return " "
}

func (p *page) breadcrumbs(crumbs []Breadcrumb) {
	if len(crumbs) == 0 {
		return
	}
	p.section("Breadcrumbs (%d), the last one is the latest", len(crumbs))
	if left := len(crumbs) - mostBreadcrumbs; left > 0 {
		p.line("    %d earlier ones", left)
		crumbs = crumbs[left:]
	}
	for _, crumb := range crumbs {
		clock := ""
		if !crumb.Timestamp.IsZero() {
			clock = crumb.Timestamp.UTC().Format("15:04:05.000")
		}
		p.line("    %s", join(" ", clock, crumb.Level, join("/", crumb.Type, crumb.Category), crumb.Message, object(crumb.Data)))
	}
}

func (p *page) request(r *Request) {
	if r == nil {
		return
	}
	p.section("Request")
	p.line("  %s", join(" ", r.Method, r.URL))
	p.pair("query", value(r.QueryString))
	p.pair("cookies", value(r.Cookies))
	for _, name := range slices.Sorted(maps.Keys(r.Headers)) {
		p.pair(show(name), show(r.Headers[name]))
	}
	p.pair("body", value(r.Data))
	p.pair("env", object(r.Env))
}

func (p *page) user(u User) {
	line := join(", ", prefixed("id ", u.ID), u.Username, u.Name, u.Email, u.IPAddress, object(u.Data))
	if line != "" {
		p.section("User")
		p.line("  %s", line)
	}
}

func (p *page) contexts(e *Event) {
	if len(e.Contexts)+len(e.Extra)+len(e.Modules) == 0 {
		return
	}
	p.section("Contexts")
	for _, name := range slices.Sorted(maps.Keys(e.Contexts)) {
		p.pair(show(name), object(e.Contexts[name]))
	}
	p.pair("extra", object(e.Extra))
	if len(e.Modules) > 0 {
		p.pair("modules", strconv.Itoa(len(e.Modules)))
	}
}

func (p *page) attachments(envelope *Envelope) {
	if envelope == nil || len(envelope.ItemsOfType(itemAttachment)) == 0 {
		return
	}
	p.section("Attachments")
	for _, item := range envelope.ItemsOfType(itemAttachment) {
		p.line("  %s, %d bytes", join(" ", item.Filename, item.ContentType), len(item.Payload))
	}
}

func (p *page) scrubbed(raw json.RawMessage) {
	found := findScrubbed(raw)
	if len(found) == 0 {
		return
	}
	p.section("Scrubbed")
	for _, marker := range scrubMarkers {
		places := found[marker]
		if len(places) == 0 {
			continue
		}
		shown := places[:min(len(places), mostPlaces)]
		line := fmt.Sprintf("%d in %s", total(places), join(", ", names(shown)...))
		if left := len(places) - len(shown); left > 0 {
			line += fmt.Sprintf(" and %d more places", left)
		}
		p.pair(marker, line)
	}
}

func (p *page) invalid(fields []string) {
	if len(fields) == 0 {
		return
	}
	p.section("Fields that Sentry would drop")
	for _, field := range fields {
		p.line("  %s", show(field))
	}
}

// location returns a frame as one line, with its function and its place.
func location(f Frame) string {
	return join(" ", f.Name(), prefixed("at ", f.place()))
}

// place returns file:line, the form that editors accept.
func (f Frame) place() string {
	file := f.Filename
	if file == "" {
		file = f.AbsPath
	}
	if file == "" || f.Lineno == 0 {
		return show(file)
	}
	return show(file) + ":" + strconv.Itoa(f.Lineno)
}

// handling tells whether the exception was handled, and what caught it.
func handling(e *Event) string {
	m := e.Exception().Mechanism
	switch {
	case e.Unhandled():
		return join(", ", "unhandled", mechanism(m))
	case m != nil && m.Handled != nil:
		return join(", ", "handled", mechanism(m))
	default:
		return mechanism(m)
	}
}

func mechanism(m *Mechanism) string {
	if m == nil {
		return ""
	}
	return prefixed("mechanism ", m.Type)
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05.000 MST")
}

// assignments returns tags as one line, sorted by name.
func assignments(tags map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		all = append(all, name+"="+tags[name])
	}
	return join(" ", all...)
}

// object returns a JSON object as one line, or "" if it is empty.
func object(fields map[string]any) string {
	if len(fields) == 0 {
		return ""
	}
	return value(fields)
}

// value returns a JSON value as one line. It returns a text without quotes, and "" for null.
func value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return show(v)
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return show(err.Error()) // cannot happen, because the value comes from JSON
	}
	return show(strings.TrimSpace(text.String()))
}

// join returns the parts that are not empty, with separator between them.
func join(separator string, parts ...string) string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, show(part))
		}
	}
	return strings.Join(kept, separator)
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}
