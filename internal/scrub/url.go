package scrub

import (
	"net/url"
	"strings"
)

const (
	// maxURL bounds how far the @ of a URL is looked for: tokens that are used
	// as passwords have a few hundred bytes.
	maxURL = 1 << 10

	// maxLogin is the same without a scheme, where it costs a look back from
	// every @ of a text.
	maxLogin = 256
)

// dsnPublicKey returns the key in a DSN, or "".
func dsnPublicKey(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.User == nil {
		return ""
	}
	const shortest = 16 // a key is 32 hexadecimal digits; shorter ones are words
	if key := u.User.Username(); len(key) >= shortest {
		return key
	}
	return ""
}

func inURL(c byte) bool {
	return c > ' ' && c != '"' && c != '<' && c != '>' && c != '`' && c != 0x7f
}

// url looks at the :// at i and replaces what stands before the host:
// postgres://bob:hunter2@db/app, redis://:hunter2@cache, https://token@host. A
// Sentry DSN, https://key@host/1, goes whole.
func (x *scanner) url(i int) int {
	start := i + len("://")
	end := run(x.s, start, maxURL, inURL)
	at := x.userinfo(start, end)
	if at < 0 || x.s[start:at] == filtered {
		return start
	}
	scheme := runBack(x.s, i, maxKey, x.done, func(c byte) bool { return isAlnum(c) || c == '+' })
	if x.dsn != "" && strings.HasPrefix(x.s[scheme:], x.dsn) {
		return x.replace(scheme, scheme+len(x.dsn), filtered)
	}
	if strings.HasPrefix(x.s[scheme:], "http") && isProjectPath(x.s[at:end]) {
		return x.replace(scheme, at+projectPathLen(x.s[at:end]), filtered)
	}
	return x.replace(start, at, filtered)
}

// userinfo returns the place of the @ in front of the host, or -1. Passwords
// that people paste have slashes, which end the host; a port that is none
// gives them away.
func (x *scanner) userinfo(start, end int) int {
	text := x.s[start:end]
	authority := text
	if n := strings.IndexAny(text, "/?#'"); n >= 0 {
		authority = text[:n]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return start + at
	}
	_, port, found := strings.Cut(authority, ":")
	if !found || strings.HasPrefix(authority, "[") || port == "" && len(authority) == len(text) {
		return -1
	}
	for n := 0; n < len(port); n++ {
		if !isDigit(port[n]) {
			if at := strings.LastIndexByte(text, '@'); at >= 0 {
				return start + at
			}
			break
		}
	}
	return -1
}

// isProjectPath reports whether what follows the @ of a URL is a host and a
// path that ends in a number, as in a DSN: o1.ingest.sentry.io/42.
func isProjectPath(s string) bool { return projectPathLen(s) > 0 }

func projectPathLen(s string) int {
	s, _, _ = strings.Cut(s, "?")
	s = strings.TrimRight(s, `.,;:!)]}'\/`)
	digits := len(s)
	for digits > 0 && isDigit(s[digits-1]) {
		digits--
	}
	if digits == len(s) || digits < 2 || s[digits-1] != '/' {
		return 0
	}
	return len(s)
}

// login looks at the @ s[i:next] of credentials without a scheme:
// user:pass@tcp(host:3306)/db, user:pass@host:5432, user:pass@host/db.
func (x *scanner) login(i, next int) int {
	host := run(x.s, next, maxDomain, func(c byte) bool { return isDomainByte(c) || c == '_' })
	if host == len(x.s) || strings.IndexByte("(:/", x.s[host]) < 0 || host == next && x.s[host] != '(' {
		return i
	}
	if strings.HasPrefix(x.s[next:host], "sha") && x.s[host] == ':' { // image:tag@sha256:…
		return i
	}
	from := runBack(x.s, i, maxLogin, x.done, func(c byte) bool { return inURL(c) && c != '\'' })
	if n := strings.LastIndex(x.s[from:i], "://"); n >= 0 { // a query of a URL
		from += n + len("://")
	}
	text := x.s[from:i]
	user := strings.IndexByte(text, ':')
	if user < 0 || user+1 == len(text) {
		return i
	}
	begin := user
	for begin > 0 && (isTokenByte(text[begin-1]) || text[begin-1] == '.') {
		begin--
	}
	if text[begin:] == filtered || x.s[host] != '(' && strings.ContainsAny(text[begin:], "/([{,") {
		return i
	}
	return x.replace(from+begin, i, filtered)
}
