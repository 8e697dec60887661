package texts

import "strings"

// trailing are the bytes that end a sentence or a structure. At the end of a
// value they do not belong to the value.
const trailing = ".,;:!?)]}>"

// scalar returns the end of a value that has neither quotes nor brackets. The
// value begins at start.
func (x *scanner) scalar(f *form, start int) int {
	end := start
	switch {
	case f.sense == HeaderSecret:
		end = x.until(f, start, toHeader)
	case f.quote != 0:
		end = run(x.s, start, len(x.s), func(c byte) bool { return !isSpace(c) && strings.IndexByte(",}])", c) < 0 })
		return end
	case f.sep == ':' && (f.spaced || f.nested):
		end = x.until(f, start, toName)
	case f.sep == '=' && (f.lineHead && f.spaced || f.before == ';'):
		end = x.until(f, start, toName)
	default:
		end = x.until(f, start, toBlank)
	}
	for end > start && isSpace(x.s[end-1]) {
		end--
	}
	if end == start {
		return start
	}
	low := start
	if n := placeholder(x.s[start:end]); n > 0 {
		low += n
	}
	if v := x.s[start:end]; v[0] == '<' && v[len(v)-1] == '>' || strings.HasPrefix(v, "${") { // <nil>, ${NAME}
		return end
	}
	for end > low+1 && strings.IndexByte(trailing, x.s[end-1]) >= 0 {
		end--
	}
	return end
}

// An extent is a way to find the end of a value without quotes.
type extent uint8

const (
	toBlank  extent = iota // up to a blank: logfmt, a form, a query
	toName                 // over blanks, up to the next name
	toHeader               // over everything that the value of a header can have
)

// until returns the first index from start on where the value ends.
func (x *scanner) until(f *form, start int, how extent) int {
	for i := start; i < len(x.s); i++ {
		c := x.s[i]
		if isLine(c) || c == f.before && isQuote(c) || x.ends(f, start, i, how) {
			return i
		}
	}
	return len(x.s)
}

// ends reports whether the value ends at i. It is a switch because with a table
// of functions each scanner would be allocated on the heap.
func (x *scanner) ends(f *form, start, i int, how extent) bool {
	switch how {
	case toName:
		return x.lineStop(f, start, i)
	case toHeader:
		return x.headerStop(f, start, i)
	}
	return x.wordStop(f, i)
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
	case '\\': // an escaped line break or quote
		return i+1 < len(x.s) && strings.IndexByte(`nrt"'`, x.s[i+1]) >= 0 && x.quotedEnd(i+1)
	}
	return false
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
	case '\\':
		return i+1 < len(x.s) && strings.IndexByte(`nrt"'`, x.s[i+1]) >= 0 && x.quotedEnd(i+1)
	}
	return false
}

// listGoesOn reports whether the next name is at i, or the list ends there.
func (x *scanner) listGoesOn(i int) bool {
	if i >= len(x.s) || isSpace(x.s[i]) || x.nameAt(i) {
		return true
	}
	end := run(x.s, i, maxName, isNameByte) // names in a query: card%5Bexp%5D, user[name]
	return end > i && end < len(x.s) && x.s[end] == '='
}

// afterQuote reports whether the text at i can follow the closing quote of a
// string.
func (x *scanner) afterQuote(i int) bool { return i >= len(x.s) || !isAlnum(x.s[i]) }

// quotedEnd reports whether a value ends at the byte at i, which follows a
// backslash. It ends at a quote, and at a line break with a name and its value
// after it.
func (x *scanner) quotedEnd(i int) bool {
	return isQuote(x.s[i]) || x.nameAt(i+1) || i+1 == len(x.s)
}

// closesAt reports whether the bracket at i closes the bracket in which the
// name is. A value can have brackets of its own, but these are rarely followed
// by a blank, a quote or another bracket.
func (x *scanner) closesAt(f *form, i int) bool {
	if !f.nested && f.before != '(' && f.before != '[' && f.before != '{' {
		return false
	}
	next := i + 1
	return next == len(x.s) || isSpace(x.s[next]) || isQuote(x.s[next]) || strings.IndexByte(`}])>,;:.\`, x.s[next]) >= 0
}
