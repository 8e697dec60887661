package texts

// yamlBlock reads a block of YAML that begins with the | or > at start:
//
//	password: |
//	  hunter2
//
// It returns the end of the block, or start if none begins there. The block
// ends at the first line that is not indented more than the name.
func (x *scanner) yamlBlock(f *form, start int) int {
	if f.sep != ':' || x.s[start] != '|' && x.s[start] != '>' {
		return start
	}
	at := run(x.s, start+1, 3, func(c byte) bool { return isDigit(c) || c == '+' || c == '-' })
	if at >= len(x.s) || !isLine(x.s[at]) {
		return start
	}
	indent := 0
	if f.lineHead {
		indent = f.from - runBack(x.s, f.from, maxName, x.done, func(c byte) bool { return !isLine(c) })
	}
	for at < len(x.s) {
		line := run(x.s, at, 2, isLine)
		text := run(x.s, line, maxName, isBlank)
		if text-line <= indent && text < len(x.s) && !isLine(x.s[text]) {
			break
		}
		at = text
		for at < len(x.s) && !isLine(x.s[at]) {
			at++
		}
	}
	return at
}
