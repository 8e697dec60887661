package words

// A name of something in the program has several words, joined by points, and a word
// before it that says so:
//
//	Go struct field user.age of type int
//
// Each of its words has to be a word of the image, with no letter before or behind
// it. Without the word before it, the name of a host or of a file would be one.

// nameAt returns the last token of the name that begins at the token i, or i-1.
func (t *text) nameAt(i int) (last int) {
	if i == 0 || !announcers()[t.s[t.tokens[i-1].from:t.tokens[i-1].to]] {
		return i - 1
	}
	if t.s[t.tokens[i-1].to:t.tokens[i].from] != " " {
		return i - 1
	}
	for last = i; last+1 < len(t.tokens) && t.s[t.tokens[last].to:t.tokens[last+1].from] == "."; last++ {
	}
	if last == i {
		return i - 1 // one word can be anything
	}
	return last
}

// addProbes adds the short words of names as the image has them: with their length
// before them, or in the quotes of a tag. By themselves they are too short to be
// found.
func (e *evidence) addProbes() {
	for _, t := range e.texts {
		for i := range t.tokens {
			for n := i; n <= t.nameAt(i); n++ {
				k := &t.tokens[n]
				if name := t.s[k.from:k.to]; len(name) < gram {
					e.add(&text{s: string(rune(len(name))) + name, found: &k.named})
					e.add(&text{s: `"` + name + `"`, found: &k.named})
					e.add(&text{s: `"` + name + `,`, found: &k.named})
				}
			}
		}
	}
}

// markNames marks the positions of names in the text of the finder.
func (e *evidence) markNames() {
	e.inName = make([]bool, len(e.all))
	for _, t := range e.texts {
		for i := range t.tokens {
			for n := i; n <= t.nameAt(i); n++ {
				for at := max(t.tokens[n].from-1, 0); at < t.tokens[n].to; at++ {
					e.inName[t.at+at] = true
				}
			}
		}
		if t.found != nil {
			e.inName[t.at] = true
		}
	}
}

// noteNames notes which words of the text are words of the image.
func (m *match) noteNames() {
	for i := m.first; i <= m.last; i++ {
		k := &m.tokens[i]
		if (i > m.first || !m.weakBefore) && (i < m.last || !m.weakBehind) {
			k.named = true
		}
	}
}

// names marks the words that stay for what they are: public ones, openings, and
// names. It reports whether there was a name.
func (t *text) names() (named bool) {
	for i := range t.tokens {
		k := &t.tokens[i]
		word := t.s[k.from:k.to]
		switch {
		case publicWords()[word]:
			k.kept = true
		case openings()[word] && t.startsClause(i) && i+1 < len(t.tokens) && t.isFollowed(k.to):
			k.kept = true
		}
	}
	for i := range t.tokens {
		last := t.nameAt(i)
		if last < i || !t.tokens[i-1].kept || !t.allNamed(i, last) {
			continue
		}
		t.spans = append(t.spans, span{t.tokens[i].from, t.tokens[last].to})
		for n := i; n <= last; n++ {
			t.tokens[n].kept = true
		}
		named = true
	}
	return named
}

// isFollowed reports whether a blank follows the word that ends at to, or a slash
// and another such word.
func (t *text) isFollowed(to int) bool { return t.s[to] == ' ' || t.s[to] == '/' }

func (t *text) allNamed(first, last int) bool {
	for _, k := range t.tokens[first : last+1] {
		if !k.named {
			return false
		}
	}
	return true
}
