package texts

// Unbounded scrubs a text of any size, for the tests of how long that takes.
func (s *Scrubber) Unbounded(t string) string { return s.settle(t, len(t)+MaxText) }

// Break has the rules panic for every name.
func (s *Scrubber) Break() { s.names.configured, s.names.letters = []string{"x"}, nil }

// A Sample is that of one rule.
type Sample struct{ Text, Hides, Innocent string }

// Samples are those of all rules.
func Samples() (all []Sample) {
	add := func(list []sample) {
		for _, s := range list {
			all = append(all, Sample{s.text, s.hides, s.innocent})
		}
	}
	for _, r := range rules {
		add(r.samples)
	}
	for _, r := range wordRules {
		add(r.samples)
	}
	return all
}
