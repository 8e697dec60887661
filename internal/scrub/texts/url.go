package texts

import "strings"

// maxURL bounds how far after the :// of a URL the @ is searched. Tokens that
// are used as passwords have a few hundred bytes.
const maxURL = 1 << 10

func inURL(c byte) bool {
	return c > ' ' && c != '"' && c != '<' && c != '>' && c != '`' && c != 0x7f
}

// url reads a URL whose :// is at i and replaces what is before the host:
//
//	postgres://bob:hunter2@db/app
//	redis://:hunter2@cache
//	https://token@host
//
// A DSN of Sentry, https://key@host/1, is replaced as a whole.
func (x *scanner) url(i int) int {
	start := i + len("://")
	end := run(x.s, start, maxURL, inURL)
	at := x.userinfo(start, end)
	if at < 0 || x.s[start:at] == Filtered {
		return start
	}
	scheme := runBack(x.s, i, maxName, x.done, func(c byte) bool { return isAlnum(c) || c == '+' })
	if x.config.dsn != "" && strings.HasPrefix(x.s[scheme:], x.config.dsn) {
		return x.replace(scheme, scheme+len(x.config.dsn), Filtered)
	}
	if strings.HasPrefix(x.s[scheme:], "http") {
		if n := projectPathLen(x.s[at:end]); n > 0 {
			return x.replace(scheme, at+n, Filtered)
		}
	}
	return x.replace(start, at, Filtered)
}

// userinfo returns the index of the @ before the host, or -1. A password can
// contain a slash, which by the grammar ends the host. Then what looks like the
// port is not a number, and userinfo takes the last @ of the URL.
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
