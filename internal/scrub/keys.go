package scrub

import (
	"bytes"
	"strings"
)

// A sensitivity says how far a name alone makes its value secret.
type sensitivity uint8

const (
	// notSecret values are judged by their own text.
	notSecret sensitivity = iota
	// perhaps is for words that prose uses as well (token, session, auth):
	// enough in a structure, not in "unexpected token: x".
	perhaps
	// secret values are removed wherever the name stands before them.
	secret
	// headerSecret values have blanks, commas and semicolons of their own
	// (Cookie: a=b; c=d), so more of the line belongs to them.
	headerSecret
)

// maxKey bounds how much of a name is looked at, from its end: names that
// people write are shorter, and the look back from every separator of a text
// costs up to this much.
const maxKey = 64

// set returns the words of a list; the two of a pair are joined by _ in it.
func set(list string) map[string]bool {
	words := make(map[string]bool)
	for _, w := range strings.Fields(list) {
		words[strings.ReplaceAll(w, "_", " ")] = true
	}
	return words
}

// secretWords make a name secret in which they are a word (DB_PASSWORD).
var secretWords = set(`
	password passwords passwd passwds pwd passphrase passcode pw psw secret secrets apikey apikeys
	apisecret apitoken privatekey secretkey accesskey sshkey signingkey encryptionkey authkey
	accountkey sharedaccesskey sharedaccesssignature credential credentials creds accesstoken
	authtoken refreshtoken idtoken bearertoken sessiontoken stripetoken securitytoken usertoken
	bottoken authenticitytoken csrftoken xsrftoken csrfmiddlewaretoken csrf xsrf jwt bearer mnemonic
	sessionid sessid phpsessid jsessionid aspxauth sessionkey cardnumber creditcard ccnumber cardno
	cvv cvc cvv2 ssn otp
`)

// headerWords are those of them that are headers.
var headerWords = set(`
	authorization authorisation cookie cookies setcookie
`)

// perhapsNames are secret as a whole name, and in front of a value that looks
// like a secret.
var perhapsNames = set(`
	token tokens session sessions auth sid pass sig
`)

// secretPairs are two words that are secret side by side; each alone is not.
var secretPairs = set(`
	card_number card_no card_num cc_number cc_num credit_card card_cvc card_cvv security_code
	session_id session_key session_data sess_id x_auth x_session amz_signature authorization_code
	recovery_code recovery_phrase seed_phrase verification_code
`)

// keyKinds are the words that make a "… key" secret. A public key, a primary
// key or a cache key is none.
var keyKinds = set(`
	api access private secret encryption signing account master auth service ssh storage shared
	consumer admin app sentry license deploy hmac aes rsa subscription priv decryption client write
`)

// aboutSecrets are last words that make a name speak about a secret without
// being one: password_length, token_type.
var aboutSecrets = set(`
	length len count policy required enabled disabled expired expires expiry min max type age
	timeout ttl present missing at changed updated date valid invalid attempts strength
`)

// secretInside are spellings without any boundary that no innocent word
// contains.
var secretInside = []string{
	"password", "passwd", "passphrase", "apikey", "stripetoken", "credential", "secretkey", "privatekey",
}

// secretEnds are the same for the end of a word: clientsecret, dbpwd, but not
// secretary.
var secretEnds = []string{"secret", "pwd", "authtoken", "accesstoken", "sessionid"}

// A normalKey is a name in lower case, cut into its words: dbPassword,
// DB_PASSWORD, db-password, db[password] and db%5Bpassword%5D are all
// "db password". It lives on the stack; text that holds many names costs no
// allocation.
type normalKey struct {
	buf [2 * maxKey]byte
	n   int
}

func (k *normalKey) bytes() []byte  { return k.buf[:k.n] }
func (k *normalKey) String() string { return string(k.bytes()) }

// set normalises name.
func (k *normalKey) set(name string) {
	if len(name) > maxKey {
		name = name[len(name)-maxKey:]
	}
	k.n = 0
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

// humpAt reports whether a word begins at name[i] for its case alone: the P of
// dbPassword and of DBPassword.
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

// key says what a name makes of its value.
func (s *Scrubber) key(name string) sensitivity {
	if len(name) < 2 {
		return notSecret
	}
	var k normalKey
	k.set(name)
	return s.normal(k.bytes())
}

func (s *Scrubber) normal(words []byte) sensitivity {
	if s.configured(words) {
		return secret
	}
	if perhapsStarts.has(words) && perhapsNames[string(words)] {
		return perhaps
	}
	found := notSecret
	before, word := 0, 0 // where the words begin
	for end := 1; end <= len(words); end++ {
		if end < len(words) && words[end] != ' ' {
			continue
		}
		found = max(found, wordSensitivity(words[before:end], word-before))
		if end < len(words) {
			before, word = word, end+1
		}
	}
	if found != notSecret && aboutSecrets[string(words[word:])] {
		return notSecret
	}
	return found
}

// wordSensitivity judges a word, pair[at:], with the word before it.
func wordSensitivity(pair []byte, at int) sensitivity {
	word := pair[at:]
	if wordStarts.has(word) && secretWords[string(word)] {
		return secret
	}
	if headerStarts.has(word) && headerWords[string(word)] {
		return headerSecret
	}
	if at > 0 {
		switch string(word) {
		case "token", "sid", "pass":
			return secret // github_token, connect.sid, db_pass
		case "key", "keys":
			if keyKinds[string(pair[:at-1])] {
				return secret
			}
		default:
			if pairStarts.has(word) && secretPairs[string(pair)] {
				return secret
			}
		}
	}
	const shortest = 5 // dbpwd: below it nothing is joined
	if len(word) >= shortest && isJoined(word) {
		return secret
	}
	return notSecret
}

// isJoined reports whether a word has the name of a secret within it.
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

// A joinedName is a spelling without any boundary. Its letters rule out almost
// every word before anything is compared.
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

// starts is a set of the first two letters of words, which rules out most
// others without a look at a map.
type starts [32]uint32

func startsOf(words map[string]bool, last bool) (s starts) {
	for w := range words {
		if last {
			w = w[strings.LastIndexByte(w, ' ')+1:]
		}
		s[w[0]&31] |= 1 << (w[1] & 31)
	}
	return s
}

func (s *starts) has(word []byte) bool {
	return len(word) >= 2 && s[word[0]&31]&(1<<(word[1]&31)) != 0
}

var (
	wordStarts    = startsOf(secretWords, false)
	headerStarts  = startsOf(headerWords, false)
	perhapsStarts = startsOf(perhapsNames, false)
	pairStarts    = startsOf(secretPairs, true)
)

// configured reports whether a name has the words of one of the configured
// names, side by side, or spells it without boundaries.
func (s *Scrubber) configured(words []byte) bool {
	for _, key := range s.keys {
		if hasWords(words, key) || sameLetters(words, key) {
			return true
		}
	}
	return false
}

// hasWords reports whether the words of key are among words, side by side.
func hasWords(words []byte, key string) bool {
	for i := 0; i+len(key) <= len(words); i++ {
		end := i + len(key)
		if string(words[i:end]) == key && (i == 0 || words[i-1] == ' ') && (end == len(words) || words[end] == ' ') {
			return true
		}
	}
	return false
}

// sameLetters reports whether two names are the same but for their blanks.
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
