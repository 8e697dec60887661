package texts

import "strings"

// annotated returns where the value begins behind the type that go-spew writes before
// it, or start if there is none:
//
//	Password: (string) (len=7) "hunter2"
func (x *scanner) annotated(f *form, start int) int {
	at := start
	for f.sep == ':' && f.spaced && at < len(x.s) && x.s[at] == '(' {
		end := run(x.s, at+1, maxName, func(c byte) bool { return isWord(c) || isOneOf(c, "*./[]{}= ") })
		if inside := x.s[at+1 : end]; !strings.HasPrefix(x.s[end:], ") ") || !isGoType(inside) && (at == start || !strings.Contains(inside, "=")) {
			return start
		}
		at = end + len(") ")
	}
	if at > start {
		f.spaced = false // and so no sentence
	}
	return at
}

// isGoType reports whether a text is a type as Go prints it.
func isGoType(t string) bool {
	switch t {
	case "string", "int", "int64", "uint", "uint64", "interface {}":
		return true
	}
	return !strings.ContainsAny(t, " =") && strings.ContainsAny(t, ".*]")
}

// nextLine returns where the value of a name of YAML begins that is on the next line,
// further to the right, if it is one word that looks like a secret:
//
//	password:
//	  hunter2
func (x *scanner) nextLine(f *form, start int) int {
	if f.sep != ':' || f.quote != 0 || !f.lineHead || start >= len(x.s) || x.s[start] != '\n' {
		return start
	}
	text := run(x.s, start+1, maxName, isBlank)
	indent := f.from - runBack(x.s, f.from, maxName, x.done, func(c byte) bool { return !isLine(c) })
	end := run(x.s, text, maxToken, func(c byte) bool { return !isSpace(c) })
	word := x.s[text:end]
	if text-start-1 <= indent || end < len(x.s) && !isLine(x.s[end]) || !looksSecret(word) || strings.HasSuffix(word, ":") || strings.HasPrefix(word, "/") {
		return start
	}
	return text
}
