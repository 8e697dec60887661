package texts

import "strings"

// flag reads a flag of a command line whose value is the next argument. The
// dash is at i:
//
//	--password hunter2
//	["-token", "abc"]
//	--api-key 'a b'
//	curl -u bob:hunter2
//
// A flag with = is read by pair.
func (x *scanner) flag(i int) int {
	if i > x.done && (isWord(x.s[i-1]) || strings.IndexByte("-.%]", x.s[i-1]) >= 0) {
		return i
	}
	from := run(x.s, i, 2, func(c byte) bool { return c == '-' })
	end := run(x.s, from, maxName, func(c byte) bool { return isTokenByte(c) || c == '.' })
	if end == from || end >= len(x.s) {
		return i
	}
	if x.config.Sensitivity(x.s[from:end]) == NotSecret && !x.userFlag(from, end) {
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

// userFlag reports whether the flag s[from:end] is that of a user, with a
// password in its value: -u bob:hunter2.
func (x *scanner) userFlag(from, end int) bool {
	if name := x.s[from:end]; name != "u" && name != "user" && name != "proxy-user" {
		return false
	}
	from = run(x.s, end, maxGap, isBlank)
	user := run(x.s, from, maxName, func(c byte) bool { return isTokenByte(c) || c == '.' || c == '@' || isQuote(c) })
	return user > from && user+1 < len(x.s) && x.s[user] == ':' && !isSpace(x.s[user+1])
}

// argument replaces the word that begins at start. It returns i if the word
// belongs to a sentence about the flag: "--token flag is required".
func (x *scanner) argument(i, start int) int {
	end := start
	for end < len(x.s) && !isSpace(x.s[end]) && !isQuote(x.s[end]) {
		end++
	}
	for end > start && strings.IndexByte(trailing, x.s[end-1]) >= 0 && placeholder(x.s[start:end]) != end-start {
		end--
	}
	word := x.s[start:end]
	if word == "" || HidesNothing(word) || proseWords[word] {
		return i
	}
	return x.replace(start, end, Filtered)
}
