package texts

import "strings"

// cryptNames are the ways to hash a password in the modular crypt format.
// https://passlib.readthedocs.io/en/stable/modular_crypt_format.html
var cryptNames = wordSet(`1 2 2a 2b 2x 2y 5 6 7 y gy apr1 md5 sha1 argon2i argon2d argon2id scrypt bcrypt pbkdf2 pbkdf2-sha1
	pbkdf2-sha256 pbkdf2-sha512`)

// crypt reads the hash of a password, which is enough to guess the password. The
// first dollar is at i:
//
//	$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy
//	$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b2dWRWJ
func (x *scanner) crypt(i int) int {
	const shortest = 20 // of salt and hash
	name := run(x.s, i+1, len("pbkdf2-sha512"), func(c byte) bool { return isLowerAlnum(c) || c == '-' })
	if name >= len(x.s) || x.s[name] != '$' || !cryptNames.words()[x.s[i+1:name]] {
		return i
	}
	end := run(x.s, name+1, enough, isCryptByte)
	if end-name < shortest || !hasDigit(x.s[name:end]) {
		return i
	}
	end = run(x.s, end, len(x.s), isCryptByte)
	for isOneOf(x.s[end-1], trailing) {
		end--
	}
	return x.replace(i, end, Filtered)
}

func isCryptByte(c byte) bool { return isWord(c) || isOneOf(c, "./$=,+-") }

// publicKey reads a public key of SSH, whose comment is mostly who has made it, and
// where. The name of the kind of key begins with the word s[i:end]:
//
//	ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMq bob@laptop
func (x *scanner) publicKey(i, end int) int {
	if end >= len(x.s) || x.s[end] != '-' {
		return i
	}
	kind := run(x.s, end, maxName, func(c byte) bool { return isTokenByte(c) || c == '@' || c == '.' })
	const begin = " AAAA"
	if !strings.HasPrefix(x.s[kind:], begin) {
		return i
	}
	from := kind + 1
	to := run(x.s, from, len(x.s), func(c byte) bool { return isBase64Byte(c) || c == '/' })
	if to < len(x.s) && x.s[to] == ' ' {
		if comment := x.wordEnd(to + 1); strings.IndexByte(x.s[to:comment], '@') > 0 {
			to = comment
		}
	}
	return x.replace(from, to, Filtered)
}
