package texts

import "strings"

// hexDump reads bytes as hex.Dump, xxd and go-spew show them. The word s[i:end] is the
// number of the first byte. If the rules find something in these bytes, all of them
// are replaced:
//
//	00000000  70 61 73 73 77 6f 72 64  3d 68 75 6e 74 65 72 32  |password=hunter2|
func (x *scanner) hexDump(i, end int) int {
	if end-i != len("00000000") || run(x.s, i, end-i, func(c byte) bool { return c == '0' }) < end {
		return i
	}
	var plain []byte
	at, last := end, end
	for len(plain) < maxEncoded {
		const most = 16 // bytes in a line
		before := len(plain)
		at = run(x.s, at, 2, func(c byte) bool { return c == ' ' || c == ':' })
		for at+1 < len(x.s) && len(plain) < before+most && isHex(x.s[at]) && isHex(x.s[at+1]) {
			plain = append(plain, unhex(x.s[at])<<4|unhex(x.s[at+1]))
			at = run(x.s, at+2, 2, isBlank)
		}
		if len(plain) == before {
			break
		}
		last = run(x.s, at, maxName, func(c byte) bool { return !isLine(c) }) // the same as letters
		line := run(x.s, last, maxName, isSpace)
		at = run(x.s, line, end-i, isHex)
		if at-line != end-i || x.s[line:at] == x.s[i:end] { // another one begins
			break
		}
	}
	if !x.hides(plain) {
		return i
	}
	return x.replace(end+1, last, Filtered)
}

// mimeWord reads a word of a mail's header that is encoded. The first = is at i:
//
//	=?utf-8?Q?bob=40example.com?=
//
// One in base64 is read as such.
func (x *scanner) mimeWord(i int) int {
	const longest = 256
	if i+1 == len(x.s) || x.s[i+1] != '?' {
		return i
	}
	parts := strings.SplitN(x.s[i+2:min(len(x.s), i+longest)], "?", 4)
	if len(parts) < 4 || !strings.EqualFold(parts[1], "Q") || !strings.HasPrefix(parts[3], "=") {
		return i
	}
	text := parts[2]
	plain := make([]byte, 0, len(text))
	for n := 0; n < len(text); n++ {
		switch c := text[n]; {
		case c == '_':
			plain = append(plain, ' ')
		case c == '=' && n+2 < len(text) && isHex(text[n+1]) && isHex(text[n+2]):
			plain = append(plain, unhex(text[n+1])<<4|unhex(text[n+2]))
			n += 2
		default:
			plain = append(plain, c)
		}
	}
	if !x.hides(plain) {
		return i
	}
	from := i + len("=??Q?") + len(parts[0])
	return x.replace(from, from+len(text), Filtered)
}
