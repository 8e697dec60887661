// Package scrubtest has what the tests of package scrub and of the packages
// below it share: a corpus of texts, and an ordinary event. No other code
// imports it.
//
// The corpus is two files. secrets.txt has texts with something in them that
// has to go; its first lines describe its form. innocent.txt has texts that
// have to stay as they are, one on each line. A line that begins with "# " is a
// comment.
package scrubtest

import (
	_ "embed"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

var (
	//go:embed secrets.txt
	secrets string

	//go:embed innocent.txt
	innocent string
)

// Config returns the configuration for which the corpus was written.
func Config() texts.Config {
	return texts.Config{
		SensitiveKeys: []string{"tenantCode"},
		Home:          "/srv/people/bob",
		DSN:           "https://c0ffeec0ffeec0ffeec0ffeec0ffee00@o9.ingest.example.com/77",
	}
}

// A Record is a text with secrets.
type Record struct {
	Text string
	Gone []string // parts of Text that have to go
	Kept []string // what the scrubbed text has to contain
}

// Secrets returns the texts of secrets.txt.
func Secrets() []Record {
	var records []Record
	inText := false
	for _, line := range lines(secrets) {
		kind, rest, _ := strings.Cut(line, " ")
		last := len(records) - 1
		switch kind {
		case ">":
			if inText {
				records[last].Text += "\n" + rest
			} else {
				records = append(records, Record{Text: rest})
			}
		case "-":
			records[last].Gone = append(records[last].Gone, rest)
		case "+":
			records[last].Kept = append(records[last].Kept, rest)
		}
		inText = kind == ">"
	}
	return records
}

// Innocents returns the texts of innocent.txt.
func Innocents() []string {
	var texts []string
	for _, line := range lines(innocent) {
		if line != "" && !strings.HasPrefix(line, "# ") {
			texts = append(texts, line)
		}
	}
	return texts
}

func lines(file string) []string { return strings.Split(strings.TrimSuffix(file, "\n"), "\n") }

// Crash returns the event of an ordinary crash, in which nothing has to be
// removed.
func Crash() *sentry.Event {
	frames := func(n int) *sentry.Stacktrace {
		st := &sentry.Stacktrace{}
		for range n {
			st.Frames = append(st.Frames, sentry.Frame{
				Function: "(*Server).handle", Module: "example.org/app/internal/server",
				Filename: "example.org/app/internal/server/server.go", Lineno: 120, InApp: true,
			})
		}
		return st
	}
	return &sentry.Event{
		EventID: "9ec79c33ec9942ab8353589fcb2e04dc", Level: sentry.LevelFatal, Platform: "go",
		Release: "app@1.2.3", Environment: "production", Timestamp: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Exception: []sentry.Exception{
			{Type: "*fs.PathError", Value: "open /etc/app/config.toml: no such file or directory"},
			{Type: "runtime error", Value: "index out of range [5] with length 3", Stacktrace: frames(20),
				Mechanism: &sentry.Mechanism{Type: "panic", Handled: new(bool)}},
		},
		Tags: map[string]string{
			"context.name": "app", "context.version": "1.2.3", "os": "linux", "arch": "amd64", "component": "server",
			"request_id": "9ec79c33", "region": "eu", "goroutine": "34", "signal": "none", "mode": "fast",
		},
		Contexts: map[string]sentry.Context{
			"os":      {"name": "linux"},
			"runtime": {"name": "go", "version": "go1.25.1", "go_numroutines": 12, "go_maxprocs": 8},
			"device":  {"arch": "amd64", "num_cpu": 8},
		},
		User: sentry.User{ID: "5"},
	}
}
