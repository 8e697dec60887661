package texts

import "strings"

// A stretch is a part of a text, s[from:to].
type stretch struct{ from, to int }

// unknown has no index.
var unknown = stretch{to: -1}

// around returns the longest run of bytes that ok has and that ends at or behind
// i, or begins there. known is the last one that was found with this ok: a text in
// which a rule begins at every third byte would be read a hundred times without it.
func (x *scanner) around(known *stretch, i int, ok *[256]bool) stretch {
	if i < known.from || i > known.to {
		from, to := i, i
		for from > 0 && ok[x.s[from-1]] {
			from--
		}
		for to < len(x.s) && ok[x.s[to]] {
			to++
		}
		*known = stretch{from, to}
	}
	return *known
}

// The bytes of which the stretches of a text are.
var urlBytes, pathBytes, tokenBytes = tableOf(inURL), tableOf(isPathByte), tableOf(isTokenByte)

// tableOf makes a table of a function: a look into it is faster than a call.
func tableOf(ok func(byte) bool) *[256]bool {
	var t [256]bool
	for c := range t {
		t[c] = ok(byte(c))
	}
	return &t
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
