package texts

import "strings"

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
// A name of one script stays.
func latin(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return r < 0x80 && isAlpha(byte(r)) }) {
		return name
	}
	return strings.Map(latinOf, name)
}
