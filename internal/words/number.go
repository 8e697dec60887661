package words

import (
	"strings"
	"unicode/utf8"
)

// smallNumber is how many digits a number has that can stay. Those of people, of
// accounts, of phones and of places are longer.
const smallNumber = 3

// units are what can follow a number without a blank.
const units = " ns us µs ms s m h d B kB KB MB GB TB KiB MiB GiB TiB k M G x px pt th st nd rd "

// numbers marks the numbers that stay: those in the texts of the runtime, and small
// ones that stand alone beside a word of the author.
//
//	index out of range [123456] with length 5
//	exit status 1
func (t *text) numbers() {
	for i := range t.tokens {
		k := &t.tokens[i]
		if !k.kept && t.isSmall(i) && t.standsAlone(i) {
			k.kept = true
		}
	}
}

// isSmall reports whether a token is a small number, with or without a unit.
func (t *text) isSmall(i int) bool {
	s := t.s[t.tokens[i].from:t.tokens[i].to]
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n > 0 && n <= smallNumber && (n == len(s) || strings.Contains(units, " "+s[n:]+" "))
}

// standsAlone reports whether the number i has no other number beside it, and a
// word of the author, with nothing but the punctuation of a text between them.
func (t *text) standsAlone(i int) bool {
	own := false
	for _, side := range [...]int{i - 1, i + 1} {
		a, b := min(i, side), max(i, side)
		from, to := 0, len(t.s)
		if a >= 0 {
			from = t.tokens[a].to
		}
		if b < len(t.tokens) {
			to = t.tokens[b].from
		}
		between := t.s[from:to]
		if side < 0 || side == len(t.tokens) {
			if strings.Trim(between, glue) != "" {
				return false
			}
			continue
		}
		if t.isNumber(side) {
			return false
		}
		kept := t.tokens[side].kept
		switch punctuation := strings.TrimRight(strings.TrimLeft(between, " "), " "); {
		case strings.Trim(between, glue+"#") != "" && !strings.Contains(between, " "), between == ".", between == ":" && !kept:
			return false // a part of something longer
		case punctuation == "" && !kept:
			return false // Zimmer 42
		case kept:
			own = true
		}
	}
	return own
}

// isNumber reports whether a token begins with a digit.
func (t *text) isNumber(i int) bool {
	r, _ := utf8.DecodeRuneInString(t.s[t.tokens[i].from:])
	return '0' <= r && r <= '9'
}
