package texts_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// adversarial are texts that make a scanner look back and ahead as often as it
// can.
var adversarial = []string{
	`"`, `'`, `\"`, `\`, `\\"`, `@`, `:`, `=`, `/`, `-`, `%`, `%40`, `%3A`, `<`, `>`, `{`, `}`, `[`, `]`, `(`, `1`, `1.`, `a:`, `::`, `a`, ` `,
	"\n", "\r\n", "password", "password=", "password:", "password: ", `"password":`, `"password":"`, `"password":{`, `password=["x]`,
	"password=(", "password='", "password= ", "password=\\", "--password ", "--password=", "cookie: a=", "Cookie:[", "Authorization: ",
	"a@", "@a", "a@b.", "x@y.z@", "a:b@", "u:p@(", "http://", "http://a:b", "http://a:b/", "://", "://@", "https://u@h/1", "eyJ", "eyJ.",
	"eyJabcdefgh.", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "-----", "/home/", "/home/a ", "/Users/A B", `\Users\`, `C:\Users\a `,
	"4111", "4111 ", "4-", "1.2.3.4", "1.2.3.", "fe80:", "1:2:3:4:5:6:7:", "::ffff:1.2.3.4%", "Bearer ", "Basic ", "bearer a",
	"sk-", "AKIA", "ghp_", "é", "\xff", "…", "[Filtered]", "password=[Filtered]", "[ip]", "a=b ", "a: b ", "password: |\n ", "<password>",
	`name="password"` + "\r\n\r\n", "version 1.2.3.4", "token: ", "api key: ", "password:\\n", "&", ";", "a,", "Password=a;", "PWD=",
	"sk-a", "\\u0041", "&quot;", "&#", "\x1b[3", "%4", "[1 ", "[1,", "{0x1,", "ip-1-2-3-", "1-2-3-4.", "Key (", "Key (a)=(", "DE89 ", "DE89",
	"aaaa", "abcd0123", "QUJD", "a\"", "=\"", `password="a` + "\n", "~a", "thin:a/", "postgres://a:b c", "a:b@/", "4a:00:", "4a-00-",
	"/home/", "//a/home/", `\\a\home\`, "/data/user/", "row contains (", "0x52908400098527886E0F7030069857D2E4169EE7", "eyJ-", "ghp_",
	"a:'@", "://'@", "://a@", `C:\`, `\\\\`, "sk-1", "hvs.", "SG.", "eyJhIjoiYiJ9.", "Basic a", "basic a=", "-----BEGIN KEY-----", `{"`, `{\"a\":`,
	"$2b$", "$y$a", "$1$1a", "=?a?Q?", "=?a?Q?=40", "00000000  61 ", "00000000  61\n00000010  61\n", "ssh-a AAAA", "token \"", "secret ", "AUTH a",
	"?code=4/0", "&value=", "password:\n ", "password='''", "\u200b", "＠", "a/b@//", "<a b=\">", "password: (string) ", "//", "/./", "/home/./",
	"dup key: {", "mnemonic=abc ", "pаssword=", "login a password b machine ", "BY '", "490154203237518", "49-015420-323751-",
	"{Password:a ", "map[password:", `"password" => `, "password := ", "password 'a", "https://a.b/?", "\\\\server\\Users\\",
}

// TestLinear would take minutes if any of these texts made the scanner
// quadratic.
func TestLinear(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("it is about time, and there is one goroutine")
	}
	const (
		size = 16 << 10
		// most is how much longer four times the text may take. Four would be
		// exact, sixteen quadratic; others use the same machine.
		most = 10
		// negligible times say nothing about their ratio.
		negligible = 5 * time.Millisecond
		tries      = 8
	)
	s := newScrubber()
	for _, part := range adversarial {
		if duration(s, part, 4*size) < negligible {
			continue
		}
		ratio := float64(most)
		long, short := time.Hour, time.Hour
		for try := 0; try < tries && ratio >= most; try++ {
			long, short = min(long, fastest(s, part, 4*size)), min(short, fastest(s, part, size))
			ratio = float64(long) / float64(short)
		}
		require.Less(t, ratio, float64(most), "how much longer four times as much of %q takes", part)
	}
}

// fastest of three is the one that others disturbed least.
func fastest(s *texts.Scrubber, part string, size int) time.Duration {
	return min(duration(s, part, size), duration(s, part, size), duration(s, part, size))
}

func duration(s *texts.Scrubber, part string, size int) time.Duration {
	text := strings.Repeat(part, size/len(part))
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	start := spent()
	s.Unbounded(text)
	return spent() - start
}

const cleanText = "runtime error: index out of range [5] with length 3 in handler"

func TestCleanTextCostsNothing(t *testing.T) {
	s := newScrubber()
	require.Zero(t, testing.AllocsPerRun(100, func() { s.Text(cleanText, texts.MaxText) }))
}

// TestLargeAttachmentTakesNotLong: a process that dies must not wait for the text
// that somebody has put into its log.
func TestLargeAttachmentTakesNotLong(t *testing.T) {
	if raceDetector {
		t.Skip("it is about time")
	}
	const size, most = 1 << 20, 5 * time.Second // a quiet machine takes a tenth of that
	s := newScrubber()
	for _, part := range adversarial {
		took := duration(s, part, size)
		t.Logf("%8s %q", took.Round(time.Millisecond), part)
		require.Less(t, took, most, "%q", part)
	}
}

func BenchmarkTextClean(b *testing.B) {
	s := newScrubber()
	b.ReportAllocs()
	for b.Loop() {
		s.Text(cleanText, texts.MaxText)
	}
}

func BenchmarkTextSecret(b *testing.B) {
	s := newScrubber()
	b.ReportAllocs()
	for b.Loop() {
		s.Text("dial postgres://bob:hunter2@10.1.2.3:5432/app: password=hunter2 rejected", texts.MaxText)
	}
}

func BenchmarkAdversarial(b *testing.B) {
	s := newScrubber()
	for _, part := range []string{`"password":`, "a@b.", "::", "1.2.3.", "password=[", "{", `\"`, "sk-", "a@"} {
		text := strings.Repeat(part, (64<<10)/len(part))
		b.Run(part, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				s.Unbounded(text)
			}
		})
	}
}
