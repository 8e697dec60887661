package texts

import "strings"

// pem reads a block with a private key that begins at i:
//
//	-----BEGIN RSA PRIVATE KEY-----
//	MIIEpAIBAAKCAQEA…
//	-----END RSA PRIVATE KEY-----
//
// Its line breaks can be written as \n. Without its last line the text was cut,
// and pem replaces all of the rest.
func (x *scanner) pem(i int) int {
	const begin, end, dashes, maxLabel = "-----BEGIN ", "-----END ", "-----", 48
	rest := x.s[i:]
	if !strings.HasPrefix(rest, begin) {
		return i
	}
	label := rest[len(begin):min(len(rest), len(begin)+maxLabel)]
	if label, _, _ = strings.Cut(label, dashes); !strings.Contains(label, "PRIVATE KEY") {
		return i
	}
	stop := strings.Index(rest, end)
	if stop < 0 {
		return x.replace(i, len(x.s), Filtered)
	}
	stop += len(end)
	if n := strings.Index(rest[stop:min(len(rest), stop+maxLabel)], dashes); n >= 0 {
		return x.replace(i, i+stop+n+len(dashes), Filtered)
	}
	return x.replace(i, i+stop, Filtered)
}
