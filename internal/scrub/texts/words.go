package texts

import (
	"strings"
	"sync"
)

// maxName bounds how many bytes of a name are looked at, from its end. The
// names that people write are shorter. Looking back from a separator of a text
// costs up to this much.
const maxName = 64

// A wordList is a set of words that is made of its list when it is first asked for: a
// program that reports nothing starts without. An underscore in the list stands for the
// blank between the two words of a pair.
type wordList struct {
	list  string
	once  sync.Once
	set   map[string]bool
	first starts // of the words, and of pairs the last words
}

func wordSet(list string) *wordList { return &wordList{list: list} }

func (l *wordList) read() {
	l.set = make(map[string]bool)
	for _, w := range strings.Fields(l.list) {
		l.set[strings.ReplaceAll(w, "_", " ")] = true
		if last := w[strings.LastIndexByte(w, '_')+1:]; len(last) > 1 {
			l.first.add(last)
		}
	}
}

func (l *wordList) words() map[string]bool {
	l.once.Do(l.read)
	return l.set
}

// mayHave is a fast no for most words, and for most last words of pairs.
func (l *wordList) mayHave(word []byte) bool {
	l.once.Do(l.read)
	return l.first.has(word)
}

// mayBegin is mayHave for the first two letters, in any case.
func (l *wordList) mayBegin(first, second byte) bool {
	l.once.Do(l.read)
	return l.first.hasBytes(first, second)
}

// A normalName is a name in its normal form: in lower case, its words separated
// by blanks. The normal form of dbPassword, DB_PASSWORD, db-password,
// db[password] and db%5Bpassword%5D is "db password". A normalName is a
// variable on the stack, so that a text with many names needs no allocations
// for them.
type normalName struct {
	buf [2 * maxName]byte
	n   int
}

func (k *normalName) bytes() []byte  { return k.buf[:k.n] }
func (k *normalName) String() string { return string(k.bytes()) }

// set makes k the normal form of name.
func (k *normalName) set(name string) {
	if len(name) > maxName {
		name = name[len(name)-maxName:]
	}
	if n := run(name, 0, len(name), isLowerAlnum); n == len(name) {
		k.n = copy(k.buf[:], name) // most names are one word
		return
	}
	k.n = 0
	if run(name, 0, len(name), func(c byte) bool { return c < 0x80 }) < len(name) {
		name = latin(name)
	}
	gap := false
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '%' && i+2 < len(name) && isHex(name[i+1]) && isHex(name[i+2]) {
			i += 2
			gap = true
			continue
		}
		if !isAlnum(c) && c < 0x80 {
			gap = true
			continue
		}
		if k.n > 0 && (gap || humpAt(name, i)) {
			k.buf[k.n] = ' '
			k.n++
		}
		gap = false
		k.buf[k.n] = lower(c)
		k.n++
	}
}

// humpAt reports whether the capital letter at name[i] begins a word, as the P
// of dbPassword and of DBPassword.
func humpAt(name string, i int) bool {
	if !isUpper(name[i]) {
		return false
	}
	prev := name[i-1]
	if isLower(prev) || isDigit(prev) {
		return true
	}
	return isUpper(prev) && i+1 < len(name) && isLower(name[i+1])
}
