package texts

import (
	"math/bits"
	"strings"
	"unicode/utf8"
)

// A scanner reads one view of a text from left to right. At each byte with which
// something secret can begin, or that can separate a name from its value, it
// calls the rules for that byte, see rules.
//
// A rule is a method whose argument i is the index of that byte. If the rule
// matches, it replaces a part of the text and returns the index after that
// part. If not, it returns i, or a larger index if it knows that nothing begins
// before it.
//
// A rule may look back by a constant number of bytes, but by no more than one
// byte into what has been replaced. It may look ahead by a constant number of
// bytes, or as far as it then replaces. So the time for a text is linear in its
// size.
//
// This file has the loop. The rules are methods of scanner in the other files,
// one file for each construct that they read.
type scanner struct {
	config *Scrubber
	view
	text   string // of which the view is
	kinds  kind   // of the rules that are called
	goesOn bool   // the text was cut, and its end is not the end of what it says
	inner  bool   // the text was encoded in another one
	found  []replacement

	secrets []string // that were found in the text, see remember
	done    int      // where the last replacement ended
	last    string   // what it put there
	depth   int      // how many brackets are open: within them, %+v and map[…] separate values by blanks

	// What was found out about a part of the text, so that it is not looked at again
	// for each word in it.
	tokens, urls, paths stretch // see around
	nextAts             stretch // see nextAt
	counted             census  // see looksRandom

	announcedTo int  // a "value" before this index is secret, see announced
	oddQuotes   bool // a quote in the rest of the text has no partner, see brackets
}

// A replacement says what takes the place of the bytes from and to of the text.
type replacement struct {
	from, to int
	with     string
}

// release gives the scanner back. It does not keep the text.
func (x *scanner) release() {
	clear(x.secrets)
	*x = scanner{found: x.found[:0], secrets: x.secrets[:0]}
	scanners.Put(x)
}

// read finds what is secret in a view of the text t by the rules of some kinds.
func (x *scanner) read(t string, v view, kinds kind) []replacement {
	x.text, x.view, x.kinds = t, v, kinds
	x.found = x.found[:0]
	x.last = ""
	x.done, x.depth, x.announcedTo, x.oddQuotes = 0, 0, 0, false
	x.tokens, x.urls, x.paths, x.nextAts = unknown, unknown, unknown, unknown
	x.counted = census{}
	for i := 0; i < len(x.s); {
		switch classes[x.s[i]] {
		case plain:
			i++
		case wordByte:
			i = x.word(i)
		case bracket:
			i = x.bracket(i)
		default:
			i = x.mark(i)
		}
	}
	return x.found
}

// replace notes that with takes the place of s[from:to], and returns to. The bounds
// of the rules count bytes: they can be in the middle of a rune, which then goes as
// a whole.
func (x *scanner) replace(from, to int, with string) int {
	for from > x.done && from < len(x.s) && !utf8.RuneStart(x.s[from]) {
		from--
	}
	for to < len(x.s) && !utf8.RuneStart(x.s[to]) {
		to++
	}
	x.done, x.last = to, with
	from, to = x.source(from, to)
	x.found = append(x.found, replacement{from, to, with})
	return to
}

// replaced returns t with the replacements.
func replaced(t string, found []replacement) string {
	size := len(t)
	for _, r := range found {
		size += len(r.with) - (r.to - r.from)
	}
	var out strings.Builder
	out.Grow(size)
	done := 0
	for _, r := range found {
		out.WriteString(t[done:r.from])
		out.WriteString(r.with)
		done = r.to
	}
	out.WriteString(t[done:])
	return out.String()
}

// mark calls the rules for the byte at i.
func (x *scanner) mark(i int) int {
	for _, r := range rulesAt[x.s[i]] {
		if r.kind&x.kinds == 0 {
			continue
		}
		if next := r.read(x, i); next > i {
			return next
		}
	}
	return i + 1
}

// word calls the rules for a word that begins at i.
func (x *scanner) word(i int) int {
	end := i + 1
	for end < len(x.s) && classes[x.s[end]] == wordByte {
		end++
	}
	if x.config.knownWords&(1<<min(end-i, 63)) != 0 {
		if next := x.knownAt(i, end); next > i {
			return next
		}
	}
	set := rulesByFirst[x.s[i]] & rulesByLength[min(end-i, len(rulesByLength)-1)] & rulesByKind[x.kinds]
	if end-i > 1 {
		set &= rulesByStart[x.s[i]&31][x.s[i+1]&31]
	}
	for ; set != 0; set &= set - 1 {
		if next := readWord[bits.TrailingZeros16(uint16(set))](x, i, end); next > i {
			return next
		}
	}
	return end
}

// bracket counts the bracket at i, or skips the placeholder that begins there.
func (x *scanner) bracket(i int) int {
	switch x.s[i] {
	case '{', '[':
		if n := placeholder(x.s[i:]); n > 0 {
			return i + n
		}
		if i+1 < len(x.s) && isDigit(x.s[i+1]) {
			if next := x.byteList(i); next > i {
				return next
			}
		}
		x.depth++
	case '}', ']':
		x.depth = max(0, x.depth-1)
	}
	return i + 1
}
