package texts

import "strings"

// A scanner reads one text from left to right. At each byte with which
// something secret can begin, or that can separate a name from its value, it
// calls the rules for that byte.
//
// A rule is a method whose argument i is the index of that byte. If the rule
// matches, it replaces a part of the text and returns the index after that
// part. If not, it returns i, or a larger index if it knows that nothing begins
// before it. Some rules return only the end of what they recognise, and their
// caller replaces it.
//
// A rule may look back by a constant number of bytes, but by no more than one
// byte into what has been replaced. It may look ahead by a constant number of
// bytes, or as far as it then replaces. So the time for a text is linear in its
// size.
//
// This file has the loop and decides which rule is called at which byte. The
// rules are methods of scanner in the other files, one file for each construct
// that they read.
type scanner struct {
	config *Scrubber
	s      string
	out    []byte // the replacement of s[:done], nil until something is replaced
	done   int    // where the last replacement ended
	depth  int    // how many brackets are open: within them, %+v and map[…] separate values by blanks

	announcedTo int  // a "value" before this index is secret, see announced
	oddQuotes   bool // a quote in the rest of the text has no partner, see brackets
}

// scan returns t with everything replaced that one scan finds.
func scan(config *Scrubber, t string) string {
	x := scanner{config: config, s: t}
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

// replace replaces s[from:to] by with, and returns to.
func (x *scanner) replace(from, to int, with string) int {
	if x.out == nil {
		x.out = make([]byte, 0, len(x.s)+len(Filtered))
	}
	x.out = append(x.out, x.s[x.done:from]...)
	x.out = append(x.out, with...)
	x.done = to
	return to
}

// word calls the rules for a word that begins at i.
func (x *scanner) word(i int) int {
	if end := x.token(i); end > i {
		return x.replace(i, end, Filtered)
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
	if x.config.dsnKey != "" && x.s[i:end] == x.config.dsnKey {
		return x.replace(i, end, Filtered)
	}
	if end == len(x.s) || x.s[end] != ' ' && x.s[end] != '(' {
		return end
	}
	if end+2 < len(x.s) && isQuote(x.s[end+1]) {
		return x.phrase(i, end)
	}
	return max(end, x.httpAuth(i, end))
}

// number calls the rules for a number that begins at i. It returns the end of
// what has to be replaced, and the placeholder for it.
func (x *scanner) number(i int) (end int, with string) {
	if x.s[i:min(len(x.s), i+2)] == "0x" || i+1 == len(x.s) || isSpace(x.s[i+1]) { // no rule wants a hexadecimal number or a single digit
		return i, ""
	}
	if end := x.ipv4(i); end > i {
		return end, IPRemoved
	}
	if end := card(x.s, i); end > i {
		return end, Filtered
	}
	return i, ""
}

// mark calls the rules for a byte of the class mark.
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
		next = x.home(i)
	}
	return max(next, i+1)
}

// colon calls the rules for the colon at i, which can belong to a URL, to an
// IPv6 address, or to a name and its value.
func (x *scanner) colon(i int) int {
	if strings.HasPrefix(x.s[i:], "://") {
		return x.url(i)
	}
	if next := x.ipv6(i); next > i {
		return next
	}
	return x.pair(i)
}

// percent calls the rules for the per cent sign at i, which can begin an
// encoded @ or an encoded separator of a name and its value.
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

// at calls the rules for the @ in s[i:next], which is one byte, or %40 in a
// URL.
func (x *scanner) at(i, next int) int {
	if end := x.login(i, next); end > i {
		return end
	}
	return x.email(i, next)
}

// dash calls the rules for the dash at i, which can begin a PEM block or a
// flag.
func (x *scanner) dash(i int) int {
	if next := x.pem(i); next > i {
		return next
	}
	return x.flag(i)
}
