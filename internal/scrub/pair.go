package scrub

import (
	"bytes"
	"strings"
)

// maxGap bounds the blanks between a name, its separator and its value.
const maxGap = 64

// A form is how a name and its value are printed, as far as it tells where the
// value ends.
type form struct {
	from, to int // the name
	sense    sensitivity
	quote    byte // what the name is quoted with, or 0
	escapes  int  // how many backslashes stand before that quote
	before   byte // what stands before the name, 0 at the start of a text
	sep      byte // '=', ':', '>' for =>, or 's' for := == != in source
	tight    bool // the separator follows the name at once
	spaced   bool // a blank stands behind the separator
	lineHead bool // the name is the first on its line
	nested   bool // within the brackets of %+v or map[…]
}

// pair looks at the separator at i: if a secret name stands before it, the
// value behind it is replaced.
func (x *scanner) pair(i int) int {
	f := form{sep: x.s[i]}
	if !x.name(&f, i) && !x.announced(&f, i) {
		return x.formPart(&f, i)
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

// name finds the name before the separator at i and reports whether it is
// secret.
func (x *scanner) name(f *form, i int) bool {
	end := i
	if i > x.done && x.s[i-1] == '!' { // password != "x"
		end--
	}
	end = runBack(x.s, end, maxGap, x.done, isBlank)
	if end > x.done && isQuote(x.s[end-1]) {
		return x.quotedName(f, end)
	}
	from := runBack(x.s, end, maxKey, x.done, isNameByte)
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
	if f.sense = x.key(x.s[from:end]); f.sense == notSecret && f.before == ' ' {
		f.sense = x.twoWords(f)
	}
	return f.sense != notSecret
}

func isNameByte(c byte) bool { return isWord(c) || strings.IndexByte("-.[]$%", c) >= 0 || c >= 0x80 }

// quotedName reads "password" or \"password\" that ends at end.
func (x *scanner) quotedName(f *form, end int) bool {
	f.quote = x.s[end-1]
	to := end - 1
	for to > x.done && x.s[to-1] == '\\' {
		to--
		f.escapes++
	}
	low := max(x.done, to-maxKey)
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
	f.sense = x.key(name)
	return f.sense != notSecret
}

// isQuotable tells a name from other text in quotes with a colon behind it:
// Get "https://x/?apikey=a": EOF, exec "app --api-key x": exit status 1.
func isQuotable(name string) bool {
	const maxBlanks = 2
	for i := 0; i < len(name); i++ {
		if !isNameByte(name[i]) && name[i] != ' ' {
			return false
		}
	}
	return strings.Count(name, " ") <= maxBlanks && !strings.Contains(name, " -")
}

// placeName says what stands around the name.
func (x *scanner) placeName(f *form) {
	f.nested = x.depth > 0
	blank := runBack(x.s, f.from, maxKey, x.done, func(c byte) bool { return isBlank(c) || c == '-' })
	f.lineHead = blank == 0 || isLine(x.s[blank-1])
	if f.from > 0 {
		f.before = x.s[f.from-1]
	}
}

// twoWords judges a name that is written as two words: "api key: x".
func (x *scanner) twoWords(f *form) sensitivity {
	from := runBack(x.s, f.from-1, maxKey, x.done, isTokenByte)
	if from == f.from-1 {
		return notSecret
	}
	var k normalKey
	k.set(x.s[from:f.to])
	words := k.bytes()
	second := bytes.LastIndexByte(words, ' ')
	if second < 0 {
		return notSecret
	}
	pair := words[bytes.LastIndexByte(words[:second], ' ')+1:]
	if x.configured(pair) || secretPairs[string(pair)] {
		return secret
	}
	if kind, isKey := bytes.CutSuffix(pair, []byte(" key")); isKey && keyKinds[string(kind)] {
		return secret
	}
	return notSecret
}

// announced reports whether the name is "value" and the text before it says of
// what: {"name":"password","value":"hunter2"}, {Name:password Value:hunter2}.
// A "name" with that of a secret as its value is remembered for a short while.
func (x *scanner) announced(f *form, i int) bool {
	switch x.s[f.from:f.to] {
	case "name", "Name", "key", "Key":
		from := run(x.s, i+1, maxGap, func(c byte) bool { return isSpace(c) || isQuote(c) || c == '\\' })
		to := run(x.s, from, maxKey, isNameByte)
		x.announcedTo = 0
		if x.key(x.s[from:to]) != notSecret {
			x.announcedTo = to + maxKey
		}
	case "value", "Value":
		if i < x.announcedTo {
			x.announcedTo = 0
			f.sense = secret
			return true
		}
	}
	return false
}

// formPart reads a part of a form with its name in a header, where the
// separator at i is that of name="password":
//
//	Content-Disposition: form-data; name="password"
//
//	hunter2
//	--boundary
func (x *scanner) formPart(f *form, i int) int {
	if x.s[i] != '=' || x.s[f.from:f.to] != "name" || i+1 >= len(x.s) || x.s[i+1] != '"' {
		return i
	}
	end := run(x.s, i+2, maxKey, func(c byte) bool { return c != '"' && !isLine(c) })
	if end >= len(x.s) || x.s[end] != '"' || x.key(x.s[i+2:end]) == notSecret {
		return i
	}
	value := run(x.s, end+1, maxGap, isLine)
	if strings.Count(x.s[end+1:value], "\n") < 2 || strings.HasPrefix(x.s[value:], "--") {
		return i
	}
	stop := strings.Index(x.s[value:], "\n--")
	if stop < 0 {
		stop = len(x.s) - value
	}
	if text := strings.TrimSuffix(x.s[value:value+stop], "\r"); text == "" || keeps(text) {
		return i
	}
	return x.replace(value, value+stop, filtered)
}

// encodedPair reads a name and its value in JSON within a URL, at the colon
// %3A or at the %3D of a form in a form:
//
//	%22password%22%3A%22hunter2%22
func (x *scanner) encodedPair(i int) int {
	from := runBack(x.s, i, maxKey, x.done, isNameByte)
	name := strings.TrimSuffix(x.s[from:i], "%22")
	if n := strings.LastIndexByte(name, '%'); n >= 0 && n+3 <= len(name) {
		name = name[n+3:]
	}
	if x.key(name) == notSecret {
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
	if end == start || keeps(x.s[start:end]) {
		return i
	}
	return x.replace(start, end, filtered)
}

// endsEncoded reports whether s begins with what ends a value in encoded JSON
// or in an encoded form.
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
