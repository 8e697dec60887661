package scrub

import "strings"

// maxGap bounds the blanks between a name, its separator and its value.
const maxGap = 16

// A form is how a name and its value are printed, as far as it tells where the
// value ends.
type form struct {
	from, to int // the name
	sense    sensitivity
	quote    byte // what the name is quoted with, or 0
	escapes  int  // how many backslashes stand before that quote
	before   byte // what stands before the name, 0 at the start of a text
	sep      byte // '=', ':', '>' for =>, or 's' for := and == in source
	spaced   bool // a blank stands behind the separator
	lineHead bool // the name is the first on its line
	nested   bool // within the brackets of %+v or map[…]
}

// pair looks at the separator at i: if a secret name stands before it, the
// value behind it is replaced.
func (x *scanner) pair(i int) int {
	f := form{sep: x.s[i]}
	if !x.name(&f, i) {
		return i
	}
	v := i + 1
	if v < len(x.s) && (x.s[v] == '>' || x.s[v] == '=') {
		if f.sep = 's'; x.s[v] == '>' {
			f.sep = '>'
		}
		v++
	}
	gap := isBlank
	if f.quote != 0 {
		gap = isSpace
	}
	start := run(x.s, v, maxGap, gap)
	f.spaced = start > v
	return x.value(&f, i, start)
}

// name finds the name before the separator at i and reports whether it is
// secret.
func (x *scanner) name(f *form, i int) bool {
	end := runBack(x.s, i, maxGap, x.done, isBlank)
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
	f.sense = x.key(x.s[f.from:f.to])
	return f.sense != notSecret
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
	second := strings.LastIndexByte(string(words), ' ')
	if second < 0 {
		return notSecret
	}
	first := strings.LastIndexByte(string(words[:second]), ' ') + 1
	pair := string(words[first:])
	if x.configured(pair) || secretPairs[pair] ||
		pair[second-first+1:] == "key" && keyKinds[pair[:second-first]] {
		return secret
	}
	return notSecret
}
