package texts

import "strings"

// passwordWord reports whether the word is one that is used for nothing but passwords.
func passwordWord(word string) bool {
	switch strings.ToLower(word) {
	case "password", "passwd", "passphrase", "pwd", "kennwort":
		return true
	}
	return false
}

// bare replaces the word that follows the word for a password s[i:end], if it has
// digits between its letters: nothing else says that it is the password.
//
//	bind with password tr0ub4dor! failed
func (x *scanner) bare(i, end int) int {
	if !passwordWord(x.s[i:min(end, i+maxName)]) {
		return i
	}
	start := end + 1
	stop := x.wordEnd(start)
	if x.inNetrc(i) && stop > start {
		return x.replace(start, stop, Filtered)
	}
	inside := run(x.s, start, stop-start, isAlpha)
	inside = run(x.s, inside, stop-inside, isDigit)
	if inside >= stop || !isAlpha(x.s[inside]) || !looksSecret(x.s[start:stop]) || isHashName(x.s[start:stop]) {
		return i
	}
	return x.replace(start, stop, Filtered)
}

// inNetrc reports whether the word "password" at i is in an entry of a .netrc:
//
//	machine ftp.example.com login bob password swordfish
func (x *scanner) inNetrc(i int) bool {
	words := strings.Fields(x.s[max(x.done, i-2*maxName):i])
	n := len(words)
	return n >= 4 && strings.HasSuffix(words[n-4], "machine") && words[n-2] == "login"
}

// wordEnd returns the end of the word of a value that begins at i, without what ends
// a sentence.
func (x *scanner) wordEnd(i int) int {
	end := i
	for end < len(x.s) && !isSpace(x.s[end]) && !isQuote(x.s[end]) && !isOneOf(x.s[end], `|\`) {
		end++
	}
	for end > i && isOneOf(x.s[end-1], trailing) {
		end--
	}
	return end
}

// isHashName reports whether a word is the name of a way to hash, which texts about
// passwords have: sha256, argon2id, bcrypt2.
func isHashName(word string) bool {
	word = strings.ToLower(word)
	for _, name := range [...]string{"sha", "argon", "bcrypt", "scrypt", "pbkdf", "base", "md", "crypt", "hmac", "utf", "ntlm"} {
		if strings.HasPrefix(word, name) && isDigit(word[min(len(word)-1, len(name))]) {
			return true
		}
	}
	return false
}

// said reads a sentence that says what the secret is. The word "is" is s[i:end]:
//
//	the password is hunter2
//	your verification code is 448812
//	the api key is "abc-def"
func (x *scanner) said(i, end int) int {
	if i < x.done+3 || x.s[i-1] != ' ' || end+1 >= len(x.s) || x.s[end] != ' ' {
		return i
	}
	var f form
	if !x.name(&f, i) || f.sense != Secret {
		return i
	}
	start := end + 1
	if open := x.opening(start); open >= 0 {
		return x.quoted(open+1, x.s[open])
	}
	stop := x.wordEnd(start)
	const code = 4 // digits at least
	if value := x.s[start:stop]; looksSecret(value) && !isHashName(value) || stop-start >= code && isNumber(value) {
		return x.replace(start, stop, Filtered)
	}
	return i
}

// cell reads a name and a value in two cells of a table, or with an arrow between
// them, if the value looks like a secret. What separates them is at i:
//
//	password	hunter2
//	|password|hunter2|
//	password -> hunter2
//	(password,hunter2)
func (x *scanner) cell(i int) int {
	begin, start := i, i+1
	var f form
	switch x.s[i] {
	case '>':
		if begin--; begin < x.done || x.s[begin] != '-' {
			return i
		}
		start = run(x.s, start, maxGap, isBlank)
	case '|':
		start = run(x.s, start, maxGap, isBlank)
	}
	if start >= len(x.s) || begin == x.done || isQuote(x.s[begin-1]) || !isAlnum(x.s[start]) {
		return i
	}
	if !x.name(&f, begin) || f.sense == NotSecret {
		return i
	}
	stop := x.wordEnd(start)
	if x.s[i] == ',' && (f.before != '(' || stop >= len(x.s) || x.s[stop] != ')' || strings.IndexByte(x.s[start:stop], ',') >= 0) {
		return i
	}
	if value := x.s[start:stop]; !looksSecret(value) || isHashName(value) || HidesNothing(value) {
		return i
	}
	return x.replace(start, stop, Filtered)
}
