package scrub

// Unbounded scrubs a text of any size, for the tests of how long that takes.
func (s *Scrubber) Unbounded(t string) string { return s.settle(t, len(t)+MaxText) }

// NamesSecret reports whether a name makes its value secret.
func (s *Scrubber) NamesSecret(name string) bool { return s.key(name) != notSecret }

// The bounds of a whole event.
const (
	MaxEvent       = maxEvent
	MaxTransaction = maxTransaction
	MaxAttachment  = maxAttachment
	MaxTag         = maxTag
)
