package texts

import "strings"

const (
	// maxURL bounds how far after the :// of a URL the @ is searched. Tokens that
	// are used as passwords have a few hundred bytes.
	maxURL = 1 << 10

	// maxLogin bounds how far before an @ the credentials can begin. It is shorter
	// than maxURL because it costs a look back from every @ of a text.
	maxLogin = 256
)

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
	if !strings.HasPrefix(x.s[i:], "://") {
		return i
	}
	start := i + len("://")
	if last := start + 2*maxURL; x.nextAt(start) >= last && !(x.goesOn && last >= len(x.s)) {
		return start // userinfo would find nothing
	}
	end := min(x.around(&x.urls, start, urlBytes).to, start+maxURL)
	scheme := runBack(x.s, i, maxName, x.done, func(c byte) bool { return isAlnum(c) || c == '+' || c == '-' || c == '.' })
	at := x.userinfo(start, end, strings.HasPrefix(x.s[scheme:], "http"))
	if at < 0 || x.s[start:at] == Filtered {
		return start
	}
	if x.config.dsn != "" && strings.HasPrefix(x.s[scheme:], x.config.dsn) {
		return x.replace(scheme, scheme+len(x.config.dsn), Filtered)
	}
	if strings.HasPrefix(x.s[scheme:], "http") {
		if n := projectPathLen(x.s[at:max(at, end)]); n > 0 {
			return x.replace(scheme, at+n, Filtered)
		}
	}
	return x.replace(start, at, Filtered)
}

// userinfo returns the index of the @ before the host of a URL, or -1. What is
// between start and end has no blanks and no quotes.
//
// By the grammar a slash, a question mark or a # ends the host, and a blank or a
// quote the URL. People put such passwords into URLs all the same, and a parser
// that refuses them prints them. So what follows the first colon has to be a
// port for them to end anything.
func (x *scanner) userinfo(start, end int, web bool) int {
	text := x.s[start:end]
	authority := text
	for n := range len(text) {
		if isOneOf(text[n], "/?#'") {
			authority = text[:n]
			break
		}
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		return start + at
	}
	_, port, found := strings.Cut(authority, ":")
	switch {
	case !found || strings.HasPrefix(authority, "["):
		return -1
	case isNumber(port) && (web || port == ""):
		if port == "" && len(authority) < len(text) && !web {
			break // postgres://bob:/x@db
		}
		return -1
	}
	if at := strings.LastIndexByte(text, '@'); at >= 0 && hostAt(text, at+1) {
		return start + at
	}
	if !isNumber(port) {
		return x.beyond(end)
	}
	return -1
}

func isNumber(s string) bool { return run(s, 0, len(s), isDigit) == len(s) }

// hostAt reports whether a host can begin at s[i].
func hostAt(s string, i int) bool {
	return i < len(s) && (isWord(s[i]) || s[i] == '[' || s[i] == '(' || s[i] >= 0x80)
}

// beyond searches the @ behind the blank or quote at end, on the same line. If the
// text was cut before it, the end of the text takes its place.
func (x *scanner) beyond(end int) int {
	to := run(x.s, end, maxURL, func(c byte) bool { return !isLine(c) })
	for at := end; at < to; at++ {
		switch {
		case x.s[at] == '@' && hostAt(x.s, at+1):
			return at
		case strings.HasPrefix(x.s[at:], "://"):
			return -1 // that is another URL
		}
	}
	if to == len(x.s) && x.goesOn {
		return to
	}
	return -1
}

// dsnPublicKey returns the public key in a DSN, or "" if there is none:
//
//	https://c0ffeec0ffeec0ffeec0ffeec0ffee00@o1.ingest.sentry.io/42
func dsnPublicKey(dsn string) string {
	_, rest, _ := strings.Cut(dsn, "://")
	user, _, found := strings.Cut(rest, "@")
	key, _, _ := strings.Cut(user, ":")
	const shortest = 16 // a key is 32 hexadecimal digits; shorter ones are words
	if !found || len(key) < shortest {
		return ""
	}
	return key
}

// projectPathLen returns the length of the host and the path in a DSN, from the
// @ on, or 0 if s does not end in a number as the path of a DSN does:
//
//	@o1.ingest.sentry.io/42
func projectPathLen(s string) int {
	s, _, _ = strings.Cut(s, "?")
	s = strings.TrimRight(s, `.,;:!)]}'\/`)
	end := len(s)
	for end > 0 && isDigit(s[end-1]) {
		end--
	}
	if end == len(s) || end < 2 || s[end-1] != '/' {
		return 0
	}
	return len(s)
}

// login reads a user and a password before a host, without the scheme of a URL.
// The @ is at i:
//
//	user:pass@tcp(host:3306)/db
//	user:pass@host:5432
//	user:pass@/db
//	user:pass@[::1]:3306
//	thin:scott/tiger@host:1521
//	scott/tiger@//host:1521/app
func (x *scanner) login(i int) int {
	next := i + 1
	if i == x.done {
		return i
	}
	host := run(x.s, next, maxDomain, func(c byte) bool { return isDomainByte(c) || c == '_' })
	if strings.HasPrefix(x.s[next:], "//") {
		return x.easyConnect(i)
	}
	if host == len(x.s) || !isOneOf(x.s[host], "(:/[") || host == next && x.s[host] == ':' {
		return i
	}
	if strings.HasPrefix(x.s[next:host], "sha") && x.s[host] == ':' { // image:tag@sha256:…
		return i
	}
	from := max(x.around(&x.urls, i, urlBytes).from, i-maxLogin, x.done)
	if strings.IndexByte(x.s[from:i], ':') < 0 {
		return i
	}
	from += strings.LastIndexByte(x.s[from:i], '\'') + 1
	if n := strings.LastIndex(x.s[from:i], "://"); n >= 0 { // the @ is in the query of a URL
		from += n + len("://")
	}
	text := x.s[from:i]
	if n := strings.LastIndex(text, "thin:"); n >= 0 && strings.IndexByte(text[n:], '/') > 0 { // Oracle
		return x.replace(from+n+len("thin:"), i, Filtered)
	}
	user := strings.IndexByte(text, ':')
	if user < 0 || user+1 == len(text) {
		return i
	}
	begin := user
	for begin > 0 && (isTokenByte(text[begin-1]) || text[begin-1] == '.') {
		begin--
	}
	known := host > next || x.s[host] != '/' // a host; without one, numbers are a score
	if text[begin:] == Filtered || !known && (begin == user || isNumber(text[user+1:])) {
		return i
	}
	if x.s[host] == ':' && x.isThread(from+begin, i, text[begin:user], text[user+1:]) {
		return i
	}
	if x.s[host] != '(' && strings.ContainsAny(text[begin:], "/([{,") {
		return i
	}
	return x.replace(from+begin, i, Filtered)
}

// easyConnect reads a user and a password as Oracle's tools take them. The @ is at i:
//
//	scott/tiger@//db:1521/app
func (x *scanner) easyConnect(i int) int {
	from := max(x.around(&x.urls, i, urlBytes).from, i-maxLogin, x.done)
	if n := strings.LastIndex(x.s[from:i], "thin:"); n >= 0 {
		from += n + len("thin:")
	}
	user, password, found := strings.Cut(x.s[from:i], "/")
	if !found || user == "" || password == "" || run(user, 0, len(user), isLoginByte) < len(user) {
		return i
	}
	return x.replace(from, i, Filtered)
}

// isThread reports whether the user and the password s[from:end] are the name of a
// thread, for what and as whom it works. Two words in one with capitals are no
// user, and a password that is a word in small letters would not help them:
//
//	[LeaseRenewer:hadoop@node-41:9000]
func (x *scanner) isThread(from, end int, label, user string) bool {
	if from == 0 || x.s[from-1] != '[' || run(user, 0, len(user), isLower) < len(user) {
		return false
	}
	humps := 0
	for i := range len(label) {
		if !isAlpha(label[i]) {
			return false
		}
		if isUpper(label[i]) && i+1 < len(label) && isLower(label[i+1]) {
			humps++
		}
	}
	close := run(x.s, end, maxDomain, func(c byte) bool { return isDomainByte(c) || c == '@' || c == ':' })
	return humps >= 2 && isUpper(label[0]) && close < len(x.s) && x.s[close] == ']'
}
