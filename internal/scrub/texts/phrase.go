package texts

import "strings"

// phrase reads a word that is followed by the secret in quotes. The word is
// s[from:end]:
//
//	password "hunter2"
//	PASSWORD('hunter2')
//	IDENTIFIED BY 'hunter2'
//
// It knows only words that are used for nothing but secrets. In `cookie "x" not
// found`, x is the name of a cookie.
func (x *scanner) phrase(from, end int) int {
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
