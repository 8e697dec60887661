package texts_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/scrub/scrubtest"
	"github.com/panicreport/sentry/internal/scrub/texts"
)

func TestTextIsBounded(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for name, text := range map[string]string{
		"one word": strings.Repeat("x", 8<<20), "words": strings.Repeat("word ", 1<<20), "runes": strings.Repeat("日本語", 1<<20),
		"bytes": strings.Repeat("\xff", 1<<20), "just over": strings.Repeat("x", texts.MaxText+1),
		"removed": strings.Repeat("10.1.2.3 ", 1<<20),
	} {
		got := s.Text(text, texts.MaxText)
		require.LessOrEqual(t, len(got), texts.MaxText, name)
		require.True(t, utf8.ValidString(got), name)
		require.True(t, strings.HasSuffix(got, "…"), name)
		require.Equal(t, got, s.Text(got, texts.MaxText), name)
	}
	whole := strings.Repeat("x", texts.MaxText)
	require.Equal(t, whole, s.Text(whole, texts.MaxText))
}

// TestSecretsAcrossTheCut moves a secret over the place where a text is cut.
func TestSecretsAcrossTheCut(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for _, secret := range []string{
		"password=Zq7Planted9Xw", `{"password":"Zq7Planted9Xw Zq7Planted"}`, "https://bob:Zq7Planted9Xw@example.com/",
		"Cookie: a=Zq7Planted9Xw; b=Zq7Planted9Xw", "ghp_Zq7Planted9XwZq7Planted9Xw", "Zq7Planted9Xw@example.com",
	} {
		for shift := range 80 {
			text := strings.Repeat("x", texts.MaxText-shift-1) + " " + secret + " " + strings.Repeat("y", shift%7*1000)
			got := s.Text(text, texts.MaxText)
			require.LessOrEqual(t, len(got), texts.MaxText)
			require.NotContains(t, got, "Zq7", "%s, %d before the end", secret, shift)
			require.Equal(t, got, s.Text(got, texts.MaxText))
		}
	}
}

// TestNothingAcrossTheCut moves every text of the corpus over the place where a
// text is cut: not even the beginning of a secret stays.
func TestNothingAcrossTheCut(t *testing.T) {
	t.Parallel()
	const limit, some = 2000, 5 // bytes
	s := newScrubber()
	step := 15
	if os.Getenv("SENTRY_STRESS") != "" {
		step = 3
	}
	for i, r := range scrubtest.Secrets() {
		for shift := i % step; shift <= len(r.Text); shift += step {
			text := strings.Repeat("x ", (limit-shift)/2) + r.Text + strings.Repeat(" y", limit)
			got := s.Text(text, limit)
			for _, gone := range r.Gone {
				part := gone[:min(len(gone), some)]
				if strings.Count(r.Text, part) == 1 && strings.Contains(got, part) {
					t.Errorf("%q is still in\n%s\nfrom\n%s, %d before the end", part, got[max(0, len(got)-100):], r.Text, shift)
				}
			}
		}
	}
}

func TestHome(t *testing.T) {
	t.Parallel()
	for home, cases := range map[string]map[string]string{
		"/srv/people/bob": {
			"/srv/people/bob": "~", "/srv/people/bob/x": "~/x", "in /srv/people/bob: x": "in ~: x", "/srv/people/bobby": "/srv/people/bobby",
			"/srv/people/bob.old/x": "/srv/people/bob.old/x", "file:///srv/people/bob/x": "file://~/x", "x/srv/people/bob": "x/srv/people/bob",
		},
		`D:\Profiles\bob\`: {
			`D:\Profiles\bob\x`: `~\x`, `D:\\Profiles\\bob\\x`: `~\\x`, "d:/profiles/BOB/x": "~/x", `D:\Profiles\bobby`: `D:\Profiles\bobby`,
		},
		"/": {"/etc/x": "/etc/x", "/": "/"}, "": {"/etc/x": "/etc/x"}, "etc": {"/etc/x": "/etc/x"}, `C:\`: {`C:\x`: `C:\x`},
		"//": {"//x": "//x"}, "C:": {`C:\x`: `C:\x`}, " ": {"a b": "a b"}, ".": {"a.b": "a.b"}, "/x": {"/x/y": "/x/y"},
		"/root": {"open /root/.config/x: no": "open ~/.config/x: no"},
	} {
		s := texts.New(texts.Config{Home: home})
		for text, want := range cases {
			require.Equal(t, want, s.Text(text, texts.MaxText), "home %q", home)
		}
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for host, cases := range map[string]map[string]string{
		"ada-laptop": {
			"dial ada-laptop:443: refused": "dial [host]:443: refused", "Ada-Laptop.local": "[host].local", "ada-laptops": "ada-laptops",
			"lookup ADA-LAPTOP on 127.0.0.53:53": "lookup [host] on 127.0.0.53:53", "ada laptop": "ada laptop",
		},
		"thinkpad.example.net": {"thinkpad up": "[host] up", "thinkpad.example.net up": "[host] up"},
		"server":               {"http: server closed": "http: server closed"}, "vm": {"the vm": "the vm"}, "": {"a": "a"}, "12345": {"12345": "12345"},
		"localhost": {"localhost:80": "localhost:80"},
	} {
		s := texts.New(texts.Config{Host: host})
		for text, want := range cases {
			require.Equal(t, want, s.Text(text, texts.MaxText), "host %q", host)
		}
	}
}

func TestDSNThatIsNone(t *testing.T) {
	t.Parallel()
	for _, dsn := range []string{"", " ", "x", "://", "https://example.com", "%zz"} {
		s := texts.New(texts.Config{DSN: dsn})
		require.Equal(t, "x ok https://example.com/", s.Text("x ok https://example.com/", texts.MaxText))
	}
}

func ExampleScrubber_Text() {
	s := texts.New(texts.Config{SensitiveKeys: []string{"tenant"}})
	fmt.Println(s.Text("dial postgres://bob:hunter2@10.1.2.3/app: timeout", texts.MaxText))
	fmt.Println(s.Text("{User:bob Password:hunter two Tenant:17 Age:3}", texts.MaxText))
	fmt.Println(s.Text("open /home/bob/app/config.toml: no such file or directory", texts.MaxText))
	// Output:
	// dial postgres://[Filtered]@[ip]/app: timeout
	// {User:bob Password:[Filtered] Tenant:[Filtered] Age:3}
	// open ~/app/config.toml: no such file or directory
}

// TestFault: a rule that panics costs the text, and neither the report nor the secret.
// It counts the faults, and so it runs before those that are parallel.
func TestFault(t *testing.T) {
	s := texts.New(texts.Config{SensitiveKeys: []string{"x"}})
	s.Break()
	require.Equal(t, texts.Secret, s.Sensitivity("anything"))
	require.Equal(t, "user=[Filtered] of ada", s.Text("user=hunter2 of ada", texts.MaxText))
	require.Positive(t, contain.Faults.Swap(0))
	require.Equal(t, texts.Filtered, (*texts.Scrubber)(nil).Text("a long enough text, user=hunter2 of ada", texts.MaxText))
	require.Positive(t, contain.Faults.Swap(0))
}
