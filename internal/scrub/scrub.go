// Package scrub is the last thing that touches a crash report before it is
// stored and sent. It removes secrets and what identifies a person; everything
// else stays readable, because a report nobody can read helps nobody.
//
// Where a report has structure (a map, a header, a tag) the name of a value
// decides. Where it is plain text, a scanner looks for the forms in which
// programs print names and values, and for values that are secret by their own
// shape. Neither can know that "swordfish" in a sentence is a password, and
// neither tries.
//
//	s := scrub.New(scrub.Config{SensitiveKeys: []string{"tenant"}})
//	s.Text("dial postgres://bob:hunter2@10.1.2.3/app: timeout")
//	// dial postgres://[Filtered]@[ip]/app: timeout
package scrub

import "strings"

// What stands where something was removed. Sentry's own server and clients
// write [Filtered], so that its interface shows ours alike.
const (
	filtered     = "[Filtered]"
	emailRemoved = "[email]"
	ipRemoved    = "[ip]"
	homeRemoved  = "~"
)

// Config says what is secret beyond what always is.
type Config struct {
	// SensitiveKeys are more names whose values are removed, in any case and
	// joined in any way: tenantId covers tenant_id and X-Tenant-ID.
	SensitiveKeys []string

	// Home is the home directory of the running user, shown as ~. Homes of
	// usual shapes are recognised without it.
	Home string

	// DSN is the configured DSN, which no text shows.
	DSN string
}

// A Scrubber removes secrets. It is safe for concurrent use.
type Scrubber struct {
	keys   []string // normalised SensitiveKeys, words joined by a space
	home   string   // "" or an absolute path with at least one element
	dsn    string
	dsnKey string // the DSN's public key, which is enough to send as the program
}

// New returns a Scrubber. Nothing in a Config is an error: what makes no sense
// is left out.
func New(c Config) *Scrubber {
	s := &Scrubber{home: usableHome(c.Home), dsn: strings.TrimSpace(c.DSN)}
	s.dsnKey = dsnPublicKey(s.dsn)
	for _, name := range c.SensitiveKeys {
		var n normalKey
		n.set(name)
		if words := n.String(); words != "" {
			s.keys = append(s.keys, words)
		}
	}
	return s
}
