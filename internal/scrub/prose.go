package scrub

import "strings"

// prose reports whether a name and its value may be words of a sentence:
// "invalid token: x", "read credentials: open f: permission denied".
func (f *form) prose() bool { return f.sep == ':' && f.spaced && f.quote == 0 }

// proseWords begin what a program says about a secret instead of showing it,
// and the causes of Go's errors.
var proseWords = map[string]bool{
	"must": true, "not": true, "too": true, "is": true, "was": true, "are": true, "were": true, "has": true, "have": true,
	"had": true, "no": true, "cannot": true, "can't": true, "could": true, "couldn't": true, "does": true, "doesn't": true,
	"did": true, "didn't": true, "should": true, "may": true, "will": true, "failed": true, "failure": true,
	"unexpected": true, "unknown": true, "unable": true, "invalid": true, "illegal": true, "missing": true,
	"required": true, "requires": true, "expected": true, "expects": true, "incorrect": true, "wrong": true,
	"error": true, "errors": true, "malformed": true, "unsupported": true, "expired": true, "mismatch": true,
	"needs": true, "flag": true, "option": true, "argument": true, "field": true, "value": true, "length": true,
	"and": true, "or": true, "for": true, "from": true, "in": true, "of": true, "at": true, "to": true, "with": true,
	"without": true, "the": true, "an": true, "this": true, "that": true, "authentication": true,
	"context": true, "connection": true, "permission": true, "signal": true, "exit": true,
}

// causes are the first words of Go's own errors: they are followed by an object
// and a colon.
var causes = map[string]bool{
	"open": true, "read": true, "write": true, "stat": true, "lstat": true, "mkdir": true, "dial": true, "get": true,
	"post": true, "parse": true, "parsing": true, "decode": true, "encode": true, "unmarshal": true, "load": true,
	"lookup": true, "asn1": true, "x509": true, "tls": true, "pem": true, "json": true, "http": true, "net/http": true,
	"crypto/rsa": true, "crypto/ecdsa": true, "base64": true, "strconv": true, "sql": true, "pq": true, "rpc": true,
	"oauth2": true, "jwt": true, "yaml": true, "bcrypt": true, "crypto/bcrypt": true, "ssh": true, "eof": true,
	"keyring": true, "os": true, "exec": true, "fork/exec": true, "remove": true, "rename": true, "chmod": true,
}

// isProse reports whether the value x.s[start:end] is a sentence about the
// secret. A name that prose uses as well needs a value that looks secret.
func (x *scanner) isProse(f *form, start, end int) bool {
	rest := x.s[start:]
	stop := strings.IndexAny(rest[:min(len(rest), maxKey)], " \t\r\n,;:")
	word, after := rest[:end-start], byte(0)
	if stop >= 0 {
		word, after = rest[:stop], rest[stop]
	}
	if f.sense == perhaps {
		return !looksSecret(x.s[start:end])
	}
	var buf [16]byte
	if len(word) > len(buf) || f.sense == headerSecret && after != ' ' && after != ':' {
		return false
	}
	low := buf[:len(word)]
	for i := range low {
		low[i] = lower(word[i])
	}
	switch {
	case proseWords[string(low)]:
		return after == ' '
	case causes[string(low)]:
		return after == ':' || after == ' ' && strings.Contains(x.line(start), ": ")
	}
	return false
}

// line returns the rest of the line from i on, as far as a cause would reach.
func (x *scanner) line(i int) string {
	const maxCause = 512
	rest := x.s[i:min(len(x.s), i+maxCause)]
	if n := strings.IndexAny(rest, "\r\n"); n >= 0 {
		rest = rest[:n]
	}
	return rest
}

// looksSecret tells a token from a word or a number: letters and digits in one
// word, or a long one.
func looksSecret(value string) bool {
	const short, long = 6, 24
	word := strings.Trim(firstWord(value), trailing+`"'`)
	if len(word) < short || strings.HasPrefix(word, filtered) {
		return false
	}
	letters := strings.ContainsFunc(word, func(r rune) bool { return r >= 0x80 || isAlpha(byte(r)) })
	return len(word) >= long && !strings.ContainsAny(word, "/. ") || letters && hasDigit(word) && !strings.Contains(word, "://")
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
