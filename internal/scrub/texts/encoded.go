package texts

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// leastEncoded is how many bytes an encoded text has at least. A shorter one
	// has no room for a name and a secret.
	leastEncoded = 8

	// maxEncoded bounds how many bytes of an encoded text are decoded.
	maxEncoded = 16 << 10
)

// encoded reads a word that is a text in base64 or in hexadecimal digits,
// s[i:end]. If the rules find something in that text, the word is replaced:
//
//	eyJwYXNzd29yZCI6Imh1bnRlcjIifQ==
//	70617373776f72643d68756e74657232
func (x *scanner) encoded(i, end int) int {
	const leastWord = 4 * leastEncoded / 3
	if end-i < leastWord || end-i > maxEncoded {
		return i
	}
	if x.s[i] == 'x' && i > x.done && x.s[i-1] == '\\' { // \x7061, as Postgres writes bytes
		i++
	}
	word := x.s[i:end]
	if isHexNumber(word) {
		if !mayBeHex(word) {
			return i
		}
		if plain, err := hex.DecodeString(word); err == nil && x.hides(plain) {
			return x.replace(i, end, Filtered)
		}
		return i
	}
	if !mayBeBase64(word) {
		return i
	}
	last := run(x.s, end, 2, func(c byte) bool { return c == '=' })
	plain, err := base64.RawStdEncoding.DecodeString(word)
	if err != nil {
		plain, err = base64.RawURLEncoding.DecodeString(word)
	}
	if err == nil && x.hides(plain) {
		return x.replace(i, last, Filtered)
	}
	return i
}

// mayBeHex reports whether the first bytes that hexadecimal digits stand for are
// those of a text. So most numbers need not be decoded any further.
func mayBeHex(word string) bool {
	for i := 0; i+1 < leastEncoded; i += 2 {
		if c := unhex(word[i])<<4 | unhex(word[i+1]); c < ' ' && !isSpace(c) || c >= 0x7f {
			return false
		}
	}
	return true
}

// mayBeBase64 reports the same of base64. In that of a text of ASCII, no group of
// four begins with the second half of the alphabet: it would be a byte above 127.
func mayBeBase64(word string) bool {
	for i := 0; i < leastEncoded; i += 4 {
		if c := word[i]; c > 'f' || isDigit(c) || !isAlnum(c) {
			return false
		}
	}
	return true
}

// byteList reads the bytes of a text as Go prints them. The bracket is at i:
//
//	[112 97 115 115 119 111 114 100 61 97]
//	[]byte{0x70, 0x61, 0x73, 0x73, 0x77, 0x6f, 0x72, 0x64}
func (x *scanner) byteList(i int) int {
	var buf [64]byte // on the stack: most lists of numbers are short
	plain := buf[:0]
	at := i + 1
	for len(plain) < maxEncoded {
		v, end := byteAt(x.s, at)
		if end == at {
			break
		}
		plain = append(plain, v)
		at = run(x.s, end, 2, func(c byte) bool { return c == ' ' || c == ',' })
	}
	if len(plain) < leastEncoded || !x.hides(plain) {
		return i
	}
	return x.replace(i+1, at, Filtered)
}

// byteAt reads the number of a byte, 112 or 0x70, that begins at s[i]. It returns
// its end, or i.
func byteAt(s string, i int) (v byte, end int) {
	if i+4 <= len(s) && s[i:i+2] == "0x" {
		n, ok := hexNumber(s, i+2, 2)
		if !ok {
			return 0, i
		}
		return byte(n), i + 4
	}
	n := 0
	for end = i; end < len(s) && isDigit(s[end]) && n <= 255; end++ {
		n = 10*n + int(s[end]-'0')
	}
	if n > 255 {
		return 0, i
	}
	return byte(n), end
}

// hides reports whether bytes are a text in which the rules find something. The
// text may not have another one in it.
func (x *scanner) hides(plain []byte) bool {
	if x.inner || len(plain) < leastEncoded || !isReadable(plain) {
		return false
	}
	inner := scanners.Get().(*scanner)
	defer inner.release()
	inner.config, inner.inner = x.config, true
	t := string(plain)
	return isLogin(t) || inner.pass(t) != t
}

// isLogin reports whether a text that was encoded is a user and a password, as for
// HTTP. A text with a blank before the colon says something else.
//
//	admin:correct horse
func isLogin(t string) bool {
	const shortest = 4
	user, password, found := strings.Cut(t, ":")
	return found && len(password) >= shortest && user != "" && !isSpace(password[0]) && run(user, 0, len(user), isLoginByte) == len(user) && !strings.HasPrefix(password, "//")
}

func isLoginByte(c byte) bool { return isTokenByte(c) || isOneOf(c, ".@+") }

// isReadable reports whether bytes are a text that a person could read.
func isReadable(plain []byte) bool {
	for _, r := range string(plain) {
		if r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}
