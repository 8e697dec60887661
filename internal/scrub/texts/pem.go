package texts

import "strings"

// pem reads a block with a key that begins at i:
//
//	-----BEGIN RSA PRIVATE KEY-----
//	MIIEpAIBAAKCAQEA…
//	-----END RSA PRIVATE KEY-----
//
// It can be on one line. Without its last line the text was cut, and pem
// replaces all of the rest.
func (x *scanner) pem(i int) int {
	if end := pemEnd(x.s, i); end > i {
		return x.replace(i, end, Filtered)
	}
	return i
}

// pemEnd returns the end of the block with a key that begins at i, or i.
func pemEnd(s string, i int) int {
	const begin, end, dashes, maxLabel = "-----BEGIN ", "-----END ", "-----", 48
	rest := s[i:]
	if !strings.HasPrefix(rest, begin) {
		return i
	}
	label := rest[len(begin):min(len(rest), len(begin)+maxLabel)]
	if label, _, _ = strings.Cut(label, dashes); !strings.Contains(label, "KEY") {
		return i
	}
	stop := strings.Index(rest, end)
	if stop < 0 {
		return len(s)
	}
	stop += len(end)
	if n := strings.Index(rest[stop:min(len(rest), stop+maxLabel)], dashes); n >= 0 {
		return i + stop + n + len(dashes)
	}
	return i + stop
}
