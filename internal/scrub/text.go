package scrub

import (
	"strings"
	"unicode/utf8"
)

// MaxText is the most bytes of one text that stay, the limit that Sentry's
// server has for the value of an exception.
const MaxText = 8 << 10

const (
	// window is how much of a text is looked at beyond MaxText: a secret that
	// begins before the cut has to be seen whole to be recognised.
	window = 1 << 10

	// maxPasses bounds how often a text is scanned. What one pass writes is
	// innocent by construction, but it can bring together what was apart, so a
	// text is done only when a pass finds nothing. Two passes are usual, more
	// than three take an opponent, and such a text goes as a whole.
	maxPasses = 6

	ellipsis = "…"
)

// Text returns t without what is secret, at most MaxText bytes of it, and
// valid UTF-8. A text with nothing to remove comes back as it is.
func (s *Scrubber) Text(t string) string {
	return s.text(t, MaxText)
}

// text is Text with another limit. It looks at no more than limit+window bytes.
func (s *Scrubber) text(t string, limit int) string {
	whole := len(t) <= limit+window
	if !whole {
		t = t[:blankBefore(t, limit, limit+window)]
	}
	if !utf8.ValidString(t) {
		t = strings.ToValidUTF8(t, string(utf8.RuneError))
	}
	if !whole {
		t += ellipsis
	}
	return s.settle(t, limit)
}

// settle scans t until a scan finds nothing more, which is what makes
// scrubbing twice the same as scrubbing once.
func (s *Scrubber) settle(t string, limit int) string {
	for range maxPasses {
		next := clip(s.pass(t), limit)
		if next == t {
			return t
		}
		t = next
	}
	return filtered
}

// blankBefore returns the last place between low and high where t has a blank,
// so that no token is cut in two, or else high.
func blankBefore(t string, low, high int) int {
	for i := high; i > low; i-- {
		if isSpace(t[i]) {
			return i
		}
	}
	return high
}

// clip cuts t to limit bytes at the boundary of a rune, and not within what
// stands for something removed: half of it would be read as a value.
func clip(t string, limit int) string {
	if len(t) <= limit {
		return t
	}
	end := max(limit-len(ellipsis), 0)
	for end > 0 && !utf8.RuneStart(t[end]) {
		end--
	}
	if open := strings.LastIndexByte(t[max(0, end-len(filtered)):end], '['); open >= 0 {
		open += max(0, end-len(filtered))
		if n := placeholder(t[open:]); open+n > end {
			end = open
		}
	}
	return t[:end] + ellipsis
}

// placeholder returns the length of what stands for something removed at the
// start of t, or 0.
func placeholder(t string) int {
	if t == "" || t[0] != '[' {
		return 0
	}
	for _, p := range [...]string{filtered, emailRemoved, ipRemoved} {
		if strings.HasPrefix(t, p) {
			return len(p)
		}
	}
	return 0
}
