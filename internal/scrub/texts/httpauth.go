package texts

import (
	"encoding/base64"
	"strings"
)

// isBearerByte accepts the bytes of a bearer token; RFC 6750, section 2.1.
func isBearerByte(c byte) bool { return isWord(c) || isOneOf(c, "-._~+/=") }

// httpAuth reads the credentials of HTTP, with or without the name of the
// header before them. The word of the scheme is s[i:end]:
//
//	Bearer abc123
//	Basic dXNlcjpwYXNz
//	Negotiate YIIJvwYGKwYBBQUC
func (x *scanner) httpAuth(i, end int) int {
	if end == len(x.s) || !isBlank(x.s[end]) {
		return i
	}
	scheme := schemeOf(x.s[i:end])
	if scheme == "" {
		return i
	}
	from := run(x.s, end, maxGap, isBlank)
	to := run(x.s, from, len(x.s), isBearerByte)
	value := strings.TrimRight(x.s[from:to], ".")
	if isParameter(value, to < len(x.s) && isQuote(x.s[to])) {
		return i
	}
	const shortest = 12 // TlRMTVNTUAAB, with which the tokens of NTLM begin
	switch {
	case scheme == "Bearer" && bearerToken(value), scheme == "Basic" && basicCredentials(value), scheme == "NTLM" && len(value) >= shortest:
		return x.replace(from, from+len(value), Filtered)
	}
	return i
}

// schemeOf returns the scheme whose credentials a word announces, or "". Those of
// Negotiate look like those of NTLM.
func schemeOf(word string) string {
	switch {
	case strings.EqualFold(word, "Bearer"):
		return "Bearer"
	case strings.EqualFold(word, "Basic"):
		return "Basic"
	case word == "Negotiate", word == "NTLM":
		return "NTLM"
	}
	return ""
}

// isParameter reports whether a name and a value follow the word of a scheme:
//
//	token_type=bearer expires_in=3600
//	WWW-Authenticate: Basic realm="x"
//
// The = at the end of base64 belongs to its value.
func isParameter(value string, quoteFollows bool) bool {
	n := strings.IndexByte(value, '=')
	if n <= 0 {
		return false
	}
	if n+1 == len(value) {
		const longest = 20 // a name of a parameter; no credentials are so short and end in =
		return quoteFollows && n <= longest && run(value, 0, n, func(c byte) bool { return isLower(c) || c == '_' || c == '-' }) == n
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
	if len(value) < shortest {
		return false
	}
	if len(value) > maxToken {
		return true
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

// phrase reads a word that is followed by the secret in quotes. The word is
// s[i:end]:
//
//	password "hunter2"
//	PASSWORD('hunter2')
//	IDENTIFIED BY 'hunter2'
//	Duplicate entry 'bob' for key
//	invalid port ":hun" after host
//	with password tr0ub4dor
//
// It knows only words that are used for nothing but secrets. In `cookie "x" not
// found`, x is the name of a cookie.
func (x *scanner) phrase(i, end int) int {
	if end+1 < len(x.s) && x.s[end] == ' ' && isAlnum(x.s[end+1]) {
		return x.bare(i, end)
	}
	if end+2 >= len(x.s) || x.s[end] != ' ' && x.s[end] != '(' || !isQuote(x.s[end+1]) {
		return i
	}
	at := i
	switch word := strings.ToLower(x.s[i:min(end, i+16)]); word {
	case "password", "passwd", "passphrase", "pwd", "pass", "kennwort":
	case "by", "entry", "port": // IDENTIFIED BY 'x', Duplicate entry 'x', invalid port ":x" after host
		before := map[string]string{"by": "identified ", "entry": "duplicate ", "port": "invalid "}[word]
		if word == "by" {
			at = x.plugin(i)
		}
		if at < x.done+len(before) || !strings.EqualFold(x.s[at-len(before):at], before) {
			return i
		}
	default:
		return i
	}
	return x.quoted(end+2, x.s[end+1])
}

// plugin returns where the BY of a statement would be without the way in which the
// password is kept, or i:
//
//	IDENTIFIED WITH caching_sha2_password BY 'hunter2'
func (x *scanner) plugin(i int) int {
	const with = "with "
	name := runBack(x.s, max(i-1, x.done), maxName, x.done, isWord)
	if from := name - len(with); from >= x.done && strings.EqualFold(x.s[from:name], with) {
		return from
	}
	return i
}
