package texts

import (
	"bytes"
	"strings"
)

// maxGap bounds the number of blanks between a name, its separator and its
// value.
const maxGap = 64

// A form describes how a name and its value are written. Where the value ends
// depends on it.
type form struct {
	from, to int // the name is s[from:to]
	sense    Sensitivity
	quote    byte // the quotes around the name, or 0
	escapes  int  // how many backslashes are before the quote after the name
	before   byte // the byte before the name, 0 at the start of the text
	sep      byte // '=', ':', '>' for =>, or 's' for the := == != of source code
	tight    bool // there is no blank between the name and the separator
	spaced   bool // there is a blank between the separator and the value
	lineHead bool // the name is the first on its line
	nested   bool // the name is within the brackets of %+v or map[…]
}

// pair reads a name, a separator and a value. The separator is at i:
//
//	password=hunter2
//	"password": "hunter2"
//	Password:hunter2
//	'password' => 'hunter2'
//	password := "hunter2"
//
// If the name is that of a secret, pair replaces the value.
func (x *scanner) pair(i int) int {
	f := form{sep: x.s[i]}
	if !x.name(&f, i) && !x.announced(&f, i) {
		return x.multipart(&f, i)
	}
	v := i + 1
	switch {
	case v < len(x.s) && x.s[v] == '>':
		f.sep = '>'
		v++
	case v < len(x.s) && x.s[v] == '=':
		f.sep = 's'
		v = run(x.s, v, 2, func(c byte) bool { return c == '=' })
	case i > 0 && x.s[i-1] == '!':
		f.sep = 's'
	}
	gap := isBlank
	if f.quote != 0 {
		gap = isSpace
	}
	start := run(x.s, v, maxGap, gap)
	f.spaced = start > v
	f.tight = i == f.to
	return x.value(&f, i, start)
}

// name finds the name before the separator at i. It reports whether the name is
// that of a secret.
func (x *scanner) name(f *form, i int) bool {
	end := i
	if i > x.done && x.s[i-1] == '!' { // password != "x"
		end--
	}
	end = runBack(x.s, end, maxGap, x.done, isBlank)
	if end > x.done && isQuote(x.s[end-1]) {
		return x.quotedName(f, end)
	}
	from := runBack(x.s, end, maxName, x.done, isNameByte)
	if open := strings.LastIndexByte(x.s[from:end], '['); open >= 0 && strings.IndexByte(x.s[from+open:end], ']') < 0 {
		from += open + 1 // map[password:x
	}
	for from < end && strings.IndexByte("-.]", x.s[from]) >= 0 {
		from++
	}
	f.from, f.to = from, end
	x.placeName(f)
	if f.sep == ':' && strings.HasSuffix(x.s[from:end], ".go") { // credentials.go:12
		return false
	}
	if f.sense = x.config.Sensitivity(x.s[from:end]); f.sense == NotSecret && f.before == ' ' {
		f.sense = x.twoWords(f)
	}
	return f.sense != NotSecret
}

func isNameByte(c byte) bool { return isWord(c) || strings.IndexByte("-.[]$%", c) >= 0 || c >= 0x80 }

// quotedName reads a name in quotes that ends at end:
//
//	"password"
//	\"password\"
func (x *scanner) quotedName(f *form, end int) bool {
	f.quote = x.s[end-1]
	to := end - 1
	for to > x.done && x.s[to-1] == '\\' {
		to--
		f.escapes++
	}
	low := max(x.done, to-maxName)
	open := strings.LastIndexByte(x.s[low:to], f.quote)
	if open < 0 {
		return false
	}
	f.from, f.to = low+open+1, to
	f.before = f.quote
	name := x.s[f.from:f.to]
	if !isQuotable(name) {
		return false
	}
	f.sense = x.config.Sensitivity(name)
	return f.sense != NotSecret
}

// isQuotable reports whether a text in quotes with a separator after it can be
// a name. These are none:
//
//	Get "https://x/?apikey=a": EOF
//	exec "app --api-key x": exit status 1
func isQuotable(name string) bool {
	const maxBlanks = 2
	for i := 0; i < len(name); i++ {
		if !isNameByte(name[i]) && name[i] != ' ' {
			return false
		}
	}
	return strings.Count(name, " ") <= maxBlanks && !strings.Contains(name, " -")
}

// placeName sets what f says about the surroundings of the name.
func (x *scanner) placeName(f *form) {
	f.nested = x.depth > 0
	blank := runBack(x.s, f.from, maxName, x.done, func(c byte) bool { return isBlank(c) || c == '-' })
	f.lineHead = blank == 0 || isLine(x.s[blank-1])
	if f.from > 0 {
		f.before = x.s[f.from-1]
	}
}

// twoWords judges a name of two words:
//
//	api key: x
func (x *scanner) twoWords(f *form) Sensitivity {
	from := runBack(x.s, f.from-1, maxName, x.done, isTokenByte)
	if from == f.from-1 {
		return NotSecret
	}
	var k normalName
	k.set(x.s[from:f.to])
	words := k.bytes()
	second := bytes.LastIndexByte(words, ' ')
	if second < 0 {
		return NotSecret
	}
	pair := words[bytes.LastIndexByte(words[:second], ' ')+1:]
	if x.config.names.isConfigured(pair) || secretPairs[string(pair)] {
		return Secret
	}
	if kind, isKey := bytes.CutSuffix(pair, []byte(" key")); isKey && keyKinds[string(kind)] {
		return Secret
	}
	return NotSecret
}

// value replaces the value that begins at start and returns where to go on. If
// there is nothing to replace, it returns i, the index of the separator.
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
	if f.sep == 's' { // in password == x, x is a variable
		return i
	}
	if end := x.yamlBlock(f, start); end > start {
		return x.replace(start, end, Filtered)
	}
	end := x.brackets(start)
	if end == start || f.sense == HeaderSecret {
		end = max(end, x.scalar(f, start))
	}
	if f.sense == Perhaps && f.prose() { // in a sentence the value is one word
		end = start + len(firstWord(x.s[start:end]))
	}
	value := x.s[start:end]
	if value == "" || HidesNothing(value) || f.prose() && x.isProse(f, start, end) ||
		f.sense == Perhaps && isShortNumber(value) || IsWorkingDirectory(x.s[f.from:f.to], value) {
		return i
	}
	if f.quote != 0 && (f.quote == '"' || f.quote == '\'') && f.sep != 's' {
		q := strings.Repeat(`\`, f.escapes) + string(f.quote)
		return x.replace(start, end, q+Filtered+q)
	}
	return x.replace(start, end, Filtered)
}

// absent reports whether the next name is at start, and so the value is empty:
//
//	password= user=bob
//	{Password: User:bob}
func (x *scanner) absent(f *form, start int) bool {
	if !f.spaced || f.quote != 0 || f.sense == HeaderSecret || !x.nameAt(start) {
		return false
	}
	return f.sep == '=' && f.tight || f.sep == ':' && f.nested
}

// nameAt reports whether there are a name and a separator at i.
func (x *scanner) nameAt(i int) bool { return x.nameSeparator(i) != 0 }

// nameSeparator returns the separator after the name at i, or 0 if there is
// none. The :// of a URL is not a separator.
func (x *scanner) nameSeparator(i int) byte {
	from := run(x.s, i, maxGap, isBlank)
	if from < len(x.s) && isQuote(x.s[from]) {
		from++
	}
	end := run(x.s, from, maxName, func(c byte) bool { return isTokenByte(c) || c == '.' })
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
