package texts

// announced reads a pair whose name is "name" or "value". The text before a
// "value" says what it is the value of:
//
//	{"name":"password","value":"hunter2"}
//	{Name:password Value:hunter2}
//
// If the pair at the separator i is a "name" of a secret, announced remembers
// that for the next maxName bytes. It reports whether the pair is the "value"
// that belongs to such a name.
func (x *scanner) announced(f *form, i int) bool {
	switch x.s[f.from:f.to] {
	case "name", "Name", "key", "Key":
		from := run(x.s, i+1, maxGap, func(c byte) bool { return isSpace(c) || isQuote(c) || c == '\\' })
		to := run(x.s, from, maxName, isNameByte)
		x.announcedTo = 0
		if x.config.Sensitivity(x.s[from:to]) != NotSecret {
			x.announcedTo = to + maxName
		}
	case "value", "Value":
		if i < x.announcedTo {
			x.announcedTo = 0
			f.sense = Secret
			return true
		}
	}
	return false
}
