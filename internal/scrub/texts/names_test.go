package texts_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/scrub/texts"
)

// secretNames are the names whose values go, as words.
var secretNames = []string{
	"password", "secret", "passwd", "api key", "access token", "auth token", "credentials", "mysql pwd",
	"stripe token", "card number", "authorization", "proxy authorization", "cookie", "set cookie", "session id",
	"session token", "private key", "pwd", "client secret", "x api key", "refresh token", "id token", "csrf token",
	"db password", "user password", "passphrase", "secret key", "aws secret access key", "encryption key",
	"password hash", "old password", "github token", "jwt", "tenant code",
}

// spellings returns the ways in which programs join words to a name.
func spellings(words string) []string {
	parts := strings.Fields(words)
	title := make([]string, len(parts))
	for i, p := range parts {
		title[i] = strings.ToUpper(p[:1]) + p[1:]
	}
	pascal := strings.Join(title, "")
	return []string{
		strings.Join(parts, "_"), strings.Join(parts, "-"), strings.Join(parts, "."),
		strings.ToUpper(strings.Join(parts, "_")), strings.Join(title, "-"),
		pascal, strings.ToLower(pascal[:1]) + pascal[1:],
	}
}

// forms are the ways in which programs print a name (K) and a value (V), with
// something before and behind that must stay.
var forms = []string{
	`{"before":1,"K":"V","behind":2}`, `{"before":1, "K": "V", "behind":2}`, `{"before":1,"K":["V"],"behind":2}`,
	`{"before":1,"K":{"a":"V"},"behind":2}`, `{\"before\":1,\"K\":\"V\",\"behind\":2}`,
	`{\\"before\\":1,\\"K\\":\\"V\\",\\"behind\\":2}`, `{'before': 1, 'K': 'V', 'behind': 2}`,
	`https://example.com/before?K=V&behind=2`, `before=1&K=V&behind=2`, `before=1 K=V behind=2`, `before=1 K="V" behind=2`,
	`before=1 K='V' behind=2`, `before=1 K=V` + "\nbehind", `before: 1, K: V, behind: 2`, "before\nK: V\nbehind", "before: 1\n  K: V\n  behind: 2",
	`{Before:1 K:V Behind:2}`, `&{Before:1 In:{K:V} Behind:2}`, `main.T{Before:1, K:"V", Behind:2}`,
	`map[before:1 K:V behind:2]`, `map[before:1 K:[V] behind:2]`, `map[string]string{"before":"1", "K":"V", "behind":"2"}`,
	`before --K V --behind 2`, `before --K=V --behind 2`, `before -K V -behind 2`, `["before","--K","V","--behind"]`,
	`[before --K V --behind]`, `<before/><K>V</K><behind/>`, `{"before":1,"name":"K: V","behind":2}`,
	`before %7B%22K%22%3A%22V%22%7D behind`, `before := 1; K := "V"; behind`, `'before' => 1, 'K' => 'V', 'behind' => 2`,
}

const (
	letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	digits  = "0123456789"
)

// randomSecret returns what looks like nothing but a secret: letters with a
// digit among them.
func randomSecret(r *rand.Rand, length int) string {
	b := make([]byte, length)
	for i := range b {
		b[i] = letters[r.IntN(len(letters))]
	}
	b[length/2] = digits[r.IntN(len(digits))]
	return string(b)
}

func TestEveryNameInEveryForm(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	r := rand.New(rand.NewPCG(1, 2))
	for _, words := range secretNames {
		for _, name := range spellings(words) {
			for _, form := range forms {
				secret := randomSecret(r, 8+r.IntN(24))
				text := strings.NewReplacer("K", name, "V", secret).Replace(form)
				got := s.Text(text, texts.MaxText)
				require.NotContains(t, got, secret, text)
				require.Contains(t, strings.ToLower(got), "before", text)
				require.Equal(t, got, s.Text(got, texts.MaxText), text)
				if !strings.Contains(strings.ToLower(got), "behind") {
					t.Errorf("too much is gone from\n%s\nin\n%s", text, got)
				}
			}
		}
	}
}

func namesSecret(s *texts.Scrubber, name string) bool {
	return s.Sensitivity(name) != texts.NotSecret
}

func TestNames(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for _, words := range secretNames {
		for _, name := range spellings(words) {
			require.True(t, namesSecret(s, name), name)
		}
	}
	for _, name := range []string{
		"", "a", "user", "author", "secretary", "passed", "passenger", "compass", "bypass", "monkey", "keyboard", "key",
		"primary_key", "public_key", "foreign_key", "cache_key", "sort_key", "hotkey", "tokenizer", "token_type",
		"token_count", "max_tokens", "password_length", "session_timeout", "cardinality", "discard", "number",
		"authority", "authored_at", "tenant", "code", "recode", "id", "path", "pw_count", "spwd_x",
	} {
		require.False(t, namesSecret(s, name), name)
	}
}

func TestSensitiveKeys(t *testing.T) {
	t.Parallel()
	s := texts.New(texts.Config{SensitiveKeys: []string{"Tenant-ID", "iban", "", "  ", "konto nummer"}})
	for _, name := range []string{"tenant_id", "tenantId", "TENANT_ID", "X-Tenant-Id", "tenantid", "IBAN", "bank_iban", "kontoNummer"} {
		require.True(t, namesSecret(&s, name), name)
		require.Equal(t, fmt.Sprintf("%s=[Filtered] n=1", name), s.Text(name+"=abc123 n=1", texts.MaxText))
	}
	for _, name := range []string{"tenant", "id", "tenant_ids", "urbane", "libanon"} {
		require.False(t, namesSecret(&s, name), name)
	}
}

// TestNamesThatAreNoUTF8: a name is data, and may be any bytes. The letters that look
// like Latin ones are found among them.
func TestNamesThatAreNoUTF8(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	for _, name := range []string{
		"a" + strings.Repeat("\xef", 1000),
		strings.Repeat("a\xef", 1000),
		strings.Repeat("Aа", 1000),
		strings.Repeat("a\U0010ffff", 1000),
		"\xef\xbfа",
	} {
		s.Sensitivity(name)
		s.Text(name+"="+name, texts.MaxText)
		require.Zero(t, contain.Faults.Load(), "%q", name)
		require.True(t, namesSecret(s, name+"_pаssword"), "%q", name)
	}
}
