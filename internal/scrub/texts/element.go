package texts

import "strings"

// element reads an XML element whose name is that of a secret. The > of its
// start tag is at i:
//
//	<password>hunter2</password>
func (x *scanner) element(i int) int {
	from := runBack(x.s, i, maxName, x.done, func(c byte) bool { return isTokenByte(c) || c == ':' || c == '.' })
	if from == i || from == x.done || x.s[from-1] != '<' || x.config.Sensitivity(x.s[from:i]) == NotSecret {
		return i
	}
	end := strings.IndexByte(x.s[i:], '<')
	if end < 0 {
		end = len(x.s) - i
	}
	if value := x.s[i+1 : i+end]; strings.TrimSpace(value) == "" || HidesNothing(value) {
		return i
	}
	return x.replace(i+1, i+end, Filtered)
}
