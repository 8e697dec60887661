package scrub

import (
	"mime"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/values"
)

// maxAttachment is how many bytes of an attached text stay. Sentry accepts
// more, but scrubbing them would take too long in a process that is about to
// die.
const maxAttachment = 1 << 20

// attachment scrubs the name of an attachment, and its payload if it is a text.
func (p *pass) attachment(a *sentry.Attachment) (*sentry.Attachment, bool) {
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

// isTextType reports whether an attachment with this media type can be a text.
// Without a media type it can.
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
