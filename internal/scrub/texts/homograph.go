package texts

import (
	"strings"
	"unicode/utf8"
)

// homographs are letters of other scripts, each before the Latin letter that looks
// like it. Only letters that are in names of secrets matter.
const homographs = "аaеeоoрpсcуyхxіiѕsјjкkтtνvοoαaρpіiҡkԁdһhԝw"

// latinOf returns the letter that r looks like, or r.
func latinOf(r rune) rune {
	if r < 0x80 {
		return r
	}
	is := false
	for _, c := range homographs {
		if is {
			return c
		}
		is = c == r
	}
	return r
}

// latin returns a name that mixes Latin letters and such that look like them, as if
// all of them were Latin:
//
//	pаssword, whose second letter is Cyrillic
//
// A name of one script stays. So does a byte that is no UTF-8: the result is never longer.
func latin(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r < 0x80 && isAlpha(byte(r)) }) {
		return name
	}
	same := make([]byte, 0, len(name))
	for i, size := 0, 0; i < len(name); i += size {
		var r rune
		if r, size = utf8.DecodeRuneInString(name[i:]); r == utf8.RuneError {
			same = append(same, name[i:i+size]...)
		} else {
			same = utf8.AppendRune(same, latinOf(r))
		}
	}
	return string(same)
}
