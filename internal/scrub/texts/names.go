package texts

import (
	"bytes"
	"strings"
)

// A Sensitivity says what the name of a value says about the value.
type Sensitivity uint8

const (
	// NotSecret is for all other names. The value has to be looked at.
	NotSecret Sensitivity = iota
	// Perhaps is for words that prose uses too: token, session, auth. In a
	// structure the value is secret. In a sentence, such as "unexpected token:
	// x", it is secret only if it looks like a secret.
	Perhaps
	// Secret means that the value is secret wherever the name is before it.
	Secret
	// HeaderSecret means the same, and that the value can have blanks, commas
	// and semicolons of its own, as in "Cookie: a=b; c=d".
	HeaderSecret
)

// names says which names are those of secrets.
type names struct {
	configured []string // in their normal form
	letters    []uint32 // of each of them, see lettersOf
}

// configure adds a name. It ignores a name without letters and digits.
func (n *names) configure(name string) {
	var k normalName
	k.set(name)
	if words := k.String(); words != "" {
		n.configured = append(n.configured, words)
		n.letters = append(n.letters, lettersOf([]byte(strings.ReplaceAll(words, " ", ""))))
	}
}

// sensitivity judges a name as a program writes it, such as DB_PASSWORD.
func (n *names) sensitivity(name string) Sensitivity {
	if len(name) < 2 {
		return NotSecret
	}
	var k normalName
	k.set(name)
	return n.ofWords(k.bytes())
}

// ofWords judges a name in its normal form, such as "db password".
func (n *names) ofWords(words []byte) Sensitivity {
	if n.isConfigured(words) {
		return Secret
	}
	if perhapsNames.mayHave(words) && perhapsNames.words()[string(words)] {
		return Perhaps
	}
	found := NotSecret
	before, word := 0, 0 // where the last word and the one before it begin
	for end := 1; end <= len(words); end++ {
		if end < len(words) && words[end] != ' ' {
			continue
		}
		found = max(found, wordSensitivity(words[before:end], word-before))
		if end < len(words) {
			before, word = word, end+1
		}
	}
	if found != NotSecret && aboutSecrets.words()[string(words[word:])] {
		return NotSecret
	}
	return found
}

// wordSensitivity judges the word pair[at:]. The word before it is pair[:at-1],
// if there is one.
func wordSensitivity(pair []byte, at int) Sensitivity {
	word := pair[at:]
	if secretWords.mayHave(word) && secretWords.words()[string(word)] {
		return Secret
	}
	if headerWords.mayHave(word) && headerWords.words()[string(word)] {
		return HeaderSecret
	}
	if at > 0 {
		switch string(word) {
		case "token", "sid", "pass":
			return Secret // github_token, connect.sid, db_pass
		case "key", "keys":
			if keyKinds.words()[string(pair[:at-1])] {
				return Secret
			}
		default:
			if secretPairs.mayHave(word) && secretPairs.words()[string(pair)] {
				return Secret
			}
		}
	}
	const shortest = 5 // len("dbpwd"); a shorter word has no room for two
	if len(word) >= shortest && isJoined(word) {
		return Secret
	}
	return NotSecret
}

// isConfigured reports whether a name in its normal form contains the words of
// a configured name side by side, or has the same letters without the blanks.
func (n *names) isConfigured(words []byte) bool {
	if len(n.configured) == 0 {
		return false
	}
	has := lettersOf(words)
	for i, key := range n.configured {
		if n.letters[i]&^has != 0 {
			continue
		}
		if hasWords(words, key) || sameLetters(words, key) {
			return true
		}
	}
	return false
}

// mayBeConfigured reports whether a text has the letters of a configured name, in any
// order. It excludes almost every text.
func (n *names) mayBeConfigured(text string) bool {
	if len(n.configured) == 0 {
		return false
	}
	var has uint32
	for i := range len(text) {
		has |= 1 << (text[i] & 31)
	}
	for _, letters := range n.letters {
		if letters&^has == 0 {
			return true
		}
	}
	return false
}

// hasWords reports whether words contains the words of key side by side.
func hasWords(words []byte, key string) bool {
	for i := 0; i+len(key) <= len(words); i++ {
		end := i + len(key)
		if string(words[i:end]) == key && (i == 0 || words[i-1] == ' ') && (end == len(words) || words[end] == ' ') {
			return true
		}
	}
	return false
}

// sameLetters reports whether two names differ in nothing but their blanks.
func sameLetters(words []byte, key string) bool {
	i, j := 0, 0
	for {
		for i < len(words) && words[i] == ' ' {
			i++
		}
		for j < len(key) && key[j] == ' ' {
			j++
		}
		if i == len(words) || j == len(key) {
			return i == len(words) && j == len(key)
		}
		if words[i] != key[j] {
			return false
		}
		i++
		j++
	}
}

// isJoined reports whether a word contains the name of a secret that is not
// separated from the rest of the word.
func isJoined(word []byte) bool {
	has := lettersOf(word)
	for i := range joinedNames {
		name := &joinedNames[i]
		if has&name.letters != name.letters {
			continue
		}
		if name.atEnd && bytes.HasSuffix(word, name.text) || !name.atEnd && bytes.Contains(word, name.text) {
			return true
		}
	}
	return false
}

// A joinedName is an element of secretInside or secretEnds. Comparing letters,
// a set of the letters of text, excludes almost every word before the texts are
// compared.
type joinedName struct {
	text    []byte
	letters uint32
	atEnd   bool
}

var joinedNames = func() (names []joinedName) {
	for _, part := range secretInside {
		names = append(names, joinedName{text: []byte(part), letters: lettersOf([]byte(part))})
	}
	for _, end := range secretEnds {
		names = append(names, joinedName{text: []byte(end), letters: lettersOf([]byte(end)), atEnd: true})
	}
	return names
}()

// lettersOf returns the set of the letters of a word.
func lettersOf(word []byte) (set uint32) {
	for _, c := range word {
		set |= 1 << (c & 31)
	}
	return set
}

// starts has the first two letters of words, and for each first letter the lengths.
// It excludes most words without looking them up in a map, which would take longer.
type starts struct{ letters, lengths [32]uint32 }

// add adds a word of two letters or more.
func (s *starts) add(word string) {
	s.letters[word[0]&31] |= 1 << (word[1] & 31)
	s.lengths[word[0]&31] |= 1 << min(len(word), 31)
}

func (s *starts) has(word []byte) bool {
	return len(word) >= 2 && s.lengths[word[0]&31]&(1<<min(len(word), 31)) != 0 && s.hasBytes(word[0], word[1])
}

// hasBytes takes the letters of a word in any case.
func (s *starts) hasBytes(first, second byte) bool { return s.letters[first&31]&(1<<(second&31)) != 0 }
