package texts

import "strings"

// headerStop reports whether the value of a header ends at i. The values of
// Authorization and Cookie have semicolons, commas, quotes and names of their
// own:
//
//	Cookie: session=abc; theme=dark
//	Authorization: Digest username="bob", realm="x"
//
// In a query, where cookie=abc can stand too, the value ends at the next &.
func (x *scanner) headerStop(f *form, start, i int) bool {
	switch c := x.s[i]; c {
	case '&':
		return f.sep == '='
	case ' ', '\t':
		return x.headerEnds(f, start, i)
	case '}', ']':
		return x.closesAt(f, i)
	case '\\':
		return i+1 < len(x.s) && (x.s[i+1] == 'n' || x.s[i+1] == 'r' || isQuote(x.s[i+1]) && f.before == x.s[i+1])
	}
	return false
}

// headerEnds reports whether the value of a header ends at the blank at i. It
// ends if the next header or a flag follows. It goes on if the next cookie or
// the next parameter of Digest follows.
func (x *scanner) headerEnds(f *form, start, i int) bool {
	if i == start {
		return false
	}
	next := x.nameSeparator(i + 1)
	switch x.s[i-1] {
	case ';':
		return false
	case ',':
		return next == ':' && f.sep == ':'
	}
	return next != 0 && !x.isAuthScheme(start, i) || strings.HasPrefix(x.s[i+1:], "--")
}

// isAuthScheme reports whether the value s[start:end] is only the scheme of an
// Authorization header whose parameters follow as name="value".
func (x *scanner) isAuthScheme(start, end int) bool {
	switch strings.ToLower(x.s[start:end]) {
	case "digest", "oauth", "sentry", "aws4-hmac-sha256", "hawk", "mac", "signature":
		return true
	}
	return false
}
