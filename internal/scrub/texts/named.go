package texts

import "strings"

// codeKinds are the words before "code" with which it is one that lets somebody in.
var codeKinds = wordSet(`verification otp time login security recovery backup sms mfa totp`)

// phraseKinds are those before "phrase" with which it is the words of a wallet.
var phraseKinds = wordSet(`recovery seed secret backup mnemonic`)

// named reads a secret that stands behind the word for it, without a separator. The
// word is s[i:end]. Nothing but the secret's own look says that it is none of the
// words of a sentence:
//
//	token "q7Zr1vKp99aa" is expired
//	private key 4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318
//	otp code 448812 expired
//	recovery phrase "legal winner thank year"
//	AUTH bob hunter2
func (x *scanner) named(i, end int) int {
	const longest = len("mnemonic")
	if end-i > longest || end+1 >= len(x.s) || x.s[end] != ' ' {
		return i
	}
	start, open := end+1, x.opening(end+1)
	stop := x.wordEnd(start)
	if open >= 0 {
		const most = 256 // the words of a wallet
		start = open + 1
		stop = run(x.s, start, most, func(c byte) bool { return c != x.s[open] && c != '\\' && !isLine(c) })
	}
	value := x.s[start:stop]
	ok := false
	switch word := strings.ToLower(x.s[i:end]); word {
	case "token", "secret":
		ok = isRestless(value)
	case "key":
		ok = keyKinds.words()[x.wordBefore(i)] && isRestless(value)
	case "code":
		const least, most = 4, 8
		ok = codeKinds.words()[x.wordBefore(i)] && isNumber(value) && len(value) >= least && len(value) <= most
	case "mnemonic", "phrase":
		ok = open >= 0 && strings.Contains(value, " ") && (word == "mnemonic" || phraseKinds.words()[x.wordBefore(i)])
	case "auth":
		if x.s[i:end] != "AUTH" || open >= 0 {
			return i
		}
		if !isPassword(value) && stop < len(x.s) && x.s[stop] == ' ' { // the user, or the method
			start = stop + 1
			stop = x.wordEnd(start)
			value = x.s[start:stop]
		}
		ok = isPassword(value)
	}
	if !ok || HidesNothing(value) {
		return i
	}
	return x.replace(start, stop, Filtered)
}

// wordBefore returns the word before the one that begins at i, in lower case.
func (x *scanner) wordBefore(i int) string {
	end := runBack(x.s, i, 1, x.done, func(c byte) bool { return c == ' ' || c == '-' || c == '_' })
	return strings.ToLower(x.s[runBack(x.s, end, maxName, x.done, isAlnum):end])
}

// isPassword reports whether a word can be a password but not the name of a method.
func isPassword(word string) bool {
	return looksSecret(word) && !isHashName(word) && strings.ToUpper(word) != word
}

// isRestless reports whether a word goes from letters to digits and back so often that
// it is no word, no name with a number and no version, or is a long hexadecimal number.
func isRestless(word string) bool {
	const shortest, turns = 10, 3
	if len(word) < shortest || run(word, 0, len(word), isWord) < len(word) {
		return false
	}
	if strings.HasPrefix(word, "0x") && len(word) > leastDigest || isHexNumber(word) {
		return len(word) >= leastDigest
	}
	n := 0
	for i := 1; i < len(word); i++ {
		if isDigit(word[i]) != isDigit(word[i-1]) {
			n++
		}
	}
	return n >= turns
}
