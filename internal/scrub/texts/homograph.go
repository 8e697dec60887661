package texts

import "strings"

// homographs are letters of other scripts, each before the Latin letter that looks
// like it. Only letters that are in names of secrets matter.
const homographs = "аaеeоoрpсcуyхxіiѕsјjкkтtνvοoαaρpіiҡkԁdһhԝw"

var latinOf = func() map[rune]rune {
	m := make(map[rune]rune)
	pairs := []rune(homographs)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return m
}()

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
	return strings.Map(func(r rune) rune {
		if l, ok := latinOf[r]; ok {
			return l
		}
		return r
	}, name)
}
