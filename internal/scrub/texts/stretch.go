package texts

import "strings"

// A stretch is a part of a text, s[from:to].
type stretch struct{ from, to int }

// unknown has no index.
var unknown = stretch{to: -1}

// around returns the longest run of bytes that ok accepts and that ends at or behind
// i, or begins there. known is the last one that was found with this ok: a text in
// which a rule begins at every third byte would be read a hundred times without it.
func (x *scanner) around(known *stretch, i int, ok func(byte) bool) stretch {
	if i < known.from || i > known.to {
		*known = stretch{runBack(x.s, i, len(x.s), 0, ok), run(x.s, i, len(x.s), ok)}
	}
	return *known
}

// nextAt returns the index of the first @ from i on, or the length of the text.
func (x *scanner) nextAt(i int) int {
	if i < x.nextAts.from || i > x.nextAts.to {
		n := strings.IndexByte(x.s[i:], '@')
		if n < 0 {
			n = len(x.s) - i
		}
		x.nextAts = stretch{i, i + n}
	}
	return x.nextAts.to
}
