package scrub

import (
	"encoding/base64"
	"strings"
)

// A tokenShape is how the tokens of one issuer begin, and how many more bytes
// they have at least. The prefixes are documented by their issuers so that
// scanners can find what has leaked:
// https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
type tokenShape struct {
	prefix string
	least  int
}

// tokenShapes by the byte that they begin with.
var tokenShapes = func() (t [256][]tokenShape) {
	for _, shape := range []tokenShape{
		{"AKIA", 12}, {"ASIA", 12}, {"ABIA", 12}, {"ACCA", 12}, // AWS
		{"AIza", 30}, {"GOCSPX-", 20}, {"ya29.", 20}, // Google
		{"ghp_", 16}, {"gho_", 16}, {"ghu_", 16}, {"ghs_", 16}, {"ghr_", 16}, {"github_pat_", 16},
		{"glpat-", 16}, {"glrt-", 16}, {"gldt-", 16}, {"glcbt-", 16}, {"glptt-", 16},
		{"sk_live_", 8}, {"sk_test_", 8}, {"pk_live_", 8}, {"pk_test_", 8}, {"rk_live_", 8}, {"rk_test_", 8}, {"whsec_", 16},
		{"xoxb-", 8}, {"xoxp-", 8}, {"xoxa-", 8}, {"xoxr-", 8}, {"xoxs-", 8}, {"xoxe-", 8}, {"xapp-", 8},
		{"npm_", 20}, {"pypi-", 20}, {"dop_v1_", 20}, {"hf_", 20}, {"shpat_", 16}, {"shpss_", 16},
		{"sk-", 20}, {"SG.", 30}, {"sntrys_", 20}, {"sntryu_", 20}, {"lin_api_", 16}, {"dckr_pat_", 16},
		{"ATATT3", 20}, {"hvs.", 20}, {"age-secret-key-1", 20}, {"AGE-SECRET-KEY-1", 20},
		{"hooks.slack.com/services/", 20}, {"discord.com/api/webhooks/", 20}, {"api.telegram.org/bot", 20},
	} {
		t[shape.prefix[0]] = append(t[shape.prefix[0]], shape)
	}
	return t
}()

// maxToken bounds one token; a JWT with many claims has a few kilobytes.
const maxToken = 8 << 10

func isTokenByte(c byte) bool   { return isWord(c) || c == '-' }
func isJWTByte(c byte) bool     { return isWord(c) || c == '-' || c == '.' || c == '=' }
func isWebhookByte(c byte) bool { return isTokenByte(c) || c == '/' || c == ':' }
func isBearerByte(c byte) bool {
	return isWord(c) || strings.IndexByte("-._~+/=", c) >= 0
}

// token returns the end of a token that its shape alone gives away, or i.
func (x *scanner) token(i int) int {
	rest := x.s[i:]
	if rest[0] == 'e' && strings.HasPrefix(rest, "eyJ") {
		return x.jwt(i)
	}
	for _, shape := range tokenShapes[rest[0]] {
		if !strings.HasPrefix(rest, shape.prefix) {
			continue
		}
		ok := isTokenByte
		switch {
		case strings.HasSuffix(shape.prefix, "."):
			ok = isJWTByte
		case strings.Contains(shape.prefix, "/"): // a URL that is the secret itself
			ok = isWebhookByte
		}
		end := run(x.s, i+len(shape.prefix), maxToken, ok)
		if end-i-len(shape.prefix) >= shape.least && hasDigit(x.s[i+len(shape.prefix):end]) {
			return end
		}
	}
	return i
}

// jwt reads eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl: objects of
// JSON in base64, which always begins with eyJ for {", and a signature.
func (x *scanner) jwt(i int) int {
	const shortestHeader = 10 // {"a":"b"} is eyJhIjoiYiJ9
	head := run(x.s, i, maxToken, isTokenByte)
	if head-i < shortestHeader || head >= len(x.s) || x.s[head] != '.' {
		return i
	}
	end := run(x.s, head, maxToken, isJWTByte)
	for x.s[end-1] == '.' { // the full stop of the sentence
		end--
	}
	if end-head < shortestHeader {
		return i
	}
	return end
}

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

// scheme reads the credentials of HTTP wherever they stand, Bearer abc or Basic
// dXNlcjpwYXNz, behind the word s[i:end].
func (x *scanner) scheme(i, end int) int {
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
	return x.replace(from, from+len(value), filtered)
}

// isParameter reports whether what follows a scheme is a name and a value:
// token_type=bearer expires_in=3600, WWW-Authenticate: Basic realm="x".
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

// bearerToken tells a token from a word: "bearer token missing", "Bearer
// authentication is required". A token without any digit, capital or sign is
// random enough to be long.
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

// basicCredentials tells user:password in base64 from a word: "basic auth".
func basicCredentials(value string) bool {
	const shortest = 4 // YTpi is a:b
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

// pem reads a private key block:
//
//	-----BEGIN RSA PRIVATE KEY-----
//	MIIEpAIBAAKCAQEA…
//	-----END RSA PRIVATE KEY-----
//
// also with \n for its line breaks, and to the end of a text that was cut.
func (x *scanner) pem(i int) int {
	const begin, end, dashes, maxLabel = "-----BEGIN ", "-----END ", "-----", 48
	rest := x.s[i:]
	if !strings.HasPrefix(rest, begin) {
		return i
	}
	label := rest[len(begin):min(len(rest), len(begin)+maxLabel)]
	if label, _, _ = strings.Cut(label, dashes); !strings.Contains(label, "PRIVATE KEY") {
		return i
	}
	stop := strings.Index(rest, end)
	if stop < 0 {
		return x.replace(i, len(x.s), filtered)
	}
	stop += len(end)
	if n := strings.Index(rest[stop:min(len(rest), stop+maxLabel)], dashes); n >= 0 {
		return x.replace(i, i+stop+n+len(dashes), filtered)
	}
	return x.replace(i, i+stop, filtered)
}
