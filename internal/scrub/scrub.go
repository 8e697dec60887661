// Package scrub removes secrets, and what identifies a person, from everything
// that the library sends: events, the other items of an envelope, attachments.
// It is the last step before a report is stored and sent. What it does not
// recognise as private it keeps, because a report has to stay readable.
//
// The package knows where in an event and in the payload of an envelope item
// the texts are, under which names, and what has to stay valid for Sentry's
// server. The packages below it do the rest:
//
//   - texts decides what is secret in a text, and what the name of a value says
//     about the value.
//   - values goes through values of any type.
//   - fit makes an event small enough.
//
// It does not change what the application may still hold (breadcrumbs,
// contexts, a request): where something in it is secret, the event gets a copy.
//
//	s := scrub.New(scrub.Config{SensitiveKeys: []string{"tenant"}})
//	s.Text("dial postgres://bob:hunter2@10.1.2.3/app: timeout")
//	// dial postgres://[Filtered]@[ip]/app: timeout
//
// # Where a new rule goes
//
//   - What is secret in a text, or because of its name: package texts.
//   - What is secret within a map, a list or a type: package values.
//   - A field of an event: event.go, or the file of the part that the field
//     belongs to.
//   - A field of another envelope item: document.go.
package scrub

import (
	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/fit"
	"github.com/panicreport/sentry/internal/scrub/texts"
)

// Config says what is secret in addition to what always is.
type Config = texts.Config

// A Scrubber removes secrets. It is safe for concurrent use.
type Scrubber struct {
	texts     texts.Scrubber
	userNames bool
}

// New returns a Scrubber for c. No Config is an error: New leaves out what
// makes no sense.
func New(c Config) *Scrubber { return &Scrubber{texts: texts.New(c), userNames: c.UserNames} }

// Event removes the secrets from all texts of e, in place. Breadcrumbs,
// contexts and other parts that the application may still hold are copied
// before they are changed. Event also makes an event that is too large for
// Sentry smaller, see package fit.
func (s *Scrubber) Event(e *sentry.Event) {
	p := s.pass()
	p.event(e)
	fit.Event(e, p.size)
}

// JSON returns the payload of an envelope item that is no event without
// secrets. What Sentry's protocol needs stays as it is: ids, times, the release
// and the environment, the status and the type of the item. It is an error if
// doc is no JSON. The text of the error has no part of doc.
func (s *Scrubber) JSON(doc []byte) ([]byte, error) {
	p := s.pass()
	return p.document(doc)
}

// Text returns t without secrets, as valid UTF-8 and in at most texts.MaxText
// bytes. A text that needs no change is returned as it is.
func (s *Scrubber) Text(t string) string { return s.texts.Text(t, texts.MaxText) }

// Attachment returns an attachment without secrets. It is for one that is an
// envelope item of its own. A payload that is no text stays as it is.
func (s *Scrubber) Attachment(a sentry.Attachment) sentry.Attachment {
	p := s.pass()
	next, _ := p.attachment(&a)
	return *next
}

func (s *Scrubber) pass() pass { return pass{texts: &s.texts, userNames: s.userNames} }
