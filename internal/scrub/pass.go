package scrub

import (
	"maps"
	"reflect"
	"slices"

	"github.com/panicreport/sentry/internal/scrub/texts"
	"github.com/panicreport/sentry/internal/scrub/values"
)

// maxTitle bounds names and titles, in bytes: a transaction, a logger, the type
// of an exception.
const maxTitle = 1 << 10

// A pass scrubs one event, or one other item of an envelope. This file has what
// all parts of them use. The other methods are in one file for each part.
type pass struct {
	texts     *texts.Scrubber
	userNames bool // stay
	size      int  // of the texts that stay, for fit

	places    [32]string // the last that were clean, see place
	nextPlace int
}

// text scrubs a text that may have several lines, without counting its size.
func (p *pass) text(t string) string { return p.texts.Text(t, texts.MaxText) }

// long scrubs a text that may have several lines.
func (p *pass) long(t string) string {
	t = p.text(t)
	p.size += len(t)
	return t
}

// line scrubs a text of one line.
func (p *pass) line(t string, limit int) string {
	t = p.texts.Line(t, limit)
	p.size += len(t)
	return t
}

// name scrubs a name: of a tag, a context, a module, a thread.
func (p *pass) name(t string, limit int) string { return p.line(t, limit) }

// plain scrubs a text whose form Sentry's protocol says.
func (p *pass) plain(t string, limit int) string { return p.line(t, limit) }

// place scrubs the name of a function, a module or a file in a frame. Many frames
// have the same ones, and almost none has anything to remove.
func (p *pass) place(t string) string {
	for i := range p.places {
		if p.places[i] == t {
			p.size += len(t)
			return t
		}
	}
	next := p.plain(t, maxTitle)
	if next == t {
		p.places[p.nextPlace%len(p.places)] = t
		p.nextPlace++
	}
	return next
}

// named returns a placeholder for a value that is secret because of its name.
// It returns any other value as it is; its text is still to be scrubbed.
func (p *pass) named(key, value string) string {
	if p.texts.Sensitivity(key) == texts.NotSecret || texts.HidesNothing(value) || texts.IsWorkingDirectory(key, value) {
		return value
	}
	return texts.Filtered
}

// nested scrubs a map of values of any type, which is the value under key.
func (p *pass) nested(key string, m map[string]any) map[string]any {
	if len(m) == 0 {
		return m
	}
	w := values.NewWalker(p.texts)
	next := w.Map(key, m)
	p.size += w.Size()
	return next
}

// stringMap scrubs a map of strings by their names and their texts.
func (p *pass) stringMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return m
	}
	out := m
	for k, v := range m {
		name := p.name(k, maxTag)
		value := p.long(p.named(name, p.named(k, v)))
		if name == k && value == v {
			continue
		}
		if same := reflect.ValueOf(out).Pointer() == reflect.ValueOf(m).Pointer(); same {
			out = maps.Clone(m)
		}
		if name != k {
			delete(out, k)
		}
		out[name] = value
	}
	return out
}

// each returns list with every element scrubbed. If nothing changes, it returns
// list itself, and otherwise a copy.
func each[T any](list []T, scrub func(T) (T, bool)) []T {
	var out []T
	for i, v := range list {
		next, changed := scrub(v)
		if !changed {
			continue
		}
		if out == nil {
			out = slices.Clone(list)
		}
		out[i] = next
	}
	if out == nil {
		return list
	}
	return out
}

// assign puts a scrubbed text into its field. It reports whether the field has
// changed.
func assign(field *string, text string) bool {
	if *field == text {
		return false
	}
	*field = text
	return true
}

// sameMap reports whether a and b are the same map.
func sameMap(a, b map[string]any) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}
