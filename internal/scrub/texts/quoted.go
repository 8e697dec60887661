package texts

import "strings"

// opening finds the quote with which the value at start begins:
//
//	"hunter2"
//	\"hunter2\"
//	b'hunter2'
//
// It returns the index of the quote and the number of backslashes before it.
// The index is -1 if the value has no quotes.
func (x *scanner) opening(start int) (open, escapes int) {
	if start+1 < len(x.s) && strings.IndexByte("burNL@", x.s[start]) >= 0 && isQuote(x.s[start+1]) {
		return start + 1, 0 // b'x' of Python, N'x' of SQL
	}
	at := run(x.s, start, maxGap, func(c byte) bool { return c == '\\' })
	if at < len(x.s) && isQuote(x.s[at]) {
		return at, at - start
	}
	return -1, 0
}

// quoted replaces what is between an opening quote and the closing one, from
// from on. Without a closing quote the text was cut, and quoted replaces all of
// the rest. It returns the index after the closing quote.
func (x *scanner) quoted(from int, quote byte, escapes int) int {
	to, next := closing(x.s, from, quote, escapes)
	if line, ok := x.reopened(from, to, next); ok {
		to, next = line, line
	}
	if to == from || HidesNothing(x.s[from:to]) {
		return next
	}
	x.replace(from, to, Filtered)
	return next
}

// reopened reports whether the quote before next opens the next string instead
// of closing the one that begins at from, because that one was never closed:
//
//	password="abc
//	password="hunter2"
//
// It returns the line break where the first string ends.
func (x *scanner) reopened(from, to, next int) (line int, ok bool) {
	n := strings.LastIndexAny(x.s[from:to], "\r\n")
	if n < 0 || next >= len(x.s) || strings.IndexByte(" \t\r\n,;:)]}&|<>\"'`\\.", x.s[next]) >= 0 {
		return 0, false
	}
	return from + n, true
}

// closing returns the end of the quoted string that begins at from, and the
// index after its closing quote. escapes is the number of backslashes before
// the opening quote.
func closing(s string, from int, quote byte, escapes int) (to, next int) {
	backslashes := 0
	for i := from; i < len(s); i++ {
		if s[i] == '\\' && quote != '`' {
			backslashes++
			continue
		}
		if s[i] == quote && closes(backslashes, escapes) {
			if quote == '\'' && escapes == 0 && i+1 < len(s) && s[i+1] == quote && i > from {
				i++ // SQL writes a quote inside a string twice
				continue
			}
			return max(from, i-min(backslashes, escapes)), i + 1
		}
		backslashes = 0
	}
	return len(s), len(s)
}

// closes reports whether a quote with so many backslashes before it closes a
// string that was opened by a quote with escapes backslashes before it. Each
// time a string is printed inside another string, the number of backslashes
// doubles and grows by one: \" closes what \" opened, \\\" does not.
func closes(backslashes, escapes int) bool {
	for ; escapes > 0; escapes /= 2 {
		if backslashes%2 == 0 {
			return true // the quote closes the string around this one
		}
		backslashes /= 2
	}
	return backslashes%2 == 0
}
