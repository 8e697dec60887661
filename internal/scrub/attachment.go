package scrub

import (
	"bytes"
	"encoding/binary"
	"mime"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/texts"
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
	changed = assign(&c.ContentType, p.plain(a.ContentType, maxTag)) || changed
	text, ok := "", false
	if isTextType(a.ContentType) {
		text, ok = textOf(a.Payload)
	}
	if !ok {
		return &c, changed
	}
	if next := p.texts.Text(text, maxAttachment); next != string(a.Payload) {
		c.Payload, changed = []byte(next), true
	}
	return &c, changed
}

// textOf returns the text that a payload is. It is also one with a few bytes that
// no text has, as in the log of a program that prints what it is sent. Text of
// Windows can be UTF-16.
func textOf(payload []byte) (string, bool) {
	payload = payload[:min(len(payload), maxAttachment+texts.MaxRead)]
	if values.IsText(payload) {
		return string(payload), true
	}
	if text, ok := fromUTF16(payload); ok {
		return text, true
	}
	const most = 10 // of a hundred bytes can be none of a text
	bad := 0
	for i := 0; i < len(payload); {
		r, n := utf8.DecodeRune(payload[i:])
		if r == utf8.RuneError && n == 1 || r < ' ' && !unicode.IsSpace(r) && r != '\x1b' {
			bad++
		}
		i += n
	}
	return string(payload), bad <= 1+len(payload)*most/100
}

// fromUTF16 decodes a payload that begins with the mark of UTF-16.
func fromUTF16(payload []byte) (string, bool) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(payload, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(payload, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	default:
		return "", false
	}
	units := make([]uint16, 0, len(payload)/2)
	for b := payload[2:]; len(b) > 1; b = b[2:] {
		units = append(units, order.Uint16(b))
	}
	text := string(utf16.Decode(units))
	return text, values.IsText([]byte(text))
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
