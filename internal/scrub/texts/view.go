package texts

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxLevels bounds how often a text is decoded. A string in a JSON text in a
// JSON text in the output of %q has three levels of escapes.
const maxLevels = 4

// A view is what a text says when its escapes are undone, once or several times.
// The rules read views, so that they do not have to know in how many ways a
// quote or a slash can be written:
//
//	{\"password\":\"hunter2\"}          {"password":"hunter2"}
//	\u0070assword%3Dhunter2             password=hunter2
//	&quot;token&quot;:&quot;abc&quot;   "token":"abc"
//	ESC[31mpassword ESC[0m=hunter2      password =hunter2
//	bob＠example.com                     bob@example.com
//
// What looks like an escape may be none, as in C:\new. So a text is read in each
// of its views, see [scanner.pass].
type view struct {
	s string
	// at has for each byte of s, and for its end, where the text has it. It is
	// nil if s is the text itself.
	at []int32
}

// viewsOf returns the views of t: as it is, and after each decoding.
func viewsOf(t string) []view {
	views := []view{{s: t}}
	for len(views) <= maxLevels {
		next, ok := views[len(views)-1].decoded()
		if !ok {
			break
		}
		views = append(views, next)
	}
	return views
}

// source returns where the text has the bytes from and to of the view.
func (v view) source(from, to int) (int, int) {
	if v.at == nil {
		return from, to
	}
	return int(v.at[from]), int(v.at[to])
}

// decoded undoes one level of escapes. It reports whether there are any.
func (v view) decoded() (next view, ok bool) {
	s := v.s
	i := nextEscape(s, 0)
	if i < 0 {
		return v, false
	}
	var b []byte
	var at []int32
	copied := 0 // up to where b and at have s
	keep := func(to int) {
		b = append(b, s[copied:to]...)
		if v.at != nil {
			at = append(at, v.at[copied:to]...)
		} else {
			for i := copied; i < to; i++ {
				at = append(at, int32(i))
			}
		}
		copied = to
	}
	var buf [utf8.UTFMax]byte
	for i >= 0 {
		plain, n := unescape(s[i:], buf[:0])
		if n == 0 {
			i = nextEscape(s, i+1)
			continue
		}
		if b == nil {
			b, at = make([]byte, 0, len(s)), make([]int32, 0, len(s)+1)
		}
		keep(i)
		for _, c := range plain {
			b, at = append(b, c), append(at, v.offset(i))
		}
		copied = i + n
		i = nextEscape(s, copied)
	}
	if b == nil {
		return v, false
	}
	keep(len(s))
	at = append(at, v.offset(len(s)))
	return view{s: string(b), at: at}, true
}

// offset returns where the text has the byte i of the view.
func (v view) offset(i int) int32 {
	if v.at == nil {
		return int32(i)
	}
	return v.at[i]
}

// nextEscape returns the index from i on of a byte with which an escape can
// begin, or -1.
func nextEscape(s string, i int) int {
	for ; i < len(s); i++ {
		if escapes[s[i]] && (s[i] < utf8.RuneSelf || disguised(s[i:]) > 0) {
			return i
		}
	}
	return -1
}

// escapes are the bytes with which an escape can begin, and a disguised letter.
var escapes = [256]bool{'\\': true, '%': true, '&': true, esc: true, 0xc2: true, 0xe2: true, 0xef: true}

// disguised returns the length of the character with which s begins, or 0 if it is
// none of those that nobody sees and those of full width, which are ASCII for who
// reads them:
//
//	a zero-width space, a mark for the direction of writing, a soft hyphen
//	＠ ： ＝ １
func disguised(s string) int {
	r, n := utf8.DecodeRuneInString(s)
	switch {
	case r == 0xad, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x2069, r == 0xfeff:
		return n
	case r >= firstWide && r <= lastWide:
		return n
	}
	return 0
}

// The characters of full width are those of ASCII from ! to ~.
const (
	firstWide = '！'
	lastWide  = '～'
)

const esc = 0x1b

// unescape reads the escape with which s begins, and appends what it stands for
// to buf. It returns the length of the escape, or 0 if s begins with none.
func unescape(s string, buf []byte) (plain []byte, n int) {
	switch s[0] {
	case '\\':
		return backslash(s, buf)
	case '%':
		if len(s) > 2 && isHex(s[1]) && isHex(s[2]) {
			return append(buf, unhex(s[1])<<4|unhex(s[2])), 3
		}
	case '&':
		return entity(s, buf)
	case esc:
		return buf, colour(s)
	case 0xc2, 0xe2, 0xef:
		r, _ := utf8.DecodeRuneInString(s)
		if r >= firstWide && r <= lastWide {
			buf = append(buf, byte(r-firstWide+'!'))
		}
		return buf, disguised(s)
	}
	return buf, 0
}

// backslash reads an escape of Go, JSON and their relatives:
//
//	\n \" \\ \/ \u0070 \x70
func backslash(s string, buf []byte) ([]byte, int) {
	if len(s) < 2 {
		return buf, 0
	}
	switch c := s[1]; c {
	case 'n':
		return append(buf, '\n'), 2
	case 'r':
		return append(buf, '\r'), 2
	case 't':
		return append(buf, '\t'), 2
	case '"', '\'', '`', '\\', '/':
		return append(buf, c), 2
	case 'x':
		if v, ok := hexNumber(s, 2, 2); ok {
			return append(buf, byte(v)), 4
		}
	case 'u':
		v, ok := hexNumber(s, 2, 4)
		if !ok {
			return buf, 0
		}
		if low, ok := hexNumber(s, 8, 4); ok && s[6] == '\\' && s[7] == 'u' && utf16.IsSurrogate(v) {
			return utf8.AppendRune(buf, utf16.DecodeRune(v, low)), 12
		}
		return utf8.AppendRune(buf, v), 6
	case 'U':
		if v, ok := hexNumber(s, 2, 8); ok {
			return utf8.AppendRune(buf, v), 10
		}
	}
	return buf, 0
}

// hexNumber reads n hexadecimal digits from s[i] on.
func hexNumber(s string, i, n int) (v rune, ok bool) {
	if i+n > len(s) {
		return 0, false
	}
	for _, c := range []byte(s[i : i+n]) {
		if !isHex(c) {
			return 0, false
		}
		v = v<<4 | rune(unhex(c))
	}
	return v, true
}

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return lower(c) - 'a' + 10
}

// entity reads an escape of HTML and XML:
//
//	&quot; &#34; &#x22;
func entity(s string, buf []byte) ([]byte, int) {
	const longest = len("&#x10ffff;")
	end := strings.IndexByte(s[:min(len(s), longest)], ';')
	if end < 0 {
		return buf, 0
	}
	switch name := s[1:end]; name {
	case "quot":
		return append(buf, '"'), end + 1
	case "apos":
		return append(buf, '\''), end + 1
	case "amp":
		return append(buf, '&'), end + 1
	case "lt":
		return append(buf, '<'), end + 1
	case "gt":
		return append(buf, '>'), end + 1
	default:
		if v, ok := numeric(name); ok {
			return utf8.AppendRune(buf, v), end + 1
		}
	}
	return buf, 0
}

// numeric reads the number of an entity: #34, #x22.
func numeric(name string) (v rune, ok bool) {
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	if lower(name[1]) == 'x' {
		return hexNumber(name, 2, len(name)-2)
	}
	for _, c := range []byte(name[1:]) {
		if !isDigit(c) {
			return 0, false
		}
		v = v*10 + rune(c-'0')
	}
	return v, true
}

// colour returns the length of a control sequence of a terminal, or 0:
//
//	ESC[1;31m
func colour(s string) int {
	const longest = 32 // of a sequence with a colour of 24 bits and attributes
	if len(s) < 2 || s[1] != '[' {
		return 0
	}
	end := run(s, 2, longest, func(c byte) bool { return isDigit(c) || c == ';' || c == ':' || c == '?' })
	if end >= len(s) || s[end] < '@' || s[end] > '~' {
		return 0
	}
	return end + 1
}
