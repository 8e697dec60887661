package scrub

import "strings"

// value replaces the value that begins at start and returns where to go on; i
// is the separator, where it goes on if there is nothing to replace.
func (x *scanner) value(f *form, i, start int) int {
	if start >= len(x.s) || isLine(x.s[start]) {
		return i
	}
	if open, escapes := x.opening(start); open >= 0 {
		return x.quoted(open+1, x.s[open], escapes)
	}
	if x.absent(f, start) {
		return i
	}
	if f.sep == 's' { // password == x is code, and x a name
		return i
	}
	if end := x.block(f, start); end > start {
		return x.replace(start, end, filtered)
	}
	end := x.group(start)
	if end == start || f.sense == headerSecret {
		end = max(end, x.scalar(f, start))
	}
	if f.sense == perhaps && f.prose() { // one word of the sentence
		end = start + len(firstWord(x.s[start:end]))
	}
	value := x.s[start:end]
	if value == "" || keeps(value) || f.prose() && x.isProse(f, start, end) ||
		f.sense == perhaps && isShortNumber(value) || workingDirectory(x.s[f.from:f.to], value) {
		return i
	}
	if f.quote != 0 && (f.quote == '"' || f.quote == '\'') && f.sep != 's' {
		q := strings.Repeat(`\`, f.escapes) + string(f.quote)
		return x.replace(start, end, q+filtered+q)
	}
	return x.replace(start, end, filtered)
}

// absent reports whether what follows is not the value but the next name:
// password= user=bob, {Password: User:bob}.
func (x *scanner) absent(f *form, start int) bool {
	if !f.spaced || f.quote != 0 || f.sense == headerSecret || !x.nameAt(start) {
		return false
	}
	return f.sep == '=' && f.tight || f.sep == ':' && f.nested
}

// block returns the end of a block of YAML that begins at start, or start:
//
//	password: |
//	  hunter2
func (x *scanner) block(f *form, start int) int {
	if f.sep != ':' || x.s[start] != '|' && x.s[start] != '>' {
		return start
	}
	at := run(x.s, start+1, 3, func(c byte) bool { return isDigit(c) || c == '+' || c == '-' })
	if at >= len(x.s) || !isLine(x.s[at]) {
		return start
	}
	indent := 0
	if f.lineHead {
		indent = f.from - runBack(x.s, f.from, maxKey, x.done, func(c byte) bool { return !isLine(c) })
	}
	for at < len(x.s) {
		line := run(x.s, at, 2, isLine)
		text := run(x.s, line, maxKey, isBlank)
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

// isShortNumber tells a count from a token: tokens=512.
func isShortNumber(value string) bool {
	const longest = 6
	return len(value) <= longest && run(value, 0, longest, isDigit) == len(value)
}

// isReference reports whether a value stands for another: the parameter of a
// statement, a variable, a verb of a format.
func isReference(value string) bool {
	switch {
	case value == "?", len(value) == 2 && value[0] == '%' && isAlpha(value[1]):
		return true
	case value[0] == '$' && len(value) > 1:
		return strings.HasPrefix(value, "${") && value[len(value)-1] == '}' || isShortNumber(value[1:])
	}
	return false
}

// keeps reports whether a value hides nothing: absent, masked by the program,
// or replaced before.
func keeps(value string) bool {
	if n := placeholder(value); n > 0 {
		rest := value[n:]
		return value[:n] == filtered && strings.Trim(rest, trailing+`"'\`) == ""
	}
	switch value {
	case "nil", "<nil>", "null", "true", "false", "None", "undefined", ellipsis, "~",
		"map[]", "[]", "{}", "()", "none", "YES", "NO", "yes", "no": // MySQL: (using password: YES)
		return true
	}
	return isReference(value) || strings.Trim(value, "*") == "" || len(value) > 2 && strings.Trim(value, "x") == ""
}

// opening returns the place of the quote that the value at start begins with,
// and how many backslashes stand before it, or -1.
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

// quoted replaces what stands between a quote and its end. A text that was cut
// has no end.
func (x *scanner) quoted(from int, quote byte, escapes int) int {
	to, next := closing(x.s, from, quote, escapes)
	if to == from || keeps(x.s[from:to]) {
		return next
	}
	x.replace(from, to, filtered)
	return next
}

// closing returns the end of the quoted string that begins at from, and the
// place behind its quote.
func closing(s string, from int, quote byte, escapes int) (to, next int) {
	backslashes := 0
	for i := from; i < len(s); i++ {
		if s[i] == '\\' && quote != '`' {
			backslashes++
			continue
		}
		if s[i] == quote && closes(backslashes, escapes) {
			if quote == '\'' && escapes == 0 && i+1 < len(s) && s[i+1] == quote && i > from {
				i++ // SQL doubles it
				continue
			}
			return max(from, i-min(backslashes, escapes)), i + 1
		}
		backslashes = 0
	}
	return len(s), len(s)
}

// closes reports whether a quote behind so many backslashes ends a string that
// was itself printed within a string, once for every level of escaping: \" ends
// what \" began, \\\" does not.
func closes(backslashes, escapes int) bool {
	for ; escapes > 0; escapes /= 2 {
		if backslashes%2 == 0 {
			return true // the string around it ends
		}
		backslashes /= 2
	}
	return backslashes%2 == 0
}

// group returns the end of a value in brackets: {User:bob Key:x}, [1 2 3],
// map[a:b], &main.T{…}, []byte{0x1}, {"a": ["b"]}; or start, if none begins
// there.
func (x *scanner) group(start int) int {
	const maxType = 2 * maxKey
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

// balanced returns the place behind the bracket that closes the one at i, or 0.
// Brackets of all kinds count alike: what is printed is well-formed or cut.
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

// trailing is what ends a sentence or a structure rather than a value.
const trailing = ".,;:!?)]}>"

// scalar returns the end of a value without quotes or brackets.
func (x *scanner) scalar(f *form, start int) int {
	end := start
	switch {
	case f.sense == headerSecret:
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

// An extent is how far a value without quotes reaches.
type extent uint8

const (
	toBlank  extent = iota // of logfmt, of a form, of a query
	toName                 // over blanks, to the next name
	toHeader               // over what headers have as well
)

// until returns the first place from start on where the value ends.
func (x *scanner) until(f *form, start int, how extent) int {
	for i := start; i < len(x.s); i++ {
		c := x.s[i]
		if isLine(c) || c == f.before && isQuote(c) || x.ends(f, start, i, how) {
			return i
		}
	}
	return len(x.s)
}

// ends dispatches by how. A table of functions would make the scanner escape
// to the heap, once for every text.
func (x *scanner) ends(f *form, start, i int, how extent) bool {
	switch how {
	case toName:
		return x.lineStop(f, start, i)
	case toHeader:
		return x.headerStop(f, start, i)
	}
	return x.wordStop(f, i)
}

// wordStop ends the value of logfmt, of a form, of a query. What ends a value
// is also in passwords, so something has to follow that fits.
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
	case '\\': // the line break or the quote of a string in a string
		return i+1 < len(x.s) && strings.IndexByte(`nrt"'`, x.s[i+1]) >= 0 && x.quotedEnd(i+1)
	}
	return false
}

// listGoesOn reports whether the next name stands at i, or the list ends there.
func (x *scanner) listGoesOn(i int) bool {
	if i >= len(x.s) || isSpace(x.s[i]) || x.nameAt(i) {
		return true
	}
	end := run(x.s, i, maxKey, isNameByte) // card%5Bexp%5D, user[name]
	return end > i && end < len(x.s) && x.s[end] == '='
}

// afterQuote reports whether the quote before i closes a string, for what
// follows it.
func (x *scanner) afterQuote(i int) bool { return i >= len(x.s) || !isAlnum(x.s[i]) }

// quotedEnd reports whether an escaped byte ends a value: a quote does, a
// line break does if the next line is a name and its value.
func (x *scanner) quotedEnd(i int) bool {
	return isQuote(x.s[i]) || x.nameAt(i+1) || i+1 == len(x.s)
}

// lineStop ends a value that may have blanks: at the next name, at a bracket
// that was open before, at a comma.
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

// headerStop ends the value of a header: Authorization and Cookie have
// semicolons, commas, quotes and names of their own. In a query they have not.
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

// headerEnds reports whether the value of a header ends at the blank at i: the
// next header or flag follows, and not the next cookie or the next parameter of
// Digest.
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
	return next != 0 && !x.schemeIs(start, i) || strings.HasPrefix(x.s[i+1:], "--")
}

// schemeIs reports whether the value so far is no more than the scheme of an
// Authorization header, behind which name="value" follows.
func (x *scanner) schemeIs(start, end int) bool {
	switch strings.ToLower(x.s[start:end]) {
	case "digest", "oauth", "sentry", "aws4-hmac-sha256", "hawk", "mac", "signature":
		return true
	}
	return false
}

// closesAt reports whether the bracket at i closes what the name stands in: a
// value may have brackets of its own, but hardly before a blank.
func (x *scanner) closesAt(f *form, i int) bool {
	if !f.nested && f.before != '(' && f.before != '[' && f.before != '{' {
		return false
	}
	next := i + 1
	return next == len(x.s) || isSpace(x.s[next]) || isQuote(x.s[next]) || strings.IndexByte(`}])>,;:.\`, x.s[next]) >= 0
}

// nameAt reports whether a name and a separator stand at i.
func (x *scanner) nameAt(i int) bool { return x.nameSeparator(i) != 0 }

// nameSeparator returns the separator behind the name at i, or 0. The :// of a
// URL is none.
func (x *scanner) nameSeparator(i int) byte {
	from := run(x.s, i, maxGap, isBlank)
	if from < len(x.s) && isQuote(x.s[from]) {
		from++
	}
	end := run(x.s, from, maxKey, func(c byte) bool { return isTokenByte(c) || c == '.' })
	if end == from || end >= len(x.s) || isDigit(x.s[from]) {
		return 0
	}
	if isQuote(x.s[end]) {
		end++
	}
	if end >= len(x.s) || x.s[end] != ':' && x.s[end] != '=' || strings.HasPrefix(x.s[end:], "://") {
		return 0
	}
	return x.s[end]
}
