package texts

import (
	"strings"
	"unicode/utf8"
)

// maxPasses bounds how often one text is scanned. A replacement can join two
// parts of a text that match a rule only together, so a text is scanned until a
// scan finds nothing. Usually there are two scans: one that replaces and one
// that finds nothing more. Only a text that was made for it needs more than
// three. A text that still changes after maxPasses scans is removed as a whole.
const maxPasses = 6

// Config says what is secret in addition to what the rules of this package
// recognise.
type Config struct {
	// SensitiveKeys are more names whose values are removed. Neither case nor
	// the way in which words are joined matters: tenantId covers tenant_id and
	// X-Tenant-ID.
	SensitiveKeys []string

	// Home is the home directory of the user who runs the program. It is
	// replaced by ~. Home directories in the usual places, such as /home/bob,
	// are recognised without it.
	Home string

	// DSN is the DSN to which the program reports. It is removed from every
	// text.
	DSN string
}

// A Scrubber removes secrets from texts. It is safe for concurrent use.
type Scrubber struct {
	names  names
	home   string // "" or an absolute path with at least one element
	dsn    string
	dsnKey string // the public key in dsn, with which anyone can send reports
}

// New returns a Scrubber for c. No Config is an error: New leaves out a
// sensitive key without letters or digits, a Home that is not an absolute path
// or is the root directory, and a DSN that is not a URL.
func New(c Config) Scrubber {
	s := Scrubber{home: usableHome(c.Home), dsn: strings.TrimSpace(c.DSN)}
	s.dsnKey = dsnPublicKey(s.dsn)
	for _, name := range c.SensitiveKeys {
		s.names.configure(name)
	}
	return s
}

// Text returns t without secrets, as valid UTF-8 and in at most limit bytes. A
// text that needs no change is returned as it is, without an allocation. Text
// reads at most the first limit+window bytes of t.
func (s *Scrubber) Text(t string, limit int) string {
	whole := len(t) <= limit+window
	if !whole {
		t = t[:blankBefore(t, limit, limit+window)]
	}
	if !utf8.ValidString(t) {
		t = strings.ToValidUTF8(t, string(utf8.RuneError))
	}
	if !whole {
		t += Ellipsis
	}
	return s.settle(t, limit)
}

// Line is Text for a text of one line: it replaces line breaks by blanks.
func (s *Scrubber) Line(t string, limit int) string {
	t = s.Text(t, limit)
	if strings.ContainsAny(t, "\r\n") {
		t = s.settle(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(t), limit)
	}
	return t
}

// Sensitivity says what the name of a value says about the value.
func (s *Scrubber) Sensitivity(name string) Sensitivity { return s.names.sensitivity(name) }

// settle scans t until a scan changes nothing, so that scrubbing a text twice
// gives the same as scrubbing it once.
func (s *Scrubber) settle(t string, limit int) string {
	for range maxPasses {
		next := Clip(scan(s, t), limit)
		if next == t {
			return t
		}
		t = next
	}
	return Filtered
}
