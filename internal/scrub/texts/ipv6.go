package texts

import (
	"net/netip"
	"strings"
)

const (
	maxIPv6 = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
	maxZone = 32 // the name of an interface: at most 16 bytes on Linux, more on Windows
)

// ipv6 reads an IPv6 address whose first colon is at i, and replaces it with
// its brackets and its zone. A port after the brackets stays:
//
//	2001:db8::1
//	fe80::1%eth0
//	[2001:db8::1]:443
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
	return x.replace(from, end, IPRemoved)
}

// inWord reports whether what begins at i continues a word or a number:
//
//	std::vector
//	12:30:45
func (x *scanner) inWord(i int) bool {
	c := x.s[i-1]
	return isWord(c) || c == ':' || c == '.' || c == '$' || c >= 0x80
}

// isIPv6 reports whether s is an IPv6 address that can identify a person. An
// address without a digit, such as abc::def, is more likely a name in a
// programming language.
func isIPv6(s string) bool {
	if strings.Count(s, ":") < 2 || !hasDigit(s) {
		return false
	}
	a, err := netip.ParseAddr(s)
	return err == nil && Identifies(a)
}
