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
	before   byte // the byte before the name, 0 at the start of the text
	sep      byte // '=', ':', '>' for =>, or 's' for the := == != of source code
	tight    bool // there is no blank between the name and the separator
	spaced   bool // there is a blank between the separator and the value
	lineHead bool // the name is the first on its line
	nextLine bool // the value is on the line behind that of the separator
	nested   bool // the name is within the brackets of %+v or map[…]
	words    bool // the value is made of words
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
	begin, end := x.separator(&f, i)
	if !x.name(&f, begin) && !x.announced(&f, i) {
		return i
	}
	gap := isBlank
	if f.quote != 0 {
		gap = isSpace
	}
	start := run(x.s, end, maxGap, gap)
	f.spaced = start > end
	f.nextLine = f.spaced && strings.ContainsAny(x.s[end:start], "\r\n")
	f.tight = i == f.to
	f.lineHead = f.quote == 0 && x.isLineHead(f.from)
	for _, end := range phraseNames {
		f.words = f.words || strings.HasSuffix(x.s[f.from:f.to], end)
	}
	return x.value(&f, i, start)
}

// separator reads the separator whose first = or : is at i, and returns where it
// begins and ends. That of source code can have more bytes:
//
//	:= ::= == === != ?= ||= .= =>
func (x *scanner) separator(f *form, i int) (begin, end int) {
	const longest = 3
	begin, end = i, i+1
	colons := run(x.s, i, longest, func(c byte) bool { return c == ':' })
	if end = max(end, colons); end < len(x.s) && x.s[end] == '=' && x.s[i] == ':' {
		end++
		f.sep = 's'
	} else if x.s[i] == ':' {
		end = i + 1
	}
	if equals := run(x.s, end, longest, func(c byte) bool { return c == '=' || c == '~' }); x.s[i] == '=' && equals > end {
		end = equals
		f.sep = 's'
	}
	if end < len(x.s) && x.s[end] == '>' {
		end++
		f.sep = '>'
	}
	if x.s[i] != '=' {
		return begin, end
	}
	begin = runBack(x.s, i, longest, x.done, func(c byte) bool { return isOneOf(c, "!?|+") })
	if begin-1 > x.done && x.s[begin-1] == '.' && isBlank(x.s[begin-2]) { // $token .= "x"
		begin--
	}
	if begin < i {
		f.sep = 's'
	}
	return begin, end
}

// name finds the name before the separator at i. It reports whether the name is
// that of a secret.
func (x *scanner) name(f *form, i int) bool {
	end := runBack(x.s, i, maxGap, x.done, isBlank)
	if end-1 > x.done && x.s[end-1] == ']' && isQuote(x.s[end-2]) { // env["PASSWORD"] = "x"
		end--
	}
	if end > x.done && isQuote(x.s[end-1]) {
		return x.quotedName(f, end)
	}
	x.bareName(f, end)
	if f.from > x.done && isTypeName(x.s[f.from:f.to]) && isBlank(x.s[f.from-1]) { // var token string = "x"
		x.bareName(f, runBack(x.s, f.from, maxGap, x.done, isBlank))
	}
	if f.sep == ':' && strings.HasSuffix(x.s[f.from:f.to], ".go") { // credentials.go:12
		return false
	}
	if f.sense = x.config.Sensitivity(x.s[f.from:f.to]); f.sense == NotSecret && f.before == ' ' {
		f.sense = x.twoWords(f)
	}
	if f.sense == NotSecret && f.sep == '=' && isOneOf(f.before, "?&#") && grantNames.words()[x.s[f.from:f.to]] && x.isGrant(i+1) {
		f.sense = Secret
	}
	return f.sense != NotSecret
}

// bareName reads the name without quotes that ends at end.
func (x *scanner) bareName(f *form, end int) {
	from, low := end, max(x.done, end-maxName)
	for from > low && nameBytes[x.s[from-1]] {
		from--
	}
	if open := strings.LastIndexByte(x.s[from:end], '['); open >= 0 && strings.IndexByte(x.s[from+open:end], ']') < 0 {
		from += open + 1 // map[password:x
	}
	for from < end && isOneOf(x.s[from], "-.]") {
		from++
	}
	f.from, f.to = from, end
	f.nested = x.depth > 0
	f.before = 0
	if from > 0 {
		f.before = x.s[from-1]
	}
}

// isGrant reports whether the value in the query of a URL that begins at i looks like
// a token, and not like a number or the name of something:
//
//	/callback?code=4/0AX4XfWhn3fe&scope=email
func (x *scanner) isGrant(i int) bool {
	const shortest = 10
	end := run(x.s, i, maxToken, func(c byte) bool { return isBearerByte(c) || c == '%' })
	return end-i >= shortest && x.looksRandom(i, min(end, i+enough)) && looksSecret(strings.ReplaceAll(x.s[i:end], "/", "_"))
}

// isLineHead reports whether nothing but blanks and dashes is before i on its line.
func (x *scanner) isLineHead(i int) bool {
	i = runBack(x.s, i, maxName, x.done, func(c byte) bool { return isBlank(c) || c == '-' })
	return i == 0 || isLine(x.s[i-1])
}

var nameBytes = tableOf(isNameByte)

func isNameByte(c byte) bool { return isWord(c) || isOneOf(c, "-.[]$") || c >= 0x80 }

// isTypeName reports whether a word is the type of a variable, which can stand
// between its name and its value.
func isTypeName(word string) bool {
	switch word {
	case "string", "String", "str", "text", "char", "bytes", "[]byte":
		return true
	}
	return false
}

// quotedName reads a name in quotes that ends at end:
//
//	"password"
//
// Behind a backslash the quotes belong to another view of the text.
func (x *scanner) quotedName(f *form, end int) bool {
	f.quote = x.s[end-1]
	low := max(x.done, end-1-maxName)
	open := strings.LastIndexByte(x.s[low:end-1], f.quote)
	if open < 0 || x.s[end-2] == '\\' {
		return false
	}
	f.from, f.to = low+open+1, end-1
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

// twoWords judges a name of two words:
//
//	api key: x
func (x *scanner) twoWords(f *form) Sensitivity {
	from := runBack(x.s, f.from-1, maxName, x.done, isTokenByte)
	if second := x.s[f.from:f.to]; from == f.from-1 || len(second) < 2 || isAlpha(second[0]) &&
		!secretPairs.mayBegin(second[0], second[1]) && !x.config.names.mayBeConfigured(x.s[from:f.to]) {
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
	if x.config.names.isConfigured(pair) || secretPairs.words()[string(pair)] {
		return Secret
	}
	if kind, isKey := bytes.CutSuffix(pair, []byte(" key")); isKey && keyKinds.words()[string(kind)] {
		return Secret
	}
	return NotSecret
}

// announced reads a pair whose name is "name" or "value". The text before a
// "value" says what it is the value of:
//
//	{"name":"password","value":"hunter2"}
//	{Name:password Value:hunter2}
//
// If the pair at the separator i is a "name" of a secret, announced remembers
// that for the next maxName bytes. It reports whether the pair is the "value"
// that belongs to such a name.
func (x *scanner) announced(f *form, i int) bool {
	switch x.s[f.from:f.to] {
	case "name", "Name", "key", "Key":
		from := run(x.s, i+1, maxGap, func(c byte) bool { return isSpace(c) || isQuote(c) })
		to := run(x.s, from, maxName, isNameByte)
		x.announcedTo = 0
		if x.config.Sensitivity(x.s[from:to]) != NotSecret {
			x.announcedTo = to + maxName
		}
	case "value", "Value":
		if i < x.announcedTo || x.namedBehind(i) {
			x.announcedTo = 0
			f.sense = Secret
			return true
		}
	}
	return false
}

// namedBehind reports whether the name of a secret follows a "value", whose
// separator is at i, in the same object or tag:
//
//	{"value":"hunter2","name":"password"}
//	<input value="hunter2" name="password">
func (x *scanner) namedBehind(i int) bool {
	rest := x.s[i+1 : min(len(x.s), i+1+2*maxName)]
	if end := strings.IndexAny(rest, "}>{<"); end >= 0 {
		rest = rest[:end]
	}
	at := strings.Index(rest, "name")
	if at < 1 || !isQuote(rest[at-1]) && !isSpace(rest[at-1]) {
		return false
	}
	rest = strings.TrimLeft(rest[at+len("name"):], `"' :=`)
	return x.config.Sensitivity(rest[:run(rest, 0, len(rest), isNameByte)]) != NotSecret
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
