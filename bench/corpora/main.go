// Command corpora measures the scrubber on texts that others have collected: the
// examples of gitleaks' rules, those of trufflehog's detectors, the examples of
// Sentry's relay-pii, and log lines of public data sets. Beside it, it measures what
// Sentry's own Relay removes from the same texts with its default settings.
//
//	go run ./corpora -trufflehog DIR -relay DIR -logs DIR
//	go run ./corpora -v      also prints what was missed, and innocent lines that changed
//
// Each corpus is cut in two by a hash of its texts. -v prints from the one half only,
// which is the half to look at when a rule is written; what the other half says was
// seen by nobody who wrote one since 2026-11-21.
//
// Gitleaks comes from the module proxy, sentry-relay from PyPI; that needs python3.
// The other corpora are read from clones of github.com/trufflesecurity/trufflehog,
// github.com/getsentry/relay and github.com/logpai/loghub, which may be bare; without
// their flag, they are left out. The source distribution of sentry-relay has Relay's
// own sources, too, in its rustsrc.zip. Nothing of any corpus is in this repository.
package main

import (
	"flag"
	"fmt"
	"hash/fnv"
	"log"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/panicreport/sentry/internal/scrub"
)

// An example is a text, and the secrets that are in it.
type example struct {
	of      string
	text    string
	secrets []string
}

func main() {
	log.SetFlags(0)
	trufflehog := flag.String("trufflehog", "", "a clone of github.com/trufflesecurity/trufflehog")
	relay := flag.String("relay", "", "a clone of github.com/getsentry/relay, or its folder relay-pii/src")
	logs := flag.String("logs", "", "a clone of github.com/logpai/loghub")
	verbose := flag.Bool("v", false, "print what was missed, and innocent lines that changed")
	flag.Parse()
	other, err := newRelay()
	if err != nil {
		log.Printf("without Relay: %v", err)
	}
	s := scrub.New(scrub.Config{})
	fmt.Printf("%-22s %8s | %-12s %-22s %s\n", "secrets in", "texts", "found here", "by Relay, breadcrumb", "by Relay, exception")
	for _, c := range []struct {
		name string
		read func(string) ([]example, error)
		from string
	}{{"gitleaks", gitleaks, "proxy"}, {"trufflehog", detectors, *trufflehog}, {"relay-pii", relayExamples, *relay}} {
		if c.from == "" {
			continue
		}
		examples, err := c.read(c.from)
		if err != nil {
			log.Fatalf("%s: %v", c.name, err)
		}
		for _, h := range halves {
			measure(c.name+h.name, slices.DeleteFunc(slices.Clone(examples), func(e example) bool { return isHeldOut(e.text) != h.heldOut }), s, other, *verbose && !h.heldOut)
		}
	}
	if *logs != "" {
		lines, err := logLines(*logs)
		if err != nil {
			log.Fatal(err)
		}
		for _, h := range halves {
			innocent("log lines"+h.name, slices.DeleteFunc(slices.Clone(lines), func(line string) bool { return isHeldOut(line) != h.heldOut }), s, other, *verbose && !h.heldOut)
		}
	}
}

// halves are the two parts of a corpus.
var halves = []struct {
	name    string
	heldOut bool
}{{", looked at", false}, {", held out", true}}

// isHeldOut tells in which half a text is.
func isHeldOut(text string) bool {
	h := fnv.New32a()
	h.Write([]byte(text))
	return h.Sum32()>>16&1 == 1
}

// measure counts the texts of which no secret is left.
func measure(name string, examples []example, s *scrub.Scrubber, other *relayProcess, verbose bool) {
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = e.text
	}
	crumbs, values := other.scrub(texts)
	var here, crumb, value int
	for i, e := range examples {
		shown := s.Text(e.text)
		if e.isGone(shown) {
			here++
		} else if verbose {
			fmt.Printf("MISSED %s %q: %q\n", e.of, e.secrets, shown)
		}
		if other != nil && e.isGone(crumbs[i]) {
			crumb++
		}
		if other != nil && e.isGone(values[i]) {
			value++
		}
	}
	share := func(n int) string { return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(max(len(examples), 1))) }
	fmt.Printf("%-22s %8d | %-12s %-22s %s\n", name, len(examples), share(here), share(crumb), share(value))
}

func (e *example) isGone(shown string) bool {
	for _, secret := range e.secrets {
		if strings.Contains(shown, secret) {
			return false
		}
	}
	return true
}

// innocent counts the lines that change, and those of them in which a secret was
// supposed: the lines have addresses of machines, and those are no mistakes.
func innocent(name string, lines []string, s *scrub.Scrubber, other *relayProcess, verbose bool) {
	crumbs, _ := other.scrub(lines)
	var changed, filtered, byRelay, filteredByRelay int
	for i, line := range lines {
		if shown := s.Text(line); shown != line {
			changed++
			if strings.Contains(shown, "[Filtered]") {
				filtered++
			}
			if verbose {
				fmt.Printf("CHANGED %q: %q\n", line, shown)
			}
		}
		if other != nil && crumbs[i] != line {
			byRelay++
			if strings.Contains(crumbs[i], "[Filtered]") {
				filteredByRelay++
			}
		}
	}
	share := func(n int) string { return fmt.Sprintf("%.2f %%", 100*float64(n)/float64(len(lines))) }
	fmt.Printf("%d %s: changed %s, taken for secret %s; by Relay: changed %s, taken for secret %s\n",
		len(lines), name, share(changed), share(filtered), share(byRelay), share(filteredByRelay))
}

// isText leaves out what no report can have.
func isText(t string) bool { return t != "" && len(t) < 8<<10 && utf8.ValidString(t) }

// scratch is a directory for what is built and unpacked.
func scratch() string {
	dir, err := os.MkdirTemp("", "corpora")
	if err != nil {
		log.Fatal(err)
	}
	return dir
}
