package scrub

import (
	"maps"

	"github.com/getsentry/sentry-go"
	"github.com/getsentry/sentry-go/attribute"

	"github.com/panicreport/sentry/internal/scrub/texts"
	"github.com/panicreport/sentry/internal/scrub/values"
)

// span scrubs a span of a transaction. It always makes a new one with the
// exported fields of s: a span can not be copied, because it has a lock.
func (p *pass) span(s *sentry.Span) (*sentry.Span, bool) {
	if s == nil {
		return nil, false
	}
	c := &sentry.Span{
		TraceID: s.TraceID, SpanID: s.SpanID, ParentSpanID: s.ParentSpanID,
		Name: p.line(s.Name, maxTitle), Op: p.name(s.Op, maxTag), Description: p.long(s.Description), Status: s.Status,
		Tags: p.tags(s.Tags), StartTime: s.StartTime, EndTime: s.EndTime, Data: p.nested("", s.Data),
		Sampled: s.Sampled, Source: sentry.TransactionSource(p.plain(string(s.Source), maxTag)),
		Origin: sentry.SpanOrigin(p.plain(string(s.Origin), maxTag)),
	}
	return c, true
}

// log scrubs an entry of a log.
func (p *pass) log(l sentry.Log) (sentry.Log, bool) {
	changed := assign(&l.Body, p.long(l.Body))
	changed = assign((*string)(&l.Level), p.plain(string(l.Level), maxTag)) || changed
	next, diff := p.attributes(l.Attributes)
	l.Attributes = next
	return l, changed || diff
}

// metric scrubs a metric.
func (p *pass) metric(m sentry.Metric) (sentry.Metric, bool) {
	next, changed := p.attributes(m.Attributes)
	m.Attributes = next
	changed = assign(&m.Name, p.name(m.Name, maxTag)) || changed
	return m, assign(&m.Unit, p.plain(m.Unit, maxTag)) || changed
}

// attributes scrubs the typed values of a log or a metric.
func (p *pass) attributes(m map[string]attribute.Value) (map[string]attribute.Value, bool) {
	var out map[string]attribute.Value
	w := values.NewWalker(p.texts)
	for k, v := range m {
		name := p.name(k, maxTag)
		next, changed := w.Value(k, v.AsInterface())
		gone := values.IsPersonal(k)
		if !changed && name == k && !gone {
			continue
		}
		if out == nil {
			out = maps.Clone(m)
		}
		if name != k || gone {
			delete(out, k)
		}
		switch {
		case gone:
		case changed:
			out[name] = attributeOf(next)
		default:
			out[name] = v
		}
	}
	p.size += w.Size()
	if out == nil {
		return m, false
	}
	return out, true
}

// attributeOf returns the attribute for a scrubbed value.
func attributeOf(v any) attribute.Value {
	switch v := v.(type) {
	case string:
		return attribute.StringValue(v)
	case []any:
		list := make([]string, len(v))
		for i := range v {
			list[i], _ = v[i].(string)
		}
		return attribute.StringSliceValue(list)
	}
	return attribute.StringValue(texts.Filtered)
}
