// Command peers runs this library and others on the same input, in one run, and
// writes what it measures to RESULTS.md and some pictures beside it:
//
//	make bench
//
// Absolute times of a machine that others use say little. So each table has the
// ratio to its first row, or to the row that it names. The README takes its figures
// from RESULTS.md: TestFiguresAreMeasured holds that.
//
// What has to be a process of its own, each library with each server and each way to
// die, is in the command victim, which peers builds.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A section is one table, with what has to be known to read it.
type section struct {
	name  string // of the flag
	title string
	run   func(*document) error
}

var sections = []section{
	{"calls", "A guard, and no panic", calls},
	{"reports", "A panic that is reported", reports},
	{"footprint", "What a program gains in size", footprint},
	{"idle", "A second process", secondProcess},
	{"parsers", "Reading a crash text", parseAll},
	{"scrubbing", "Removing secrets from text", scrubbing},
	{"deaths", "Ways to die", deaths},
	{"storm", "A storm", storm},
}

func main() {
	out := flag.String("o", "..", "the folder for RESULTS.md and the pictures")
	only := flag.String("only", "", "sections to run, separated by commas; the others stay as they are")
	flag.Parse()
	if err := run(*out, *only); err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
}

func run(out, only string) error {
	d := newDocument()
	for _, s := range sections {
		if only != "" && !strings.Contains(","+only+",", ","+s.name+",") {
			continue
		}
		began := time.Now()
		d.heading(s.title)
		if err := s.run(d); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Fprintf(os.Stderr, "%s: %s\n", s.name, time.Since(began).Round(time.Second))
	}
	for name, picture := range d.pictures {
		if err := os.WriteFile(filepath.Join(out, name), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	file := filepath.Join(out, "RESULTS.md")
	text := d.text.String()
	if only != "" {
		before, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text = replaceSections(string(before), text)
	}
	return os.WriteFile(file, []byte(text), 0o644)
}

// replaceSections puts the sections of a new text in the place of those that had
// the same heading.
func replaceSections(text, with string) string {
	const heading = "\n## "
	parts := strings.Split(text, heading)
	for _, section := range strings.Split(with, heading)[1:] {
		title, _, _ := strings.Cut(section, "\n")
		for i, part := range parts {
			if strings.HasPrefix(part, title+"\n") {
				parts[i] = strings.TrimRight(section, "\n") + "\n"
			}
		}
	}
	return strings.Join(parts, heading)
}
