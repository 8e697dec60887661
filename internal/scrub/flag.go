package scrub

import "strings"

// flag looks at the dash at i of a flag whose value is the next argument:
//
//	--password hunter2
//	["-token", "abc"]
//	--api-key 'a b'
//
// The form with = is a pair like any other.
func (x *scanner) flag(i int) int {
	if i > x.done && (isWord(x.s[i-1]) || strings.IndexByte("-.%]", x.s[i-1]) >= 0) {
		return i
	}
	from := run(x.s, i, 2, func(c byte) bool { return c == '-' })
	end := run(x.s, from, maxKey, func(c byte) bool { return isTokenByte(c) || c == '.' })
	if end == from || end >= len(x.s) {
		return i
	}
	if x.key(x.s[from:end]) == notSecret && !x.userFlag(from, end) {
		return i
	}
	start := end
	if isQuote(x.s[start]) {
		start++
	}
	if start < len(x.s) && x.s[start] == ',' {
		start++
	}
	value := run(x.s, start, maxGap, isSpace)
	if value == start && start < end+2 || value >= len(x.s) || x.s[value] == '-' {
		return i
	}
	if open, escapes := x.opening(value); open >= 0 {
		return x.quoted(open+1, x.s[open], escapes)
	}
	return x.argument(i, value)
}

// userFlag reports whether the flag is that of a user with a password behind
// it: curl -u bob:hunter2.
func (x *scanner) userFlag(from, end int) bool {
	if name := x.s[from:end]; name != "u" && name != "user" && name != "proxy-user" {
		return false
	}
	from = run(x.s, end, maxGap, isBlank)
	user := run(x.s, from, maxKey, func(c byte) bool { return isTokenByte(c) || c == '.' || c == '@' || isQuote(c) })
	return user > from && user+1 < len(x.s) && x.s[user] == ':' && !isSpace(x.s[user+1])
}

// argument replaces the word that begins at start, unless it says something
// about the flag: "--token flag is required".
func (x *scanner) argument(i, start int) int {
	end := start
	for end < len(x.s) && !isSpace(x.s[end]) && !isQuote(x.s[end]) {
		end++
	}
	for end > start && strings.IndexByte(trailing, x.s[end-1]) >= 0 && placeholder(x.s[start:end]) != end-start {
		end--
	}
	word := x.s[start:end]
	if word == "" || keeps(word) || proseWords[word] {
		return i
	}
	return x.replace(start, end, filtered)
}

// named reads a name that is followed by its value in quotes, password
// "hunter2" and PASSWORD('hunter2'), where the name is a word for nothing but
// secrets: cookie "x" not found is about the name of a cookie.
func (x *scanner) named(from, end int) int {
	switch word := x.s[from:end]; {
	case strings.EqualFold(word, "password"), strings.EqualFold(word, "passwd"),
		strings.EqualFold(word, "passphrase"), strings.EqualFold(word, "pwd"):
		return x.quoted(end+2, x.s[end+1], 0)
	case strings.EqualFold(word, "by"): // IDENTIFIED BY 'x'
		const before = "identified "
		if from >= x.done+len(before) && strings.EqualFold(x.s[from-len(before):from], before) {
			return x.quoted(end+2, x.s[end+1], 0)
		}
	}
	return end
}

// element looks at the > at i of an element of XML whose name is secret:
// <password>hunter2</password>.
func (x *scanner) element(i int) int {
	from := runBack(x.s, i, maxKey, x.done, func(c byte) bool { return isTokenByte(c) || c == ':' || c == '.' })
	if from == i || from == x.done || x.s[from-1] != '<' || x.key(x.s[from:i]) == notSecret {
		return i
	}
	end := strings.IndexByte(x.s[i:], '<')
	if end < 0 {
		end = len(x.s) - i
	}
	if value := x.s[i+1 : i+end]; strings.TrimSpace(value) == "" || keeps(value) {
		return i
	}
	return x.replace(i+1, i+end, filtered)
}
