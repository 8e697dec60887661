package texts

// Unbounded scrubs a text of any size, for the tests of how long that takes.
func (s *Scrubber) Unbounded(t string) string { return s.settle(t, len(t)+MaxText) }
