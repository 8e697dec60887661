package texts

import "strings"

// element reads an XML element whose name is that of a secret. The > of its
// start tag is at i:
//
//	<password>hunter2</password>
//	<wsse:Password Type="x">hunter2</wsse:Password>
//	<password><![CDATA[hunter2]]></password>
//
// Without an end tag, as in "usage: login <user> <password>: bad user", it may be
// none.
func (x *scanner) element(i int) int {
	stop := i
	if i > x.done && isQuote(x.s[i-1]) { // attributes
		low := max(x.done, i-2*maxName)
		open := strings.LastIndexByte(x.s[low:i], '<')
		if open < 0 {
			return i
		}
		stop = run(x.s, low+open+1, maxName, isElementByte)
	}
	from := runBack(x.s, stop, maxName, x.done, isElementByte)
	if from == stop || from == x.done || x.s[from-1] != '<' || !isWord(x.s[from]) || x.config.Sensitivity(x.s[from:stop]) == NotSecret {
		return i
	}
	const data, dataEnd = "<![CDATA[", "]]>"
	if strings.HasPrefix(x.s[i+1:], data) {
		if n := strings.Index(x.s[i:], dataEnd); n > len(data)+1 {
			return x.replace(i+1+len(data), i+n, Filtered)
		}
		return i
	}
	end := strings.IndexByte(x.s[i:], '<')
	if end < 0 {
		end = len(x.s) - i
	}
	value, rest := x.s[i+1:i+end], x.s[i+end:]
	if strings.TrimSpace(value) == "" || HidesNothing(value) {
		return i
	}
	if !strings.HasPrefix(rest, "</") && !isAlnum(value[0]) {
		return i
	}
	return x.replace(i+1, i+end, Filtered)
}

func isElementByte(c byte) bool { return isTokenByte(c) || c == ':' || c == '.' }

// multipart reads a part of a multipart form whose name is that of a secret.
// The separator at i is the = of name="password":
//
//	Content-Disposition: form-data; name="password"
//
//	hunter2
//	--boundary
func (x *scanner) multipart(i int) int {
	if x.s[runBack(x.s, i, maxName, x.done, isNameByte):i] != "name" || i+1 >= len(x.s) || x.s[i+1] != '"' {
		return i
	}
	end := run(x.s, i+2, maxName, func(c byte) bool { return c != '"' && !isLine(c) })
	if end >= len(x.s) || x.s[end] != '"' || x.config.Sensitivity(x.s[i+2:end]) == NotSecret {
		return i
	}
	value := run(x.s, end+1, maxGap, isLine)
	if strings.Count(x.s[end+1:value], "\n") < 2 || strings.HasPrefix(x.s[value:], "--") {
		return i
	}
	stop := strings.Index(x.s[value:], "\n--")
	if stop < 0 {
		stop = len(x.s) - value
	}
	if text := strings.TrimSuffix(x.s[value:value+stop], "\r"); text == "" || HidesNothing(text) {
		return i
	}
	return x.replace(value, value+stop, Filtered)
}

// columns reads the values of columns that a database names in an error. Its (
// is at i:
//
//	Key (email, name)=(bob@example.com, Bob Smith) already exists.
//	Key (lower(name))=(bob smith) already exists.
//	Failing row contains (1, bob, null).
//	The duplicate key value is (bob).
func (x *scanner) columns(i int) int {
	before := x.s[max(x.done, i-2*maxName):i]
	switch {
	case strings.HasSuffix(before, "row contains "), strings.HasSuffix(before, "key value is "):
	case strings.HasSuffix(before, ")="):
		open := strings.LastIndexByte(before, '(')
		if open < 0 || !strings.Contains(before, "Key (") && !strings.HasSuffix(before[:open], "»") {
			return i
		}
	default:
		return i
	}
	end := balanced(x.s, i, false)
	if end == 0 {
		end = run(x.s, i, len(x.s), func(c byte) bool { return !isLine(c) }) + 1
	}
	if end = min(end, len(x.s)+1); end-1 <= i+1 || HidesNothing(x.s[i+1:end-1]) {
		return i
	}
	return x.replace(i+1, end-1, Filtered)
}
