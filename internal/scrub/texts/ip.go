package texts

import (
	"net/netip"
	"strings"
)

const (
	maxIPv4 = len("255.255.255.255")
	maxIPv6 = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255")
	maxZone = 32 // the name of an interface: at most 16 bytes on Linux, more on Windows
)

// Identifies reports whether an address can identify a person. Loopback
// addresses, the unspecified address and netmasks are the same on every
// machine, and "dial tcp 127.0.0.1:5432: connection refused" needs its address.
// Private addresses are removed: 192.168.178.23 can identify a device of a
// known network.
func Identifies(a netip.Addr) bool {
	a = a.Unmap()
	if a.Is4() && a.As4()[0] == 255 {
		return false
	}
	return !a.IsLoopback() && !a.IsUnspecified()
}

// number reads what begins with a digit, s[i:end]:
//
//	10.1.2.3
//	10-1-2-3
//	4111 1111 1111 1111
//	078-05-1120
//	49-015420-323751-8
func (x *scanner) number(i, _ int) int {
	if i+1 == len(x.s) || isSpace(x.s[i+1]) || x.s[i] == '0' && x.s[i+1] == 'x' {
		return i // nothing that is longer, or an address of memory
	}
	if end := x.ipv4(i); end > i {
		return x.replace(i, end, IPRemoved)
	}
	if end := card(x.s, i); end > i {
		return x.replace(i, end, Filtered)
	}
	if end := max(socialSecurity(x.s, i), imei(x.s, i)); end > i {
		return x.replace(i, end, Filtered)
	}
	return i
}

// ipv4 returns the end of an IPv4 address that begins at i, or i. Its numbers
// are separated by points, or by dashes as in the name of a host:
//
//	10.1.2.3
//	10.1.2.3:5432
//	ip-10-1-2-3.ec2.internal
func (x *scanner) ipv4(i int) int {
	a, end, separator := parseIPv4(x.s[i:min(len(x.s), i+maxIPv4)])
	if end += i; end == i || !Identifies(a) || end < len(x.s) && isWord(x.s[end]) {
		return i
	}
	if separator == '-' && !x.inHostName(i, end, a) || separator == '.' && x.isVersion(i, end, a) {
		return i
	}
	return end
}

// parseIPv4 reads four numbers at the beginning of s. Unlike netip.ParseAddr it
// accepts leading zeros, 010.001.002.003, and text behind the address.
func parseIPv4(s string) (a netip.Addr, end int, separator byte) {
	var b [4]byte
	i := 0
	for n := range b {
		if n > 0 {
			if i >= len(s) || s[i] != '.' && s[i] != '-' || separator != 0 && s[i] != separator {
				return a, 0, 0
			}
			separator = s[i]
			i++
		}
		v, from := 0, i
		for i < len(s) && isDigit(s[i]) && i-from < 3 {
			v = v*10 + int(s[i]-'0')
			i++
		}
		if i == from || v > 255 || i < len(s) && isDigit(s[i]) {
			return a, 0, 0
		}
		b[n] = byte(v)
	}
	return netip.AddrFrom4(b), i, separator
}

// looksLikeAddress tells addresses from versions by their numbers alone: those
// of versions are small.
func looksLikeAddress(a netip.Addr) bool {
	const large = 100
	b := a.As4()
	return a.IsPrivate() && b[0] != 10 || max(b[0], b[1], b[2], b[3]) >= large
}

// inHostName reports whether four numbers with dashes are the address in the
// name of a host. Others are a date, a range, a part of an id.
func (x *scanner) inHostName(i, end int, a netip.Addr) bool {
	before := x.s[runBack(x.s, i, maxName, x.done, isTokenByte):i]
	if before == "ip-" || before == "ec2-" {
		return true
	}
	if end+1 < len(x.s) && x.s[end] == '-' && isAlnum(x.s[end+1]) || before != "" && !isAlpha(before[0]) {
		return false
	}
	domain := end+1 < len(x.s) && x.s[end] == '.' && isAlpha(x.s[end+1])
	return looksLikeAddress(a) && (domain || before != "" || i > 0 && x.s[i-1] == '.') || domain && a.IsPrivate()
}

// isVersion reports whether the text around the four numbers s[i:end] makes them
// a version, or a part of something longer:
//
//	v1.2.3.4            1.2.3.4.5
//	1.2.3.4-rc1         1.2.3.4+build
//	Chrome/120.0.0.0    golang.org/x/net@1.2.3.4
//	version 1.2.3.4     /opt/app/1.2.3.4/bin
//	app~amd64~~1.2.3.4
//
// With a port after them they are an address.
func (x *scanner) isVersion(i, end int, a netip.Addr) bool {
	after, next := byte(0), byte(0)
	if end < len(x.s) {
		after = x.s[end]
	}
	if end+1 < len(x.s) {
		next = x.s[end+1]
	}
	likely := looksLikeAddress(a) || a.IsPrivate()
	switch {
	case after == '.' && isDigit(next), after == '+' && isAlnum(next):
		return true
	case after == '.' && isAlpha(next): // 10.1.2.3.nip.io, 1.2.3.4.tar.gz
		if !likely && !x.domainAt(end+1) {
			return true
		}
	case after == '-' && isAlpha(next): // 1.2.3.4-rc1
		if !looksLikeAddress(a) {
			return true
		}
	}
	if i == x.done || after == ':' && isDigit(next) {
		return i > x.done && (isWord(x.s[i-1]) || x.s[i-1] == '.')
	}
	switch x.s[i-1] {
	case '-':
		return i-2 >= x.done && isAlnum(x.s[i-2]) && !looksLikeAddress(a) && !x.range4(i-1)
	case '~': // package~31bf3856ad364e35~amd64~~10.0.1.0
		return i-2 >= x.done && (isAlnum(x.s[i-2]) || x.s[i-2] == '~') && !looksLikeAddress(a)
	case '/', '\\':
		return x.versionInPath(i, after, likely)
	case '@':
		return i-2 >= x.done && isWord(x.s[i-2]) && x.pathBefore(i-1)
	case '.': // dsl-059.45.101.203
		return true
	}
	return isWord(x.s[i-1]) || x.versionWord(i)
}

// domainAt reports whether the names at i are those of a domain, and not the
// endings of a file:
//
//	5.36.59.76.dynamic-dsl-ip.example.net
func (x *scanner) domainAt(i int) bool {
	end := run(x.s, i, maxDomain, isDomainByte)
	first, rest, _ := strings.Cut(x.s[i:end], ".")
	const longestEnding = 4
	return len(first) > longestEnding && strings.IndexByte(rest, '.') > 0
}

// versionInPath reports whether an element of a path is a version:
//
//	Chrome/120.0.0.0
//	/opt/app/1.2.3.4/bin
//	GET /hosts/10.1.2.3
func (x *scanner) versionInPath(i int, after byte, likely bool) bool {
	from := runBack(x.s, i-1, maxName, x.done, func(c byte) bool { return isTokenByte(c) || c == '.' })
	switch {
	case from == i-1: // //10.1.2.3, or a path of its own
		return false
	case from > 0 && isSlash(x.s[from-1]), isSlash(after):
		return !likely
	}
	return true
}

// range4 reports whether the dash at i is that of a range of addresses whose
// first one was not replaced, because it is a loopback address:
//
//	127.0.0.1-10.0.0.9
func (x *scanner) range4(i int) bool {
	from := runBack(x.s, i, maxIPv4, x.done, func(c byte) bool { return isDigit(c) || c == '.' })
	_, end, _ := parseIPv4(x.s[from:i])
	return end == i-from && end > 0
}

// pathBefore reports whether the word before i is the end of a path, as in
// golang.org/x/net@1.2.3.4.
func (x *scanner) pathBefore(i int) bool {
	from := runBack(x.s, i, maxName, x.done, func(c byte) bool { return isWord(c) || c == '-' || c == '.' })
	return from > x.done && x.s[from-1] == '/'
}

// versionWords are words that announce a version.
var versionWords = wordSet(`
	version versions ver release build v rev revision firmware upgrade fileversion productversion appversion
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
	return versionWords.words()[string(words)]
}

// ipv6 reads an IPv6 address whose first colon is at i, or that follows the
// colon at i. It replaces it with its brackets and its zone. A port after the
// brackets stays:
//
//	2001:db8::1
//	fe80::1%eth0
//	[2001:db8::1]:443
//	addr:2001:db8::1
func (x *scanner) ipv6(i int) int {
	const group = 4
	from := runBack(x.s, i, group+1, x.done, isHex)
	if i-from <= group && (from == x.done || !x.inWord(from)) {
		if next := x.ipv6At(from, i); next > i {
			return next
		}
	}
	if i > x.done && isWord(x.s[i-1]) && i+1 < len(x.s) && x.s[i+1] != ':' {
		first := run(x.s, i+1, group+1, isHex)
		if first < len(x.s) && x.s[first] == ':' && x.namedBefore(i) {
			if next := x.ipv6At(i+1, first); next > first {
				return next
			}
		}
	}
	return i
}

// namedBefore reports whether a word ends at i that is no group of an address.
func (x *scanner) namedBefore(i int) bool {
	from := runBack(x.s, i, maxName, x.done, isWord)
	return run(x.s, from, maxName, isHex) < i
}

// ipv6At reads an IPv6 address that begins at from and has its first colon at i.
func (x *scanner) ipv6At(from, i int) int {
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

// mac reads the address of a network card, whose first separator is at i:
//
//	4a:00:04:10:9b:50
//	4A-00-04-10-9B-50
func (x *scanner) mac(i int) int {
	const groups = 6
	from, end := i-2, i-2+3*groups-1
	if from < x.done || end > len(x.s) || from > 0 && (isWord(x.s[from-1]) || x.s[from-1] == x.s[i]) {
		return i
	}
	for n := from; n < end; n++ {
		if separator := (n-from)%3 == 2; separator && x.s[n] != x.s[i] || !separator && !isHex(x.s[n]) {
			return i
		}
	}
	if end < len(x.s) && (isWord(x.s[end]) || x.s[end] == x.s[i]) || strings.Trim(x.s[from:end], "0:-") == "" {
		return i
	}
	return x.replace(from, end, macRemoved)
}
