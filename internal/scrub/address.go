package scrub

import (
	"net/netip"
	"strings"
)

const (
	maxIPv4 = len("255.255.255.255")
	maxIPv6 = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
	maxZone = 32 // an interface's name: IFNAMSIZ is 16, Windows has longer ones
)

// identifies reports whether an address leads to somebody. Loopback, the
// unspecified address and a netmask are the same on every machine, and "dial
// tcp 127.0.0.1:5432: connection refused" says what is wrong; they stay.
// Private addresses go: 192.168.178.23 and a tenant's number are a person.
func identifies(a netip.Addr) bool {
	a = a.Unmap()
	if a.Is4() && a.As4()[0] == 255 {
		return false
	}
	return !a.IsLoopback() && !a.IsUnspecified()
}

// number looks at digits that begin at i: an IPv4 address, a card.
func (x *scanner) number(i int) (end int, with string) {
	if x.s[i:min(len(x.s), i+2)] == "0x" || i+1 == len(x.s) || isSpace(x.s[i+1]) { // most numbers
		return i, ""
	}
	if end := x.ipv4(i); end > i {
		return end, ipRemoved
	}
	if end := x.card(i); end > i {
		return end, filtered
	}
	return i, ""
}

// ipv4 returns the end of an IPv4 address that begins at i, or i.
func (x *scanner) ipv4(i int) int {
	end := run(x.s, i, maxIPv4+1, func(c byte) bool { return isDigit(c) || c == '.' })
	for end > i && x.s[end-1] == '.' { // the full stop of the sentence
		end--
	}
	a, ok := parseIPv4(x.s[i:end])
	if !ok || !identifies(a) || x.versionBefore(i, end) || x.longerThan(end) {
		return i
	}
	return end
}

// parseIPv4 is netip.ParseAddr that takes leading zeros, as in 010.001.002.003.
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

// longerThan reports whether what ends at end goes on: 1.2.3.4.5, 1.2.3.4-rc1,
// 1.2.3.4+build, 1.2.3.4_x. A dash in front of another address is a range.
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

// versionBefore reports whether the four numbers s[i:end] are a version for
// what stands before them: v1.2.3.4, 5.1.2.3.4, Chrome/120.0.0.0, a folder in
// a path, or the word itself. A port behind them makes them an address.
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

// range4 reports whether the dash at i ends an address: 10.0.0.1-10.0.0.9. The
// first one is replaced by then, or is in front as it is a loopback address.
func (x *scanner) range4(i int) bool {
	from := runBack(x.s, i, maxIPv4, x.done, func(c byte) bool { return isDigit(c) || c == '.' })
	_, ok := parseIPv4(x.s[from:i])
	return ok
}

// pathBefore reports whether the word before i is the end of a path, as in
// golang.org/x/net@1.2.3.4.
func (x *scanner) pathBefore(i int) bool {
	from := runBack(x.s, i, maxKey, x.done, func(c byte) bool { return isWord(c) || c == '-' || c == '.' })
	return from > x.done && x.s[from-1] == '/'
}

// versionWords announce a version.
var versionWords = set(`
	version versions ver release build v firmware upgrade fileversion productversion appversion
	assemblyversion
`)

// versionWord reports whether the word before i announces a version:
// "version 1.2.3.4", version=1.2.3.4, "version": "1.2.3.4".
func (x *scanner) versionWord(i int) bool {
	const between = 6 // `": "` and `=\"`
	end := runBack(x.s, i, between, x.done, func(c byte) bool { return !isWord(c) && !isLine(c) })
	from := runBack(x.s, end, maxKey, x.done, isWord)
	if from == end {
		return false
	}
	var k normalKey
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

// ipv6 looks at a colon: if it is the first of an IPv6 address, that is
// replaced, with its brackets and its zone. A port behind it stays.
func (x *scanner) ipv6(i int) int {
	const group = 4
	from := runBack(x.s, i, group+1, x.done, isHex)
	if i-from > group || from > x.done && x.inWord(from) {
		return i
	}
	end := run(x.s, i, maxIPv6+1, func(c byte) bool { return isHex(c) || c == ':' || c == '.' })
	for end > i+2 && (x.s[end-1] == '.' || x.s[end-1] == ':' && x.s[end-2] != ':') {
		end--
	}
	if !isIPv6(x.s[from:end]) || end < len(x.s) && isWord(x.s[end]) {
		return i
	}
	if end < len(x.s) && x.s[end] == '%' {
		if zone := run(x.s, end+1, maxZone, isTokenByte); zone > end+1 {
			end = zone
		}
	}
	if from > x.done && x.s[from-1] == '[' && end < len(x.s) && x.s[end] == ']' {
		from--
		end++
		x.depth = max(0, x.depth-1)
	}
	return x.replace(from, end, ipRemoved)
}

// inWord reports whether what begins at i continues a word or a number before
// it: std::vector, 12:30:45.
func (x *scanner) inWord(i int) bool {
	c := x.s[i-1]
	return isWord(c) || c == ':' || c == '.' || c == '$' || c >= 0x80
}

// isIPv6 reports whether s is an IPv6 address of somebody. abc::def is one to
// a parser; to a reader it is a scope.
func isIPv6(s string) bool {
	if strings.Count(s, ":") < 2 || !hasDigit(s) {
		return false
	}
	a, err := netip.ParseAddr(s)
	return err == nil && identifies(a)
}
