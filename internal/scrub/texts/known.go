package texts

import "strings"

// A known text is one that is removed wherever it is.
type known struct {
	text string
	with string
	word int // the length of its first word
}

// know adds a text. It ignores one that does not begin with a word.
func (s *Scrubber) know(text, with string) {
	if word := run(text, 0, len(text), isWord); word > 0 {
		s.known = append(s.known, known{text, with, word})
		s.knownWords |= 1 << min(word, 63)
	}
}

// knownAt replaces the known text that begins with the word s[i:end].
func (x *scanner) knownAt(i, end int) int {
	for n := range x.config.known {
		k := &x.config.known[n]
		last := i + len(k.text)
		if end-i != k.word || last > len(x.s) || !strings.EqualFold(x.s[i:last], k.text) || last < len(x.s) && isWord(x.s[last]) {
			continue
		}
		return x.replace(i, last, k.with)
	}
	return i
}

// usualHosts are the names of many machines, and words of many texts.
var usualHosts = wordSet(`
	localhost localdomain host server client node main master primary replica worker agent controller gateway
	proxy cache queue database mysql postgres redis mongo mongodb kafka nginx apache docker container kubernetes
	build builder runner test testing staging production development prod devel desktop laptop computer machine
	ubuntu debian fedora centos redhat linux windows macos darwin android iphone ipad macbook raspberry raspberrypi
	router switch printer storage backup monitor service web application frontend backend website example
	home office none null unknown default system admin administrator root user guest public private
`)

// isDistinctive reports whether the name of a machine says which machine it is,
// and is no word that texts use for something else.
func isDistinctive(host string) bool {
	const shortest = 4
	return len(host) >= shortest && !usualHosts.words()[strings.ToLower(host)] && run(host, 0, len(host), isDigit) < len(host)
}
