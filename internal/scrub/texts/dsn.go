package texts

import (
	"net/url"
	"strings"
)

// dsnPublicKey returns the public key in a DSN, or "" if there is none:
//
//	https://c0ffeec0ffeec0ffeec0ffeec0ffee00@o1.ingest.sentry.io/42
func dsnPublicKey(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.User == nil {
		return ""
	}
	const shortest = 16 // a key is 32 hexadecimal digits; shorter ones are words
	if key := u.User.Username(); len(key) >= shortest {
		return key
	}
	return ""
}

// projectPathLen returns the length of the host and the path in a DSN, from the
// @ on, or 0 if s does not end in a number as the path of a DSN does:
//
//	@o1.ingest.sentry.io/42
func projectPathLen(s string) int {
	s, _, _ = strings.Cut(s, "?")
	s = strings.TrimRight(s, `.,;:!)]}'\/`)
	digits := len(s)
	for digits > 0 && isDigit(s[digits-1]) {
		digits--
	}
	if digits == len(s) || digits < 2 || s[digits-1] != '/' {
		return 0
	}
	return len(s)
}
