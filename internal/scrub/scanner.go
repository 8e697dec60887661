package scrub

import "strings"

// A scanner goes through a text once, from left to right. At every place where
// something secret can begin it asks the matchers, each of which either
// replaces a span and moves on behind it or leaves the text alone. A matcher
// may look back, never before what has been replaced, and no further than a
// constant; it may look ahead further only over what it then replaces. So the
// whole is linear in the size of the text.
type scanner struct {
	*Scrubber
	s     string
	out   []byte // what replaces s[:done], if anything was replaced
	done  int
	depth int // brackets that are open: %+v and map[…] print blanks between values

	announcedTo int  // a value before this place belongs to the name of a secret
	oddQuotes   bool // the quotes of the rest do not pair, see group
}

// pass returns t with everything replaced that one scan finds.
func (s *Scrubber) pass(t string) string {
	x := scanner{Scrubber: s, s: t}
	for i := 0; i < len(x.s); {
		switch classes[x.s[i]] {
		case plain:
			i++
		case wordByte:
			i = x.word(i)
		default:
			i = x.mark(i)
		}
	}
	if x.out == nil {
		return x.s
	}
	return string(append(x.out, x.s[x.done:]...))
}

// replace puts with in the place of s[from:to] and returns to.
func (x *scanner) replace(from, to int, with string) int {
	if x.out == nil {
		x.out = make([]byte, 0, len(x.s)+len(filtered))
	}
	x.out = append(x.out, x.s[x.done:from]...)
	x.out = append(x.out, with...)
	x.done = to
	return to
}

// word looks at a word that begins at i and returns where to go on.
func (x *scanner) word(i int) int {
	if end := x.token(i); end > i {
		return x.replace(i, end, filtered)
	}
	end := i + 1
	for end < len(x.s) && classes[x.s[end]] == wordByte {
		end++
	}
	if isDigit(x.s[i]) {
		if stop, with := x.number(i); stop > i {
			return x.replace(i, stop, with)
		}
	}
	if x.dsnKey != "" && x.s[i:end] == x.dsnKey {
		return x.replace(i, end, filtered)
	}
	if end == len(x.s) || x.s[end] != ' ' && x.s[end] != '(' {
		return end
	}
	if end+2 < len(x.s) && isQuote(x.s[end+1]) {
		return x.named(i, end)
	}
	return max(end, x.scheme(i, end))
}

// mark looks at a byte that is neither plain nor in a word and returns where to
// go on.
func (x *scanner) mark(i int) int {
	next := i
	switch x.s[i] {
	case '{', '[':
		x.depth++
		if n := placeholder(x.s[i:]); n > 0 {
			x.depth--
			return i + n
		}
	case '}', ']':
		x.depth = max(0, x.depth-1)
	case '=':
		next = x.pair(i)
	case ':':
		next = x.colon(i)
	case '>':
		next = x.element(i)
	case '@':
		next = x.at(i, i+1)
	case '%':
		next = x.percent(i)
	case '-':
		next = x.dash(i)
	case '/', '\\':
		next = x.path(i)
	}
	return max(next, i+1)
}

// colon looks at a colon: of a URL, of a name and its value, of an address, of
// a drive.
func (x *scanner) colon(i int) int {
	if strings.HasPrefix(x.s[i:], "://") {
		return x.url(i)
	}
	if next := x.ipv6(i); next > i {
		return next
	}
	return x.pair(i)
}

// percent looks at a per cent sign: of an e-mail address in a URL, of a name
// and its value.
func (x *scanner) percent(i int) int {
	if len(x.s)-i < len("%40") {
		return i
	}
	switch x.s[i : i+3] {
	case "%40":
		return x.at(i, i+3)
	case "%3A", "%3a", "%3D", "%3d":
		return x.encodedPair(i)
	}
	return i
}

// dash looks at a dash: of a flag, of a PEM block.
func (x *scanner) dash(i int) int {
	if next := x.pem(i); next > i {
		return next
	}
	return x.flag(i)
}
