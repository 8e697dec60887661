package texts

import (
	"encoding/base64"
	"strings"
)

// isBearerByte accepts the bytes of a bearer token; RFC 6750, section 2.1.
func isBearerByte(c byte) bool {
	return isWord(c) || strings.IndexByte("-._~+/=", c) >= 0
}

// httpAuth reads the credentials of HTTP, with or without the name of the
// header before them. The word of the scheme is s[i:end]:
//
//	Bearer abc123
//	Basic dXNlcjpwYXNz
func (x *scanner) httpAuth(i, end int) int {
	const schemeLen = len("Bearer")
	if end-i > schemeLen || end-i < schemeLen-1 || lower(x.s[i]) != 'b' {
		return i
	}
	word := x.s[i:end]
	bearer := strings.EqualFold(word, "Bearer")
	if !bearer && !strings.EqualFold(word, "Basic") {
		return i
	}
	from := run(x.s, end, maxGap, isBlank)
	to := run(x.s, from, maxToken, isBearerByte)
	value := strings.TrimRight(x.s[from:to], ".")
	if isParameter(value, to < len(x.s) && isQuote(x.s[to])) {
		return i
	}
	if bearer && !bearerToken(value) || !bearer && !basicCredentials(value) {
		return i
	}
	return x.replace(from, from+len(value), Filtered)
}

// isParameter reports whether a name and a value follow the word of a scheme:
//
//	token_type=bearer expires_in=3600
//	WWW-Authenticate: Basic realm="x"
func isParameter(value string, quoteFollows bool) bool {
	n := strings.IndexByte(value, '=')
	if n <= 0 {
		return false
	}
	if n+1 == len(value) {
		return quoteFollows
	}
	return isAlnum(value[n+1])
}

// bearerToken reports whether the text after "Bearer" is a token. It is a word
// of a sentence in "bearer token missing" and "Bearer authentication is
// required". A token with nothing but lower-case letters is longer than such a
// word.
func bearerToken(value string) bool {
	const shortest, longestWord = 4, 18
	if len(value) < shortest {
		return false
	}
	for i := 0; i < len(value); i++ {
		if !isLower(value[i]) && (i > 0 || !isUpper(value[i])) {
			return true
		}
	}
	return len(value) > longestWord
}

// basicCredentials reports whether the text after "Basic" is user:password in
// base64. It is a word of a sentence in "basic auth".
func basicCredentials(value string) bool {
	const shortest = 4 // len("YTpi"), the base64 of a:b
	if len(value) < shortest || len(value) > maxToken {
		return false
	}
	plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(value, "="))
	if err != nil {
		plain, err = base64.RawURLEncoding.DecodeString(strings.TrimRight(value, "="))
	}
	if err == nil && strings.IndexByte(string(plain), ':') >= 0 {
		return true
	}
	return strings.HasSuffix(value, "=") || hasDigit(value) && strings.ToLower(value) != value
}
