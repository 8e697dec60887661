package texts

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/panicreport/sentry/internal/contain"
)

// maxPasses bounds how often one text is read. A replacement can join two parts
// of a text that match a rule only together, so a text is read until nothing more
// is found. Usually that is twice: once something is found, and once nothing more.
// Only a text that was made for it needs more than three. A text that still
// changes after maxPasses is removed as a whole.
const maxPasses = 6

// Config says what is secret in addition to what the rules of this package
// recognise.
type Config struct {
	// SensitiveKeys are more names whose values are removed. Neither case nor
	// the way in which words are joined matters: tenantId covers tenant_id and
	// X-Tenant-ID.
	SensitiveKeys []string

	// UserNames keeps the names of the user of an event.
	UserNames bool

	// Home is the home directory of the user who runs the program. It is
	// replaced by ~. Home directories in the usual places, such as /home/bob,
	// are recognised without it.
	Home string

	// Host is the name of the machine. It is removed from every text, unless it
	// is a word such as localhost, server or ubuntu, which many machines have as
	// their name and many texts as a word.
	Host string

	// DSN is the DSN to which the program reports. It is removed from every
	// text.
	DSN string
}

// A Scrubber removes secrets from texts. It is safe for concurrent use.
type Scrubber struct {
	names names
	home  string // "" or an absolute path with at least one element
	dsn   string
	known []known

	knownWords uint64 // the lengths of their first words, as bits
}

// New returns a Scrubber for c. No Config is an error: New leaves out a
// sensitive key without letters or digits, a Home that is not an absolute path
// or is the root directory, and a DSN that is not a URL.
func New(c Config) Scrubber {
	prepare()
	s := Scrubber{home: usableHome(c.Home), dsn: strings.TrimSpace(c.DSN)}
	// With the public key of the DSN anyone can send reports.
	s.know(dsnPublicKey(s.dsn), Filtered)
	host, _, _ := strings.Cut(strings.TrimSpace(c.Host), ".")
	if isDistinctive(host) {
		s.know(strings.TrimSpace(c.Host), hostRemoved)
		s.know(host, hostRemoved)
	}
	for _, name := range c.SensitiveKeys {
		s.names.configure(name)
	}
	return s
}

// Text returns t without secrets, as valid UTF-8 and in at most limit bytes. A
// text that needs no change is returned as it is, without an allocation. Text
// reads at most the first limit+window bytes of t.
func (s *Scrubber) Text(t string, limit int) string {
	if len(t) <= limit && s.isOneWord(t) {
		return t
	}
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

// isOneWord reports whether a text has nothing but the letters of a word that is too
// short for any rule. Most of the texts whose form Sentry's protocol says are such.
func (s *Scrubber) isOneWord(t string) bool {
	if len(t) >= leastRandom || s.knownWords&(1<<len(t)) != 0 {
		return false
	}
	for i := range len(t) {
		if !isAlpha(t[i]) {
			return false
		}
	}
	return true
}

// Line is Text for a text of one line: it replaces line breaks by blanks.
func (s *Scrubber) Line(t string, limit int) string {
	t = s.Text(t, limit)
	if strings.IndexByte(t, '\n') >= 0 || strings.IndexByte(t, '\r') >= 0 {
		t = s.settle(strings.NewReplacer("\r\n", " ", "\n", " ", "\r", " ").Replace(t), limit)
	}
	return t
}

// Sensitivity says what the name of a value says about the value. At a name that it can
// not read, the value is secret.
func (s *Scrubber) Sensitivity(name string) (says Sensitivity) {
	defer contain.Fault(func() { says = Secret })
	return s.names.sensitivity(name)
}

// scanners are reused, so that a clean text costs no allocation.
var scanners = sync.Pool{New: func() any { return new(scanner) }}

// settle reads t until nothing more is found, so that scrubbing a text twice
// gives the same as scrubbing it once. A text that a rule can not read is removed as a
// whole: the report must not be lost to a defect of ours, nor a secret get out.
func (s *Scrubber) settle(t string, limit int) (settled string) {
	defer contain.Fault(func() { settled = Filtered })
	x := scanners.Get().(*scanner)
	defer x.release()
	x.config = s
	for range maxPasses {
		x.goesOn = strings.HasSuffix(t, Ellipsis)
		next := x.pass(t)
		if next == t && len(t) <= limit { // nothing more is found, and so no more echoes
			return t
		}
		if next = Clip(x.withoutEchoes(next), limit); next == t {
			return t
		}
		t = next
	}
	return Filtered
}

// pass reads each view of t once by each kind of rules.
func (x *scanner) pass(t string) string {
	if nextEscape(t, 0) < 0 {
		t, _ = x.replacedIn(t, view{s: t}, byName|byShape)
		return t
	}
	views := viewsOf(t)
	last := len(views) - 1
	in := func(n int, kinds kind) {
		if n >= len(views) {
			return // what was replaced has left no escapes at this level
		}
		var changed bool
		if t, changed = x.replacedIn(t, views[n], kinds); changed {
			views = viewsOf(t)
		}
	}
	for n := range last + 1 {
		in(n, byName)
	}
	for n := last; n >= 0; n-- {
		in(n, byShape)
	}
	return t
}

// maxEchoes bounds how many secrets of one text are searched in the rest of it.
const maxEchoes = 8

// replacedIn returns t without what the rules find in this view of it, and reports
// whether they found anything.
func (x *scanner) replacedIn(t string, v view, kinds kind) (next string, changed bool) {
	found := x.read(t, v, kinds)
	if len(found) == 0 {
		return t, false
	}
	x.remember(t, found)
	return replaced(t, found), true
}

// remember notes secrets that may be in the text once more.
func (x *scanner) remember(t string, found []replacement) {
	const longest = 256
	for _, r := range found {
		if r.with != Filtered || len(x.secrets) == maxEchoes || r.to-r.from > longest {
			continue
		}
		if secret := trimmed(t[r.from:r.to], "\"'"); strings.IndexByte(secret, ' ') < 0 && looksSecret(secret) {
			x.secrets = append(x.secrets, secret)
		}
	}
}

// withoutEchoes returns t without the secrets that were found in it and are in it
// once more, without a name:
//
//	login with password=hunter2 failed: no account has hunter2
func (x *scanner) withoutEchoes(t string) string {
	for _, secret := range x.secrets {
		if strings.Contains(t, secret) {
			t = strings.ReplaceAll(t, secret, Filtered)
		}
	}
	return t
}
