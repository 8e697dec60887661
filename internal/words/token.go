package words

import (
	"unicode"
	"unicode/utf8"
)

// A token is a word or a number of a text.
type token struct {
	from, to int
	number   bool // it has nothing but digits
	letters  int  // how many letters it has
	kept     bool // it stays
	named    bool // it is a word of the image
}

// tokens takes a text apart. What is between two tokens is no letter and no digit.
func tokens(t string) (list []token) {
	var word token
	end := func(i int) {
		if word.to > word.from {
			list = append(list, word)
		}
		word = token{from: i}
	}
	word.from = 0
	for i, r := range t {
		size := utf8.RuneLen(r)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(t[i:])
		}
		switch {
		case isLetter(r):
			if word.to == word.from {
				word = token{from: i}
			}
			word.letters++
			word.number = false
			word.to = i + size
		case unicode.IsDigit(r):
			if word.to == word.from {
				word = token{from: i, number: true}
			}
			word.to = i + size
		default:
			end(i + size)
		}
	}
	end(len(t))
	return list
}

// isLetter reports whether a rune belongs to a word. An underscore joins two words
// to one name.
func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsMark(r) }

// isWordByte reports the same of a byte of the image. Bytes of other scripts count
// as letters.
func isWordByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}
