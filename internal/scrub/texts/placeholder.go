package texts

import "strings"

// The placeholders. Each takes the place of something that was removed.
// Sentry's server and its other clients write [Filtered] too.
const (
	Filtered     = "[Filtered]" // a secret
	IPRemoved    = "[ip]"       // an IP address
	emailRemoved = "[email]"    // an e-mail address
	macRemoved   = "[mac]"      // the address of a network card
	hostRemoved  = "[host]"     // the name of this machine
	homeRemoved  = "~"          // a home directory
)

// placeholder returns the length of the placeholder in brackets with which t
// begins, or 0.
func placeholder(t string) int {
	if len(t) < 2 || t[0] != '[' || !isOneOf(t[1], "Feimh") {
		return 0
	}
	for _, p := range [...]string{Filtered, emailRemoved, IPRemoved, macRemoved, hostRemoved} {
		if strings.HasPrefix(t, p) {
			return len(p)
		}
	}
	return 0
}
