package texts

import "strings"

// prose reports whether a name and its value can be words of a sentence, which
// is about the secret and does not show it:
//
//	invalid token: unexpected end of input
//	read credentials: open f: permission denied
func (f *form) prose() bool { return f.sep == ':' && f.spaced && f.quote == 0 }

// proseWords are first words of what a program says about a secret, and of the
// causes in Go's errors.
var proseWords = wordSet(`
	must not too is was are were has have had no cannot can't could couldn't does doesn't did didn't
	should may will failed failure unexpected unknown unable invalid illegal missing required
	requires expected expects incorrect wrong error errors malformed unsupported expired mismatch
	needs flag option argument field value length and or for from in of at to with without the an
	this that authentication context connection permission signal exit
`)

// causes are the first words of the errors of Go's libraries. In an error, an
// object and a colon follow them.
var causes = wordSet(`
	open read write stat lstat mkdir dial get post parse parsing decode encode unmarshal load lookup
	asn1 x509 tls pem json http net/http crypto/rsa crypto/ecdsa base64 strconv sql pq rpc oauth2
	jwt yaml bcrypt crypto/bcrypt ssh eof keyring os exec fork/exec remove rename chmod
`)

// verdicts are last words of a sentence about a secret, of three words or more:
//
//	password: non zero value required
var verdicts = wordSet(`required invalid missing empty expired incorrect mismatch short long weak denied allowed unsupported`)

// isProse reports whether the value s[start:end] belongs to a sentence about
// the secret. If prose uses the name too, every value that does not look like a
// secret does.
func (x *scanner) isProse(f *form, start, end int) bool {
	rest := x.s[start:]
	stop := strings.IndexAny(rest[:min(len(rest), maxName)], " \t\r\n,;:")
	word, after := rest[:end-start], byte(0)
	if stop >= 0 {
		word, after = rest[:stop], rest[stop]
	}
	if f.sense == Perhaps {
		return !looksSecret(x.s[start:end])
	}
	value := x.s[start:end]
	if last := value[strings.LastIndexByte(value, ' ')+1:]; strings.Count(value, " ") >= 2 && verdicts.words()[last] {
		return true
	}
	if after == ' ' && isVerb(firstWord(rest[len(word)+1:])) && x.config.Sensitivity(word) != NotSecret {
		return true // watch Secret: secrets is forbidden
	}
	var buf [16]byte
	if len(word) > len(buf) || f.sense == HeaderSecret && after != ' ' && after != ':' {
		return false
	}
	low := buf[:len(word)]
	for i := range low {
		low[i] = lower(word[i])
	}
	switch {
	case proseWords.words()[string(low)]:
		return after == ' '
	case causes.words()[string(low)]:
		return after == ':' || after == ' ' && strings.Contains(x.line(start), ": ")
	}
	return false
}

func isVerb(word string) bool { return word == "is" || word == "are" || word == "was" || word == "has" }

// line returns the rest of the line from i on, but not more of it than the
// longest cause of an error takes.
func (x *scanner) line(i int) string {
	const maxCause = 512
	rest := x.s[i:min(len(x.s), i+maxCause)]
	if n := strings.IndexAny(rest, "\r\n"); n >= 0 {
		rest = rest[:n]
	}
	return rest
}

// looksSecret reports whether a value looks like a token rather than a word or
// a number: it is one word with letters and digits, or a long one.
func looksSecret(value string) bool {
	const short, long = 6, 24
	word := trimmed(firstWord(value), trailing+`"'`)
	if len(word) < short || strings.HasPrefix(word, Filtered) {
		return false
	}
	if len(word) >= long && !strings.ContainsAny(word, "/. ") {
		return true
	}
	letters, digits := false, false
	for i := range len(word) {
		letters = letters || word[i] >= 0x80 || isAlpha(word[i])
		digits = digits || isDigit(word[i])
	}
	return letters && digits && !strings.Contains(word, "://")
}

// trimmed is strings.Trim for a short text, without a table of the set.
func trimmed(s, set string) string {
	for s != "" && isOneOf(s[0], set) {
		s = s[1:]
	}
	for s != "" && isOneOf(s[len(s)-1], set) {
		s = s[:len(s)-1]
	}
	return s
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
