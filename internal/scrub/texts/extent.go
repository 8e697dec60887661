package texts

import "strings"

// An extent is a way to find the end of a value without quotes and brackets.
type extent uint8

const (
	toBlank  extent = iota // up to a blank: logfmt, a form, a query
	toName                 // over blanks, up to the next name: a line, %+v
	toHeader               // over everything that the value of a header can have
	toComma                // up to what ends a number or a word of JSON
)

// extent says how far the value of a form goes.
func (f *form) extent() extent {
	switch {
	case f.sense == HeaderSecret:
		return toHeader
	case f.quote != 0 && f.nextLine:
		return toName
	case f.quote != 0:
		return toComma
	case f.sep == ':' && (f.spaced || f.nested),
		f.sep == '=' && (f.lineHead && f.spaced || f.before == ';'):
		return toName
	}
	return toBlank
}

// scalar returns the end of a value that has neither quotes nor brackets. The
// value begins at start.
func (x *scanner) scalar(f *form, start int) int {
	how := f.extent()
	end := start
	for end < len(x.s) && !x.ends(f, start, end, how) {
		end++
	}
	for end > start && isSpace(x.s[end-1]) {
		end--
	}
	if end == start || how == toComma {
		return end
	}
	low := start + placeholder(x.s[start:end])
	if v := x.s[start:end]; v[0] == '<' && v[len(v)-1] == '>' || strings.HasPrefix(v, "${") { // <nil>, ${NAME}
		return end
	}
	for end > low+1 && isOneOf(x.s[end-1], trailing) {
		end--
	}
	return end
}

// ends reports whether the value that begins at start ends at i.
func (x *scanner) ends(f *form, start, i int, how extent) bool {
	c := x.s[i]
	if isLine(c) {
		return true
	}
	if how == toComma {
		return isSpace(c) || isOneOf(c, ",}])")
	}
	if c == f.before && isQuote(c) {
		return true
	}
	if c == '\\' {
		return x.escapeEnds(f, i, how)
	}
	switch how {
	case toName:
		return x.lineStop(f, start, i)
	case toHeader:
		return x.headerStop(f, start, i)
	}
	return x.wordStop(f, i) && !(f.words && x.s[i] == ' ' && x.wordAt(i+1))
}

// escapeEnds reports whether a value ends at the backslash at i. It ends at an
// escaped quote, and at an escaped line break with a name and its value after it.
// Others can be a part of the value, as in password=abc\new.
func (x *scanner) escapeEnds(f *form, i int, how extent) bool {
	for i+1 < len(x.s) && x.s[i+1] == '\\' { // escaped more than once
		i++
	}
	if i+1 == len(x.s) {
		return false
	}
	switch c := x.s[i+1]; c {
	case 'n', 'r', 't':
		return i+2 == len(x.s) || x.nameAt(i+2) || x.s[i+2] == '\\' || how == toHeader && c != 't'
	case '"', '\'':
		return how != toHeader || f.before == c
	}
	return false
}

// wordStop reports whether a value ends at i that has no blanks:
//
//	password=hunter2 user=bob
//	password=hunter2&user=bob
//
// The bytes that end a value also occur in passwords. So the value ends at such
// a byte only if what follows fits.
func (x *scanner) wordStop(f *form, i int) bool {
	switch c := x.s[i]; c {
	case ' ', '\t':
		return true
	case '&', ';', ',':
		return x.listGoesOn(i + 1)
	case '"', '\'', '`':
		return x.afterQuote(i + 1)
	case '}', ']':
		return x.closesAt(f, i)
	}
	return false
}

// wordAt reports whether one of the words of a wallet is at i:
//
//	mnemonic=legal winner thank year
func (x *scanner) wordAt(i int) bool {
	const shortest, longest = 3, 8
	end := run(x.s, i, longest+1, isLower)
	return end-i >= shortest && end-i <= longest && (end == len(x.s) || isSpace(x.s[end]) || isQuote(x.s[end]))
}

// lineStop reports whether a value ends at i that can have blanks. It ends at
// the next name, at a comma, or at a bracket that was opened before the value:
//
//	{User:bob Password:hunter two Age:3}
//	password: hunter two, user: bob
func (x *scanner) lineStop(f *form, start, i int) bool {
	switch c := x.s[i]; c {
	case ' ', '\t':
		return x.nameAt(i + 1)
	case ';', '|':
		return x.listGoesOn(i + 1)
	case '"', '`':
		return i > start && x.afterQuote(i+1)
	case ':': // password: hunter2: access denied
		return !f.lineHead && f.spaced && i+1 < len(x.s) && x.s[i+1] == ' '
	case ',':
		if f.lineHead {
			return x.nameAt(run(x.s, i+1, 1, isBlank))
		}
		return i+1 == len(x.s) || isSpace(x.s[i+1]) || x.nameAt(i+1)
	case '}', ']', ')':
		return x.closesAt(f, i)
	}
	return false
}

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
	return next != 0 && !x.isScheme(start, i, next) || strings.HasPrefix(x.s[i+1:], "--")
}

// isScheme reports whether the value s[start:end] is only the scheme of an
// Authorization header. What follows are its parameters, name="value", or the
// base64 of its credentials, which can end in = as a name does.
func (x *scanner) isScheme(start, end int, separator byte) bool {
	switch strings.ToLower(x.s[start:end]) {
	case "digest", "oauth", "sentry", "aws4-hmac-sha256", "hawk", "mac", "signature":
		return true
	case "basic", "bearer", "token", "negotiate", "ntlm", "apikey":
		return separator == '='
	}
	return false
}

// listGoesOn reports whether the next name is at i, or the list ends there.
func (x *scanner) listGoesOn(i int) bool {
	if i >= len(x.s) || isSpace(x.s[i]) || x.nameAt(i) {
		return true
	}
	end := run(x.s, i, maxName, isNameByte) // names in a query: user[name]
	return end > i && end < len(x.s) && x.s[end] == '='
}

// afterQuote reports whether the text at i can follow the closing quote of a
// string.
func (x *scanner) afterQuote(i int) bool { return i >= len(x.s) || !isAlnum(x.s[i]) }

// closesAt reports whether the bracket at i closes the bracket in which the
// name is. A value can have brackets of its own, but these are rarely followed
// by a blank, a quote or another bracket.
func (x *scanner) closesAt(f *form, i int) bool {
	if !f.nested && !isOneOf(f.before, "([{") {
		return false
	}
	next := i + 1
	return next == len(x.s) || isSpace(x.s[next]) || isQuote(x.s[next]) || isOneOf(x.s[next], `}])>,;:.\`)
}
