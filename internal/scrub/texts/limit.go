package texts

import (
	"strings"
	"unicode/utf8"
)

const (
	// MaxText is the largest usual limit of one text, in bytes: the limit of
	// Sentry's server for the value of an exception.
	MaxText = 8 << 10

	// MaxRead is how many bytes of a text are read for a result of MaxText
	// bytes.
	MaxRead = MaxText + window

	// window is how many bytes are read beyond the limit of a text. A secret
	// that begins before the limit is recognised only if the scanner sees all
	// of it.
	window = 1 << 10

	// Ellipsis is written where a text was cut.
	Ellipsis = "…"
)

// Clip cuts t to at most limit bytes. It cuts between two runes and never
// inside a placeholder, because a part of a placeholder would be read as a
// value.
func Clip(t string, limit int) string {
	if len(t) <= limit {
		return t
	}
	end := max(limit-len(Ellipsis), 0)
	for end > 0 && !utf8.RuneStart(t[end]) {
		end--
	}
	if open := strings.LastIndexByte(t[max(0, end-len(Filtered)):end], '['); open >= 0 {
		open += max(0, end-len(Filtered))
		if n := placeholder(t[open:]); open+n > end {
			end = open
		}
	}
	return t[:end] + Ellipsis
}

// blankBefore returns the last index between low and high where t has a blank,
// so that the cut does not divide a token. Without a blank it returns high.
func blankBefore(t string, low, high int) int {
	for i := high; i > low; i-- {
		if isSpace(t[i]) {
			return i
		}
	}
	return high
}
