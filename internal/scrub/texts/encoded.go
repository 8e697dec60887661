package texts

import "strings"

// encodedPair reads a name and its value in the encoding of a URL. The
// separator at i is the %3A of a JSON text in a query, or the %3D of a form
// that is a value of another form:
//
//	%22password%22%3A%22hunter2%22
//	password%3Dhunter2%26user%3Dbob
func (x *scanner) encodedPair(i int) int {
	from := runBack(x.s, i, maxName, x.done, isNameByte)
	name := strings.TrimSuffix(x.s[from:i], "%22")
	if n := strings.LastIndexByte(name, '%'); n >= 0 && n+3 <= len(name) {
		name = name[n+3:]
	}
	if x.config.Sensitivity(name) == NotSecret {
		return i
	}
	start := i + 3
	for strings.HasPrefix(x.s[start:], "%22") || strings.HasPrefix(x.s[start:], "%20") {
		start += 3
	}
	end := start
	for end < len(x.s) && inURL(x.s[end]) && strings.IndexByte("&#'", x.s[end]) < 0 && !endsEncoded(x.s[end:]) {
		end++
	}
	if end == start || HidesNothing(x.s[start:end]) {
		return i
	}
	return x.replace(start, end, Filtered)
}

// endsEncoded reports whether s begins with a byte that ends a value in encoded
// JSON or in an encoded form.
func endsEncoded(s string) bool {
	if s[0] != '%' || len(s) < 3 {
		return false
	}
	switch s[:3] {
	case "%22", "%2C", "%2c", "%7D", "%7d", "%5D", "%5d", "%26":
		return true
	}
	return false
}
