package scrub

import (
	"github.com/panicreport/sentry/internal/scrub/texts"
	"github.com/panicreport/sentry/internal/scrub/values"
	"maps"
	"mime"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
	"github.com/getsentry/sentry-go/attribute"
)

// maxAttachment is how much of a text that is attached stays. Sentry takes more,
// but every byte of it has been scanned by a process that is dying.
const maxAttachment = 1 << 20

func (p *eventPass) breadcrumb(b *sentry.Breadcrumb) (*sentry.Breadcrumb, bool) {
	if b == nil {
		return nil, false
	}
	c := *b
	changed := assign(&c.Message, p.long(b.Message))
	changed = assign(&c.Category, p.line(b.Category, maxTitle)) || changed
	c.Data = p.nested("", b.Data)
	if !values.IsJSONTime(b.Timestamp) { // the event could not be encoded
		c.Timestamp, changed = time.Time{}, true
	}
	if !changed && same(c.Data, b.Data) {
		return b, false
	}
	return &c, true
}

func (p *eventPass) attachment(a *sentry.Attachment) (*sentry.Attachment, bool) {
	if a == nil {
		return nil, false
	}
	c := *a
	changed := assign(&c.Filename, p.line(a.Filename, maxTitle))
	if isTextType(a.ContentType) && values.IsText(a.Payload) {
		text := string(a.Payload)
		if next := p.texts.Text(text, maxAttachment); next != text {
			c.Payload, changed = []byte(next), true
		}
	}
	return &c, changed
}

// Attachment is what Event does to an attachment, for one that comes beside
// other telemetry. A payload that is no text stays as it is.
func (s *Scrubber) Attachment(a sentry.Attachment) sentry.Attachment {
	p := eventPass{Scrubber: s}
	next, _ := p.attachment(&a)
	return *next
}

// isTextType reports whether a media type may be that of text. Where it is not
// given, the bytes say.
func isTextType(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return true
	}
	kind, sub, _ := strings.Cut(media, "/")
	switch kind {
	case "image", "audio", "video", "font":
		return strings.HasSuffix(sub, "xml") // SVG
	}
	return true
}

// span scrubs a span. It is built anew where it changes: the application may
// have the span, and its lock.
func (p *eventPass) span(s *sentry.Span) (*sentry.Span, bool) {
	if s == nil {
		return nil, false
	}
	c := &sentry.Span{
		TraceID: s.TraceID, SpanID: s.SpanID, ParentSpanID: s.ParentSpanID,
		Name: p.line(s.Name, maxTitle), Op: s.Op, Description: p.long(s.Description), Status: s.Status,
		Tags: p.tags(s.Tags), StartTime: s.StartTime, EndTime: s.EndTime, Data: p.nested("", s.Data),
		Sampled: s.Sampled, Source: s.Source, Origin: s.Origin,
	}
	return c, true
}

// images scrubs the paths of debug images, which no Go program has by itself.
func (p *eventPass) images(e *sentry.Event) {
	if e.DebugMeta == nil || len(e.DebugMeta.Images) == 0 {
		return
	}
	e.DebugMeta = &sentry.DebugMeta{
		SdkInfo: e.DebugMeta.SdkInfo,
		Images: each(e.DebugMeta.Images, func(i sentry.DebugMetaImage) (sentry.DebugMetaImage, bool) {
			changed := assign(&i.CodeFile, p.line(i.CodeFile, maxTitle))
			return i, assign(&i.DebugFile, p.line(i.DebugFile, maxTitle)) || changed
		}),
	}
}

func (p *eventPass) log(l sentry.Log) (sentry.Log, bool) {
	changed := assign(&l.Body, p.long(l.Body))
	next, diff := p.attributes(l.Attributes)
	l.Attributes = next
	return l, changed || diff
}

func (p *eventPass) metric(m sentry.Metric) (sentry.Metric, bool) {
	next, changed := p.attributes(m.Attributes)
	m.Attributes = next
	return m, changed
}

// attributes scrubs the typed values of a log or a metric.
func (p *eventPass) attributes(m map[string]attribute.Value) (map[string]attribute.Value, bool) {
	var out map[string]attribute.Value
	w := values.NewWalker(&p.texts)
	for k, v := range m {
		next, changed := w.Value(k, v.AsInterface())
		if !changed {
			continue
		}
		if out == nil {
			out = maps.Clone(m)
		}
		out[k] = attributeOf(next)
	}
	p.size += w.Size()
	if out == nil {
		return m, false
	}
	return out, true
}

// attributeOf returns what became of an attribute.
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
