// Package scrub removes secrets, and what identifies a person, from everything
// that the library sends: events, the other items of an envelope, attachments.
// It is the last step before a report is stored and sent. What it does not
// recognise as private it keeps, because a report has to stay readable.
//
// Package texts decides what is secret in a text, and what the name of a value
// says about the value. This package knows where the texts of an event and of
// an envelope are, and what has to stay valid for Sentry's server.
//
//	s := scrub.New(scrub.Config{SensitiveKeys: []string{"tenant"}})
//	s.Text("dial postgres://bob:hunter2@10.1.2.3/app: timeout")
//	// dial postgres://[Filtered]@[ip]/app: timeout
package scrub

import "github.com/panicreport/sentry/internal/scrub/texts"

// Config says what is secret in addition to what always is.
type Config = texts.Config

// A Scrubber removes secrets. It is safe for concurrent use.
type Scrubber struct {
	texts texts.Scrubber
}

// New returns a Scrubber for c. No Config is an error: New leaves out what makes
// no sense.
func New(c Config) *Scrubber { return &Scrubber{texts: texts.New(c)} }

// Text returns t without secrets, as valid UTF-8 and in at most texts.MaxText
// bytes. A text that needs no change is returned as it is.
func (s *Scrubber) Text(t string) string { return s.texts.Text(t, texts.MaxText) }
