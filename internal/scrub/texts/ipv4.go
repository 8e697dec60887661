package texts

import (
	"net/netip"
	"strings"
)

const maxIPv4 = len("255.255.255.255")

// ipv4 returns the end of an IPv4 address that begins at i, or i. Four numbers
// can also be a version:
//
//	10.1.2.3
//	10.1.2.3:5432
//	version 10.1.2.3
func (x *scanner) ipv4(i int) int {
	end := run(x.s, i, maxIPv4+1, func(c byte) bool { return isDigit(c) || c == '.' })
	for end > i && x.s[end-1] == '.' { // a full stop, which ends the sentence
		end--
	}
	a, ok := parseIPv4(x.s[i:end])
	if !ok || !Identifies(a) || x.versionBefore(i, end) || x.longerThan(end) {
		return i
	}
	return end
}

// parseIPv4 is like netip.ParseAddr, but accepts leading zeros:
// 010.001.002.003.
func parseIPv4(s string) (a netip.Addr, ok bool) {
	var b [4]byte
	for n := range b {
		part, rest, more := strings.Cut(s, ".")
		if more == (n == len(b)-1) || part == "" || len(part) > 3 {
			return a, false
		}
		v := 0
		for i := 0; i < len(part); i++ {
			if !isDigit(part[i]) {
				return a, false
			}
			v = v*10 + int(part[i]-'0')
		}
		if v > 255 {
			return a, false
		}
		b[n], s = byte(v), rest
	}
	return netip.AddrFrom4(b), true
}

// longerThan reports whether the four numbers before end are only a part of
// something longer:
//
//	1.2.3.4.5
//	1.2.3.4-rc1
//	1.2.3.4+build
//	1.2.3.4_x
//
// A dash and another address make a range, whose parts are addresses.
func (x *scanner) longerThan(end int) bool {
	if end >= len(x.s) {
		return false
	}
	c := x.s[end]
	if isWord(c) {
		return true
	}
	if end+1 >= len(x.s) {
		return false
	}
	after := x.s[end+1]
	if c == '-' {
		return isAlpha(after)
	}
	return (c == '.' && isAlnum(after)) || (c == '+' && isAlnum(after))
}

// versionBefore reports whether the text before the four numbers s[i:end] makes
// them a version:
//
//	v1.2.3.4
//	5.1.2.3.4
//	Chrome/120.0.0.0
//	golang.org/x/net@1.2.3.4
//	version 1.2.3.4
//
// With a port after them they are an address.
func (x *scanner) versionBefore(i, end int) bool {
	if i == x.done {
		return false
	}
	c := x.s[i-1]
	if isWord(c) || c == '.' || c == '-' && i-2 >= x.done && isAlnum(x.s[i-2]) && !x.range4(i-1) {
		return true
	}
	port := end+1 < len(x.s) && x.s[end] == ':' && isDigit(x.s[end+1])
	if c == '/' || c == '\\' {
		return !port && i-2 >= x.done && x.s[i-2] != '/' && x.s[i-2] != ':' && !isSpace(x.s[i-2]) && !isQuote(x.s[i-2])
	}
	if c == '@' {
		return !port && i-2 >= x.done && isWord(x.s[i-2]) && x.pathBefore(i-1)
	}
	return !port && x.versionWord(i)
}

// range4 reports whether the dash at i is that of a range of addresses whose
// first one was not replaced, because it is a loopback address:
//
//	127.0.0.1-10.0.0.9
func (x *scanner) range4(i int) bool {
	from := runBack(x.s, i, maxIPv4, x.done, func(c byte) bool { return isDigit(c) || c == '.' })
	_, ok := parseIPv4(x.s[from:i])
	return ok
}

// pathBefore reports whether the word before i is the end of a path, as in
// golang.org/x/net@1.2.3.4.
func (x *scanner) pathBefore(i int) bool {
	from := runBack(x.s, i, maxName, x.done, func(c byte) bool { return isWord(c) || c == '-' || c == '.' })
	return from > x.done && x.s[from-1] == '/'
}

// versionWords are words that announce a version.
var versionWords = wordSet(`
	version versions ver release build v firmware upgrade fileversion productversion appversion
	assemblyversion
`)

// versionWord reports whether the word before i announces a version:
//
//	version 1.2.3.4
//	version=1.2.3.4
//	"version": "1.2.3.4"
func (x *scanner) versionWord(i int) bool {
	const between = 6 // `": "` and `=\"`
	end := runBack(x.s, i, between, x.done, func(c byte) bool { return !isWord(c) && !isLine(c) })
	from := runBack(x.s, end, maxName, x.done, isWord)
	if from == end {
		return false
	}
	var k normalName
	k.set(x.s[from:end])
	words := k.bytes()
	for n := len(words); n > 0; n-- {
		if words[n-1] == ' ' {
			words = words[n:]
			break
		}
	}
	return versionWords[string(words)]
}
