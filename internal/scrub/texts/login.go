package texts

import "strings"

// maxLogin bounds how far before an @ the credentials can begin. It is shorter
// than maxURL because it costs a look back from every @ of a text.
const maxLogin = 256

// login reads a user and a password before a host, without the scheme of a URL.
// The @ is s[i:next]:
//
//	user:pass@tcp(host:3306)/db
//	user:pass@host:5432
//	user:pass@host/db
func (x *scanner) login(i, next int) int {
	host := run(x.s, next, maxDomain, func(c byte) bool { return isDomainByte(c) || c == '_' })
	if host == len(x.s) || strings.IndexByte("(:/", x.s[host]) < 0 || host == next && x.s[host] != '(' {
		return i
	}
	if strings.HasPrefix(x.s[next:host], "sha") && x.s[host] == ':' { // image:tag@sha256:…
		return i
	}
	from := runBack(x.s, i, maxLogin, x.done, func(c byte) bool { return inURL(c) && c != '\'' })
	if n := strings.LastIndex(x.s[from:i], "://"); n >= 0 { // the @ is in the query of a URL
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
	if text[begin:] == Filtered || x.s[host] != '(' && strings.ContainsAny(text[begin:], "/([{,") {
		return i
	}
	return x.replace(from+begin, i, Filtered)
}
