package scrub

import (
	"github.com/panicreport/sentry/internal/scrub/fit"
	"github.com/panicreport/sentry/internal/scrub/texts"
	"github.com/panicreport/sentry/internal/scrub/values"
	"maps"
	"reflect"
	"slices"

	"github.com/getsentry/sentry-go"
)

const (
	// maxTag is Sentry's limit for the value of a tag and for its key, which it
	// counts in characters.
	// https://develop.sentry.dev/sdk/event-payloads/#optional-attributes
	maxTag = 200

	// maxTags bounds what the tags of one event can take; an event with more
	// has a name in them that should be a value.
	maxTags = 200

	// maxBreadcrumbs is how many of the newest stay, as many as sentry-go keeps
	// by default; one that keeps more wants no more of them scrubbed while the
	// process dies.
	maxBreadcrumbs = 100

	// maxTitle bounds names and titles: a transaction, a logger, a type.
	maxTitle = 1 << 10
)

// Event removes what is secret from e, in place: its texts, wherever they are.
// What the application may still hold (breadcrumbs, contexts, a request) is
// copied before it is changed. An event too large for Sentry is made smaller,
// the least important first and the exception last.
func (s *Scrubber) Event(e *sentry.Event) {
	if isSerialized(e) {
		*e = unserialized(e)
	}
	p := eventPass{Scrubber: s}
	p.titles(e)
	e.Exception = each(e.Exception, p.exception)
	e.Threads = each(e.Threads, p.thread)
	e.Breadcrumbs = e.Breadcrumbs[max(0, len(e.Breadcrumbs)-maxBreadcrumbs):]
	e.Breadcrumbs = each(e.Breadcrumbs, p.breadcrumb)
	e.Tags = p.tags(e.Tags)
	p.contexts(e)
	p.user(&e.User)
	p.request(e)
	p.images(e)
	e.Attachments = each(e.Attachments, p.attachment)
	e.Spans = each(e.Spans, p.span)
	e.Logs = each(e.Logs, p.log)
	e.Metrics = each(e.Metrics, p.metric)
	fit.Event(e, p.size)
}

// An eventPass is the way through one event.
type eventPass struct {
	*Scrubber
	size int // of the texts that stay: fit need not measure a small event
}

// line scrubs a text of one line.
func (p *eventPass) line(t string, limit int) string {
	t = p.texts.Line(t, limit)
	p.size += len(t)
	return t
}

// long scrubs a text that may have lines.
func (p *eventPass) long(t string) string {
	t = p.Text(t)
	p.size += len(t)
	return t
}

// nested scrubs a map of values of any type.
func (p *eventPass) nested(parent string, m map[string]any) map[string]any {
	if len(m) == 0 {
		return m
	}
	w := values.NewWalker(&p.texts)
	next := w.Map(parent, m)
	p.size += w.Size()
	return next
}

// each returns list with every element scrubbed: list itself if nothing has
// changed, a copy otherwise.
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

// assign puts a scrubbed text in its place and reports whether it differs.
func assign(field *string, text string) bool {
	if *field == text {
		return false
	}
	*field = text
	return true
}

func (p *eventPass) titles(e *sentry.Event) {
	e.Message = p.long(e.Message)
	e.Transaction = p.line(e.Transaction, maxTitle)
	e.Logger = p.line(e.Logger, maxTitle)
	e.ServerName = p.line(e.ServerName, maxTitle)
	e.Fingerprint = each(e.Fingerprint, func(t string) (string, bool) {
		next := p.line(t, maxTitle)
		return next, next != t
	})
}

// tags scrubs tags. One whose key would have to change goes: what is left of
// such a key is none.
func (p *eventPass) tags(tags map[string]string) map[string]string {
	var out map[string]string
	drop := func(k string) {
		if out == nil {
			out = maps.Clone(tags)
		}
		delete(out, k)
	}
	if len(tags) > maxTags {
		for _, k := range slices.Sorted(maps.Keys(tags))[maxTags:] {
			drop(k)
		}
	}
	for k, v := range tags {
		if out != nil {
			if _, kept := out[k]; !kept {
				continue
			}
		}
		if v == "" || p.line(k, maxTag) != k {
			drop(k) // Sentry marks an event with an empty tag as faulty
			continue
		}
		if next := p.tag(k, v); next != v {
			if out == nil {
				out = maps.Clone(tags)
			}
			out[k] = next
		}
	}
	if out == nil {
		return tags
	}
	return out
}

func (p *eventPass) tag(key, value string) string {
	if values.IsVersion(key, value) {
		p.size += len(value)
		return value
	}
	return p.line(p.named(key, value), maxTag)
}

// named returns filtered for a value whose name makes it secret, and otherwise
// the value to be looked at.
func (p *eventPass) named(key, value string) string {
	if texts.HidesNothing(value) || p.texts.Sensitivity(key) == texts.NotSecret || texts.IsWorkingDirectory(key, value) {
		return value
	}
	return texts.Filtered
}

// contexts scrubs the contexts. A context has to be a map, even one whose name
// is that of a secret.
func (p *eventPass) contexts(e *sentry.Event) {
	var out map[string]sentry.Context
	for name, c := range e.Contexts {
		next := c
		if p.texts.Sensitivity(name) != texts.NotSecret && len(c) > 0 {
			next = sentry.Context{"value": texts.Filtered}
		}
		next = p.nested(name, next)
		if same(next, c) {
			continue
		}
		if out == nil {
			out = maps.Clone(e.Contexts)
		}
		out[name] = next
	}
	if out != nil {
		e.Contexts = out
	}
}

// same reports whether two maps are one.
func same(a, b map[string]any) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}

// user scrubs the user. Who it was is not told, which one it was may be.
func (p *eventPass) user(u *sentry.User) {
	u.Email, u.IPAddress, u.Username, u.Name = "", "", "", ""
	u.ID = p.line(u.ID, maxTag)
	u.Data = p.stringMap(u.Data)
}

// stringMap scrubs a map of strings by name and by text.
func (p *eventPass) stringMap(m map[string]string) map[string]string {
	if len(m) == 0 {
		return m
	}
	out := m
	for k, v := range m {
		name := p.line(k, maxTag)
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
