package texts

import "strings"

// trailing are the bytes that end a sentence or a structure. At the end of a
// value they do not belong to the value.
const trailing = ".,;:!?)]}>"

// leastDigest is the length of the shortest hexadecimal number that is no variable.
const leastDigest = 32

// value replaces the value that begins at start and returns where to go on. If
// there is nothing to replace, it returns i, the index of the separator. The
// first of these grammars that fits decides where the value ends:
//
//	"…"                   a quoted string
//	-----BEGIN … KEY      a block of PEM
//	|  on its own line    a block of YAML
//	{…} […] T{…} map[…]   brackets
//	header, line, word    see extent
func (x *scanner) value(f *form, i, start int) int {
	start = x.annotated(f, x.nextLine(f, start))
	if start >= len(x.s) || isLine(x.s[start]) || x.s[start] == '\\' && start+1 < len(x.s) && isQuote(x.s[start+1]) {
		return i // behind a backslash the quote belongs to another view
	}
	if open := x.opening(start); open >= 0 {
		return x.quoted(open+1, x.s[open])
	}
	if end := pemEnd(x.s, start); end > start {
		return x.replace(start, end, Filtered)
	}
	if x.absent(f, start) {
		return i
	}
	if f.sep == 's' { // in password == x, x is a variable
		end := run(x.s, start, maxToken, isWord)
		if word := x.s[start:end]; len(word) < leastDigest || !hasDigit(word) || !isHexNumber(word) {
			return i
		}
	}
	if end := x.yamlBlock(f, start); end > start {
		return x.replace(start, end, Filtered)
	}
	end := x.brackets(start)
	if end == start || f.sense == HeaderSecret && x.s[start] != '[' {
		end = max(end, x.scalar(f, start))
	}
	if f.sense == Perhaps && f.prose() { // in a sentence the value is one word
		end = run(x.s, start, end-start, func(c byte) bool { return !isSpace(c) })
	}
	if x.stays(f, start, end) {
		return i
	}
	if f.quote == '"' || f.quote == '\'' {
		from, to := x.source(f.to, f.to+1) // the quote, as the text writes it
		q := x.text[from:to]
		return x.replace(start, end, q+Filtered+q)
	}
	return x.replace(start, end, Filtered)
}

// stays reports whether the value s[start:end] can stay although its name is that
// of a secret.
func (x *scanner) stays(f *form, start, end int) bool {
	value := x.s[start:end]
	if f.sense == Perhaps && f.quote != 0 && f.sep == ':' && isAlpha(x.s[start]) && !looksSecret(value) {
		return true // exec: "pass": executable file not found
	}
	return value == "" || HidesNothing(value) || f.prose() && x.isProse(f, start, end) ||
		f.sense == Perhaps && (isShortNumber(value) || authMethods.words()[strings.ToLower(value)]) || IsWorkingDirectory(x.s[f.from:f.to], value)
}

// absent reports whether the next name is at start, and so the value is empty:
//
//	password= user=bob
//	{Password: User:bob}
//
// A name in quotes can have its value on the next line, where the next name can be.
func (x *scanner) absent(f *form, start int) bool {
	if f.quote != 0 && f.nextLine && !isQuote(x.s[start]) {
		return x.nameAt(start)
	}
	if !f.spaced || f.quote != 0 || f.sense == HeaderSecret || !x.nameAt(start) {
		return false
	}
	return f.sep == '=' && f.tight || f.sep == ':' && f.nested
}

// opening returns the index of the quote with which the value at start begins, or
// -1 if it has none:
//
//	"hunter2"
//	b'hunter2'
func (x *scanner) opening(start int) int {
	if start+1 < len(x.s) && isOneOf(x.s[start], "burNL@") && isQuote(x.s[start+1]) {
		return start + 1 // b'x' of Python, N'x' of SQL
	}
	if isQuote(x.s[start]) {
		return start
	}
	return -1
}

// quoted replaces what is between an opening quote and the closing one, from
// from on. Without a closing quote the text was cut, and quoted replaces all of
// the rest. It returns the index after the closing quote.
func (x *scanner) quoted(from int, quote byte) int {
	if from+1 < len(x.s) && x.s[from] == quote && x.s[from+1] == quote { // TOML, Python
		triple := x.s[from-1 : from+2]
		from += 2
		to := len(x.s)
		if n := strings.Index(x.s[from:], triple); n >= 0 {
			to = from + n
		}
		if to == from || HidesNothing(x.s[from:to]) {
			return to
		}
		return x.replace(from, to, Filtered)
	}
	to, next := x.closing(from, quote)
	if to == from || HidesNothing(x.s[from:to]) {
		return next
	}
	x.replace(from, to, Filtered)
	return next
}

// closing returns the end of the quoted string that begins at from, and where to
// go on behind it. A quote with a letter behind it does not close the string: it
// is a part of a badly quoted one, or opens the next string because this one was
// never closed:
//
//	password="hun"ter2"
//	password="abc
//	user="bob"
func (x *scanner) closing(from int, quote byte) (to, next int) {
	line := -1 // the last line break
	for i := from; i < len(x.s); i++ {
		switch c := x.s[i]; {
		case c == '\\' && quote != '`':
			i++
		case isLine(c):
			line = i
		case c != quote:
		case i+1 < len(x.s) && x.s[i+1] == quote && i > from: // SQL and CSV double a quote
			i++
		case i+1 == len(x.s) || !isAlnum(x.s[i+1]) && x.s[i+1] != '_' && x.s[i+1] < 0x80:
			return i, i + 1
		case line >= 0:
			return line, line
		}
	}
	return len(x.s), len(x.s)
}

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
	at := run(x.s, start, maxType, func(c byte) bool { return isWord(c) || isOneOf(c, "&*./") })
	if strings.HasPrefix(x.s[at:], "[]") { // []main.T{…}
		at = run(x.s, at+2, maxType, func(c byte) bool { return isWord(c) || isOneOf(c, "*./[]") })
	}
	if at >= len(x.s) || !isOneOf(x.s[at], "{[(") {
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
