package words

import (
	"slices"
	"strings"
)

// How much has to be found at once to be the author's, in words and in letters of
// whole words. What English sentences have in common by chance, such as "of the" and
// "please call", has less, or has nothing at its ends that says where it comes from.
const (
	pairLetters    = 8  // of two words
	boundLetters   = 6  // of two words with a blank before and behind them
	phraseLetters  = 10 // of three words or more
	longWords      = 4  // which need nothing at their ends
	longLetters    = 16
	loneLetters    = 10 // of one word, which is a sentence of its own
	holeLetters    = 3  // of words beside the hole of a format
	betweenLetters = 7  // of one word between the holes of two
	edgeLetters    = 5  // of a word at whose edge the image goes on with a letter
)

// evidence is what is found of the texts of a report.
type evidence struct {
	texts  []*text // in the order in which the finder has them
	all    []byte  // the text of the finder
	finder *finder
	inName []bool // by position in the finder's text: a name of something in the program may be there
}

// add adds a text to that of the finder, with a 0 before and behind it.
func (e *evidence) add(t *text) {
	if len(e.all) == 0 {
		e.all = append(e.all, 0)
	}
	t.at = len(e.all)
	e.texts = append(e.texts, t)
	e.all = append(append(e.all, t.s...), 0)
}

// exact takes what is a whole entry of a list.
func (e *evidence) exact(data []byte, from, at, length int) {
	if !isBound(data, from, length) {
		return
	}
	t, at := e.textAt(at)
	if first, last := t.within(at, at+length); t.found == nil && first <= last {
		t.spans = append(t.spans, span{at, at + length})
	}
}

// isBound reports whether a part of data has zeros on both sides, as the entries of
// a list and the names of functions and files have.
func isBound(data []byte, from, length int) bool {
	return (from == 0 || data[from-1] == 0) && (from+length == len(data) || data[from+length] == 0)
}

// isNamed reports whether a part of data ends where no text goes on, and begins
// where no word does, as the names of types, functions and files do.
func isNamed(data []byte, from, length int) bool {
	end := from + length
	return (from == 0 || !isWordByte(data[from-1])) && (end == len(data) || data[end] < ' ' && data[end] != '\n' && data[end] != '\t')
}

// A match is what a text and the image have in common.
type match struct {
	*text
	data        []byte // of the image
	from        int    // in it
	at, end     int    // in the text
	first, last int    // the whole words of the text in it

	holeBefore, holeBehind bool // the image has the hole of a format there
	weakBefore, weakBehind bool // the image goes on with a letter there, and may have a longer word
}

// weigh takes what is found in the image, if it can not be chance.
func (e *evidence) weigh(data []byte, from, at, length int) {
	end := from + length
	m := match{data: data, from: from}
	m.holeBehind = end < len(data) && data[end] == '%'
	m.holeBefore = isVerb(data[max(0, from-maxVerb):from])
	const shortest = boundLetters + 3 // with a blank before, behind and between two words
	named := isNamed(data, from, length)
	if length < shortest && !m.holeBehind && !m.holeBefore && !named && !e.inName[at] {
		return
	}
	m.text, m.at = e.textAt(at)
	if m.found != nil {
		*m.found = *m.found || length == len(m.s)
		return
	}
	m.end = m.at + length
	if m.first, m.last = m.within(m.at, m.end); m.first > m.last {
		return
	}
	m.weakBefore = m.tokens[m.first].from == m.at && from > 0 && isWordByte(data[from-1]) && !m.holeBefore
	m.weakBehind = m.tokens[m.last].to == m.end && end < len(data) && isWordByte(data[end])
	if m.tokens[m.first].from == m.at && from > 0 && data[from-1] == '%' {
		m.dropFirst() // it is the letter of a verb
	}
	m.noteNames()
	m.dropParts()
	if !m.isClause() {
		m.trim()
	}
	if m.first > m.last {
		return
	}
	from, to := m.bounds()
	switch {
	case m.isClause(), m.isPhrase() && m.isExplained(), m.fillsHole(), m.isSentence(), named && m.isName():
		m.spans = append(m.spans, span{from, to})
	case m.isPhrase():
		m.perhaps = append(m.perhaps, span{from, to})
	}
}

// dropParts removes words from the ends of a match that the text joins to something
// else, as a slash or a point does:
//
//	/home/ada/wallet.db
//	info+spam@example.com
func (m *match) dropParts() {
	for m.first <= m.last && m.isJoined(m.chunkStart(m.first), m.at) {
		m.dropFirst()
	}
	for m.first <= m.last && m.isJoined(m.end, m.chunkEnd(m.last)) {
		m.end = m.tokens[m.last].from
		m.last--
		m.weakBehind = false
	}
}

// isJoined reports whether the part of the text from from to to has anything in it.
func (m *match) isJoined(from, to int) bool { return from < to }

// chunkStart returns where what a word is joined to begins.
func (t *text) chunkStart(i int) int {
	from := t.tokens[i].from
	for from > 0 && strings.IndexByte(apart, t.s[from-1]) < 0 {
		from--
	}
	return from
}

// chunkEnd returns where what a word is joined to ends. A full stop at the end of
// a sentence joins nothing.
func (t *text) chunkEnd(i int) int {
	to := t.tokens[i].to
	for to < len(t.s) && strings.IndexByte(apart, t.s[to]) < 0 {
		to++
	}
	for to > t.tokens[i].to && t.s[to-1] == '.' {
		to--
	}
	return to
}

// apart has what separates the words of a text from each other. Everything else
// joins them.
const apart = " \t\n\r\"'`()[]{}<>:;,=!?"

// isExplained reports whether one end of a phrase says where it comes from: the
// text ends there, or the image has a hole.
func (m *match) isExplained() bool {
	words, letters := m.letters()
	return words >= longWords && letters >= longLetters ||
		m.holeBefore && m.beginsBehind() || m.holeBehind && m.endsBefore() ||
		strings.Trim(m.s[:m.tokens[m.first].from], glue) == "" || strings.Trim(m.s[m.tokens[m.last].to:], glue) == ""
}

// trim removes short words from the ends of a match where the image goes on with a
// letter: they can be the end of a longer word, or the beginning of one. They stay
// where the text begins or ends as well, if the rest can not be chance.
func (m *match) trim() {
	if m.weakBefore && m.first <= m.last && m.isShort(m.first) {
		short := *m
		short.dropFirst()
		if !m.startsClause(m.first) || !short.isPhrase() && !m.fillsHole() {
			*m = short
		}
	}
	if m.weakBehind && m.first <= m.last && m.isShort(m.last) {
		short := *m
		short.end = short.tokens[short.last].from
		short.last--
		short.weakBehind = false
		if !m.endsClause(m.last) || !short.isPhrase() {
			*m = short
		}
	}
}

// dropFirst removes the first word from a match.
func (m *match) dropFirst() {
	n := m.tokens[m.first].to - m.at
	m.at, m.from = m.at+n, m.from+n
	m.first++
	m.weakBefore = false
}

// textAt returns the text that the finder has at a position, and where in it that
// is.
func (e *evidence) textAt(at int) (*text, int) {
	n, found := slices.BinarySearchFunc(e.texts, at, func(t *text, at int) int { return t.at - at })
	if !found {
		n--
	}
	return e.texts[n], at - e.texts[n].at
}

// within returns the tokens that are between two positions of a text as a whole.
func (t *text) within(from, to int) (first, last int) {
	first, _ = slices.BinarySearchFunc(t.tokens, from, func(k token, from int) int { return k.from - from })
	last = first
	for last < len(t.tokens) && t.tokens[last].to <= to {
		last++
	}
	return first, last - 1
}

// bounds returns the part of the text with the words and the separators of a match,
// but without the parts of words at its ends.
func (m *match) bounds() (from, to int) {
	from, to = m.at, m.end
	if m.first > 0 {
		from = max(from, m.tokens[m.first-1].to)
	}
	if m.last+1 < len(m.tokens) {
		to = min(to, m.tokens[m.last+1].from)
	}
	return from, to
}

// letters returns how many words and how many letters the match has.
func (m *match) letters() (words, letters int) {
	for _, k := range m.tokens[m.first : m.last+1] {
		if !k.number {
			words++
			letters += k.letters
		}
	}
	return words, letters
}

func (m *match) isShort(i int) bool { return m.tokens[i].to-m.tokens[i].from < edgeLetters }

// isPhrase reports whether there are so many words that they are no chance.
func (m *match) isPhrase() bool {
	if m.first > m.last {
		return false
	}
	words, letters := m.letters()
	switch {
	case words == 2:
		return letters >= pairLetters && !(m.weakBefore && m.weakBehind) || letters >= boundLetters && m.endsBefore() && m.beginsBehind()
	case words > 2:
		return letters >= phraseLetters
	}
	return false
}

// fillsHole reports whether the image has the hole of a format where the text has
// something else:
//
//	user "bob" not found
//	user %q not found
//
// One word counts only where the text begins or ends with it, or the text goes on
// behind the hole as the image does. Where the image goes on before the word with a
// letter, as in "illegal %s", only the latter counts.
func (m *match) fillsHole() bool {
	behind, before := m.holeBehind && m.endsBefore(), m.holeBefore && m.beginsBehind()
	if !behind && !before || !m.isOpen() {
		return false
	}
	words, letters := m.letters()
	switch {
	case letters < holeLetters || m.weakBehind:
		return false
	case behind && m.goesOn():
		return true
	case m.weakBefore:
		return false
	case words > 1 || behind && before && letters >= betweenLetters:
		return true
	}
	return behind && m.startsClause(m.first) || before && m.endsClause(m.last)
}

// isOpen reports whether a match has nothing but the punctuation of a text at its
// ends: no slash of a path, and no quotes around a word of its own.
func (m *match) isOpen() bool {
	before, behind := m.s[m.at:m.tokens[m.first].from], m.s[m.tokens[m.last].to:m.end]
	if strings.Trim(before+behind, glue) != "" {
		return false
	}
	quoted := m.tokens[m.first].from > 0 && m.s[m.tokens[m.first].from-1] == '"' && m.tokens[m.last].to < len(m.s) && m.s[m.tokens[m.last].to] == '"'
	return !quoted
}

// goesOn reports whether the text goes on with the same words as the image, behind
// the hole of a format and what fills it.
func (m *match) goesOn() bool {
	rest := m.data[m.from+m.end-m.at:]
	rest = rest[:min(len(rest), maxVerb+maxPiece)]
	verb := 1
	for verb < len(rest) && verb < maxVerb && !isVerb(rest[:verb+1]) {
		verb++
	}
	piece := rest[min(len(rest), verb+1):]
	length := 0
	for length < len(piece) && piece[length] != '%' && piece[length] >= ' ' {
		length++
	}
	const least = 4 // " not" says more than ": "
	if length < least {
		return false
	}
	n := strings.Index(m.s[m.end:], string(piece[:least]))
	return n >= 0 && strings.Trim(string(piece[:least]), glue) != ""
}

// maxPiece is how much of the text behind a hole is looked at.
const maxPiece = 16

// endsBefore reports whether the match ends where the next word of the text begins,
// or where something begins that is no word.
func (m *match) endsBefore() bool { return m.end < len(m.s) && m.tokens[m.last].to < m.end }

// beginsBehind reports the same of the word before.
func (m *match) beginsBehind() bool { return m.at > 0 && m.tokens[m.first].from > m.at }

// isClause reports whether the match is all that the text says between two colons,
// and enough to be no chance.
func (m *match) isClause() bool {
	if m.first > m.last || !m.startsClause(m.first) || !m.endsClause(m.last) {
		return false
	}
	words, letters := m.letters()
	return words > 1 && letters >= loneLetters
}

// isSentence reports whether the match is one long word that says all between two
// colons.
func (m *match) isSentence() bool {
	return m.first == m.last && m.tokens[m.first].letters >= loneLetters && !m.weakBefore && !m.weakBehind &&
		m.startsClause(m.first) && m.endsClause(m.last)
}

// isName reports whether the match is the name of a function, of a type or of a
// file, and not a word.
func (m *match) isName() bool {
	return m.last > m.first && strings.ContainsAny(m.s[m.tokens[m.first].from:m.tokens[m.last].to], "./*()")
}

// startsClause reports whether a word is the first of the text or of what follows a
// colon.
func (t *text) startsClause(i int) bool {
	from := 0
	if i > 0 {
		from = t.tokens[i-1].to
	}
	before := strings.TrimRight(t.s[from:t.tokens[i].from], " ")
	return i == 0 && strings.Trim(before, glue) == "" || strings.HasSuffix(before, ":") || strings.HasSuffix(before, "\n") || strings.HasSuffix(before, ";")
}

// endsClause reports whether a word is the last of the text or before a colon.
func (t *text) endsClause(i int) bool {
	to := len(t.s)
	if i+1 < len(t.tokens) {
		to = t.tokens[i+1].from
	}
	behind := t.s[t.tokens[i].to:to]
	return i+1 == len(t.tokens) && strings.Trim(behind, glue) == "" || strings.HasPrefix(behind, ":") || strings.HasPrefix(behind, "\n") || strings.HasPrefix(behind, ";")
}

// maxVerb is how long a verb of a format can be: %[2]*.[1]*f is longer, and nobody
// writes it.
const maxVerb = 6

// isVerb reports whether b ends in a verb of a format:
//
//	%v %q %+v %02x %w
func isVerb(b []byte) bool {
	i := len(b) - 1
	if i < 1 || !strings.ContainsRune("vTtbcdoOqxXUeEfFgGspw", rune(b[i])) {
		return false
	}
	for i--; i >= 0; i-- {
		if b[i] == '%' {
			return true
		}
		if !strings.ContainsRune("+-# 0123456789.", rune(b[i])) {
			return false
		}
	}
	return false
}
