package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/zricethezav/gitleaks/v8/detect"

	"github.com/panicreport/sentry/internal/scrub/texts"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// scrubbed are the texts that are scrubbed: what programs log, without anything
// secret, with something in each line, and what is hard.
func scrubbed() []struct{ name, text string } {
	clean := "2026-11-21T10:00:00Z INFO http request served method=GET path=/api/v1/items status=200 duration=12ms bytes=5120\n" +
		"worker 7 finished the job \"reindex\" in 3.2 s: 1024 documents, 0 errors, next run at 11:00\n"
	dirty := "dial postgres://app:s3cr3t-Passw0rd@db.example.com:5432/users: connection refused by 10.1.2.3\n" +
		"login of ada@example.com failed, password=hunter2hunter2, Authorization: Bearer abcdefghijklmnop0123456789\n" +
		"open /home/ada/wallet.db: permission denied; token ghp_0123456789abcdefghijABCDEFGHIJ012345\n"
	const size = 64 << 10
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	return []struct{ name, text string }{
		{"clean log lines", fill(clean)},
		{"a secret in each line", fill(dirty)},
		{"one in twenty lines", fill(strings.Repeat(clean, 10) + dirty[:strings.Index(dirty, "\n")+1])},
		{"hard: quotes that never end", fill(`"\"'`)},
		{"hard: half a token again and again", fill("sk-")},
		{"hard: addresses without an end", fill("a@")},
	}
}

// plainRules is what programs have that scrub by regular expressions.
var plainRules = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(password|passwd|secret|token|api[_-]?key|authorization|cookie|session)["']?\s*[=:]\s*["']?[^\s"',;&]+`),
	regexp.MustCompile(`[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}`),
	regexp.MustCompile(`\b\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b`),
	regexp.MustCompile(`(?i)\b([0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}\b`),
	regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s@]+@`),
	regexp.MustCompile(`\beyJ[\w-]+\.[\w-]+\.[\w-]+`),
	regexp.MustCompile(`(?i)\bbearer\s+[\w.~+/-]+=*`),
	regexp.MustCompile(`\b(ghp|gho|ghs|sk|xox[abp]|AKIA|glpat)[-_]?[A-Za-z0-9-]{16,}`),
	regexp.MustCompile(`(/home/|/Users/|\\Users\\)[^/\\\s]+`),
	regexp.MustCompile(`\b(?:\d[ -]?){13,19}\b`),
	regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END`),
}

func scrubbing(d *document) error {
	detector, err := detect.NewDetectorDefaultConfig()
	if err != nil {
		return err
	}
	scrubber := texts.New(texts.Config{})
	tools := []struct {
		name  string
		scrub func(text string)
	}{
		{fmt.Sprintf("%d regular expressions", len(plainRules)), func(text string) {
			for _, rule := range plainRules {
				text = rule.ReplaceAllString(text, "[Filtered]")
			}
		}},
		{"gitleaks, detection only", func(text string) { detector.DetectString(text) }},
		{protocol.Ours, func(text string) { scrubber.Text(text, len(text)+1) }},
	}
	head := []string{"64 KiB of"}
	for _, t := range tools {
		head = append(head, t.name+", MB/s")
	}
	table := [][]string{append(head, "of regular expressions")}
	for _, input := range scrubbed() {
		row := []string{input.name}
		var speeds []float64
		for _, t := range tools {
			r := testing.Benchmark(func(b *testing.B) {
				for b.Loop() {
					t.scrub(input.text)
				}
			})
			speed := float64(len(input.text)) / 1e6 / (float64(r.T.Nanoseconds()) / float64(r.N) / 1e9)
			speeds = append(speeds, speed)
			row = append(row, fmt.Sprintf("%.1f", speed))
		}
		table = append(table, append(row, ratio(speeds[2], speeds[0])))
	}
	d.table(table)
	return nil
}
