package texts

import "strings"

// brackets reads a value in brackets that begins at start:
//
//	{User:bob Key:x}
//	[1 2 3]
//	map[a:b]
//	&main.T{…}
//	[]byte{0x1}
//	{"a": ["b"]}
//
// It returns the end of the value, or start if no bracket begins there.
// Brackets within a string in quotes do not count, unless the quotes of the
// text do not pair up.
func (x *scanner) brackets(start int) int {
	const maxType = 2 * maxName
	at := run(x.s, start, maxType, func(c byte) bool { return isWord(c) || strings.IndexByte("&*./", c) >= 0 })
	if strings.HasPrefix(x.s[at:], "[]") { // []main.T{…}
		at = run(x.s, at+2, maxType, func(c byte) bool { return isWord(c) || strings.IndexByte("*./[]", c) >= 0 })
	}
	if at >= len(x.s) || strings.IndexByte("{[(", x.s[at]) < 0 {
		return start
	}
	if at > start && x.s[at] == '[' && !strings.HasSuffix(x.s[start:at], "map") {
		return start
	}
	if !x.oddQuotes {
		if end := balanced(x.s, at, true); end > 0 {
			return end
		}
		x.oddQuotes = true
	}
	if end := balanced(x.s, at, false); end > 0 {
		return end
	}
	return len(x.s)
}

// balanced returns the index after the bracket that closes the one at i, or 0
// if there is none. It does not tell the kinds of brackets apart, because what
// a program prints is well-formed unless it was cut. With quotes, it ignores
// brackets in strings.
func balanced(s string, i int, quotes bool) int {
	depth, in := 0, false
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case quotes && c == '\\':
			if i+1 < len(s) && s[i+1] == '\\' {
				i++
			}
		case quotes && c == '"' && (i == 0 || s[i-1] != '\\' || !in):
			in = !in
		case in:
		case c == '{' || c == '[' || c == '(':
			depth++
		case c == '}' || c == ']' || c == ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return 0
}
