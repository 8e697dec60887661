package own

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/values"
	"github.com/panicreport/sentry/internal/words"
)

// A pass goes through one report: first to collect its texts, and then to write
// what stays of them.
type pass struct {
	known      *Known
	reading    *words.Reading
	collecting bool
}

// A rule returns what stays of a value, the one under key. nil is nothing.
type rule func(p *pass, key string, v any) any

// text returns a text with the program's own words.
func (p *pass) text(t string) string {
	switch {
	case p.known.isKnown(t):
		return t
	case p.collecting:
		p.reading.Add(t)
		return t
	}
	return p.reading.Text(t)
}

// longName is how many bytes a name has that can not be in an image by chance.
const longName = 8

// isName reports whether a text is a name that is in the image: a long one anywhere,
// and a short one as the name of a field, or in the quotes of its tag.
func (p *pass) isName(t string) bool {
	const longest = 127 // what one byte says the length of
	if p.known.isKnown(t) {
		return true
	}
	if len(t) > longest {
		return false
	}
	forms := []string{`"` + t + `"`, `"` + t + `,`, string(rune(len(t))) + t}
	if len(t) >= longName {
		forms = append(forms, t)
	}
	for _, form := range forms {
		if p.collecting {
			p.reading.AddWhole(form)
		} else if p.reading.IsWhole(form) {
			return true
		}
	}
	return p.collecting
}

// either returns a text that is known or a name, or "".
func (p *pass) either(t string) string {
	if p.isName(t) {
		return t
	}
	return ""
}

// isPlace reports whether a text is the name of a function, a module, a type or a
// file: the image has it as a whole, or the parts up to and behind its last slash.
// Sentry-go cuts most of such names out of those of the runtime, and they are known
// for that. A single word is a name like others.
func (p *pass) isPlace(t string) bool {
	if p.known.isKnown(t) {
		return true
	}
	if !strings.ContainsAny(t, "./") {
		return p.isName(t)
	}
	n := strings.LastIndexByte(t, '/')
	all := true
	for _, part := range [...]string{t[:n+1], t[n+1:]} {
		if p.collecting {
			p.reading.AddWhole(part)
		} else if part != "" && !p.reading.IsWhole(part) {
			all = false
		}
	}
	return all
}

// fields makes of each field of v, which must be a map, what change returns, and removes
// it for nil.
func fields(v any, change func(name string, v any) any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	out := make(map[string]any, len(m))
	for name, v := range m {
		if next := change(name, v); next != nil {
			out[name] = next
		}
	}
	return out
}

// object applies a rule to each field, and removes those that have none.
func object(rules map[string]rule) rule {
	return func(p *pass, _ string, v any) any {
		return fields(v, func(name string, v any) any {
			if rule := rules[name]; rule != nil {
				return rule(p, name, v)
			}
			return nil
		})
	}
}

// each applies a rule to each element of a list, which can be within {"values": …}.
func each(of rule) rule {
	return func(p *pass, key string, v any) any {
		if m, ok := v.(map[string]any); ok {
			v = m["values"]
			if list := each(of)(p, key, v); list != nil {
				return map[string]any{"values": list}
			}
			return nil
		}
		list, ok := v.([]any)
		if !ok {
			return nil
		}
		out := make([]any, 0, len(list))
		for _, v := range list {
			if next := of(p, key, v); next != nil {
				out = append(out, next)
			}
		}
		return out
	}
}

// free is what an application can put anything into.
func free(p *pass, key string, v any) any {
	switch v := v.(type) {
	case string:
		if isStart(key, v) {
			return v
		}
		return p.text(v)
	case json.Number:
		if counts[key] || isSmall(string(v)) {
			return v
		}
		return words.Ellipsis
	case bool:
		return v
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = free(p, "", v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			name := k
			if !p.isName(k) {
				name = words.Ellipsis
			}
			out[name] = free(p, k, item)
		}
		return out
	}
	return nil
}

// isStart reports whether a value is the time at which a program or its machine was
// started.
func isStart(key, v string) bool {
	if key != "app_start_time" && key != "boot_time" {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, v)
	return err == nil
}

// isSmall reports whether a number has at most three digits, those behind a point
// included: 48.137 says where somebody is.
func isSmall(n string) bool {
	const most = 3
	digits := 0
	for i := range len(n) {
		if '0' <= n[i] && n[i] <= '9' {
			digits++
		}
	}
	return digits <= most
}

// named is a map whose keys Sentry shows as names, as those of tags: what has a name
// that is not the program's is removed.
func named(of rule) rule {
	return func(p *pass, _ string, v any) any {
		return fields(v, func(name string, v any) any {
			if !p.isName(name) {
				return nil
			}
			return of(p, name, v)
		})
	}
}

// attribute is the typed value of a log, a metric or a span.
func attribute(p *pass, key string, v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	value := free(p, key, m["value"])
	kind := enum(p, "type", m["type"])
	if _, text := value.(string); text {
		kind = "string"
	}
	return map[string]any{"value": value, "type": kind}
}

// line is a text.
func line(p *pass, _ string, v any) any {
	if t, ok := v.(string); ok {
		return p.text(t)
	}
	return nil
}

// enum is a text of which Sentry's protocol has a list. Others are removed, unless
// they are the program's.
func enum(p *pass, _ string, v any) any {
	if t, ok := v.(string); ok {
		if t = p.either(t); t != "" {
			return t
		}
	}
	return nil
}

// place is the name of a function, a module or a file.
func place(p *pass, _ string, v any) any {
	t, ok := v.(string)
	switch {
	case !ok:
		return nil
	case p.isPlace(t):
		return t
	}
	return words.Ellipsis
}

// kind is the type of an exception: that of Go, or what the application calls it.
func kind(p *pass, key string, v any) any {
	t, ok := v.(string)
	if !ok {
		return nil
	}
	if place, text := p.isPlace(t), p.text(t); !place {
		return text
	}
	return t
}

// id is one of Sentry's protocol.
func id(_ *pass, _ string, v any) any {
	if t, ok := v.(string); ok && values.IsID(t) {
		return t
	}
	return nil
}

// number is one that Sentry's protocol gives a meaning.
func number(_ *pass, _ string, v any) any {
	if n, ok := v.(json.Number); ok {
		return n
	}
	return nil
}

// whole is a number in a text, or one.
func whole(p *pass, key string, v any) any {
	if t, ok := v.(string); ok {
		if _, err := strconv.ParseFloat(t, 64); err == nil {
			return t
		}
	}
	return number(p, key, v)
}

// yes is true or false, as a text or not.
func yes(_ *pass, _ string, v any) any {
	switch v {
	case true, false, "true", "false":
		return v
	}
	return nil
}

// moment is a time.
func moment(p *pass, key string, v any) any {
	if t, ok := v.(string); ok {
		if _, err := time.Parse(time.RFC3339Nano, t); err == nil {
			return t
		}
	}
	return number(p, key, v)
}

// goroutine is the name that the runtime gives one:
//
//	goroutine 18 [chan receive, 3 minutes] and 9,799 like it
var goroutine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^goroutine \d+ \[([^,\]]*)((?:, \d+ minutes)?(?:, locked to thread)?)\](?: and [\d,]+ like it)?$`)
})

// thread is the name of a thread. Behind it may be labels, which are data.
func thread(p *pass, key string, v any) any {
	t, ok := v.(string)
	if !ok {
		return nil
	}
	name, labels := cutLabels(t)
	if m := goroutine().FindStringSubmatch(name); m == nil || !p.isPlace(m[1]) || p.collecting {
		name = p.text(name)
	}
	if labels != "" {
		name += " " + p.text(labels)
	}
	return name
}

// cutLabels cuts the labels from the name of a thread:
//
//	goroutine 19 [select] {tenant: "acme"}
func cutLabels(thread string) (name, labels string) {
	name, labels, ok := strings.Cut(thread, " {")
	if !ok {
		return thread, ""
	}
	return name, "{" + labels
}

func (p *pass) document(doc any) any {
	if doc == nil {
		return nil
	}
	return rules().document(p, "", doc)
}

// attachments leaves out what is no text: nobody can tell what it shows.
func (p *pass) attachments(files []*sentry.Attachment) (out []*sentry.Attachment) {
	for _, f := range files {
		if f == nil || !utf8.Valid(f.Payload) {
			continue
		}
		c := *f
		c.Payload = []byte(p.text(string(f.Payload)))
		if c.Filename = p.text(f.Filename); c.Filename == words.Ellipsis {
			c.Filename = "attachment"
		}
		if c.ContentType = p.either(f.ContentType); c.ContentType == "" {
			c.ContentType = "text/plain"
		}
		out = append(out, &c)
	}
	return out
}
