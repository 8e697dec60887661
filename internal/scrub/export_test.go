package scrub

import "github.com/panicreport/sentry/internal/scrub/values"

// Value returns v, the value under key, without secrets.
func (s *Scrubber) Value(key string, v any) any {
	w := values.NewWalker(&s.texts)
	next, _ := w.Value(key, v)
	return next
}

// The bounds of a whole event.
const (
	MaxAttachment = maxAttachment
	MaxTag        = maxTag
)
