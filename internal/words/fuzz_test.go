package words_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/words"
)

// runs returns the runs of four letters or more, and of four digits or more.
func runs(t string) (long []string) {
	of := func(is func(rune) bool) {
		for _, run := range strings.FieldsFunc(t, func(r rune) bool { return !is(r) }) {
			if utf8.RuneCountInString(run) >= 4 {
				long = append(long, run)
			}
		}
	}
	of(func(r rune) bool { return unicode.IsLetter(r) })
	of(unicode.IsDigit)
	return long
}

// requireOwn says that what is shown of a text is in the image or in the lists.
func requireOwn(t *testing.T, literals, text, shown string) {
	t.Helper()
	for _, run := range runs(words.WithoutNumbers(shown)) {
		if !strings.Contains(literals, run) && !strings.Contains(words.Lists(), run) {
			require.Failf(t, "it leaves", "%q of %q, in %q", run, text, shown)
		}
	}
}

// FuzzOwn: whatever the image and the text are, no run of four letters or digits of
// the text that is neither in the image nor in the lists is shown.
func FuzzOwn(f *testing.F) {
	const literals = "unexpected newlineuser %q not found: net/url: invalid userinfojson: cannot unmarshal  into Go struct field  of type \x04user\x03age" +
		"dial %s with %d of the %v: retry in %s\x00load settingscould not open the ledger of %s\x00main.(*Ledger).Close\x00/src/ledger.go\x00"
	for _, text := range []string{
		"user grace hopper not found", "json: cannot unmarshal string into Go struct field user.age of type int",
		"index out of range [5] with length 3", "could not open the ledger of grace hopper: permission denied",
		"dial 10.1.2.3 with 12 of the settings: retry in 100ms", "load settingsgrace: exit status 1", "main.(*Ledger).Close",
		"пользователь user не found: 12345 ١٢٣٤", "user \"grace\" not found: user \xff\xfe not found", "use\x00r not found", "settings settings settings",
	} {
		f.Add(literals, text)
		f.Add(text, literals)
		f.Add(text, text)
	}
	f.Fuzz(func(t *testing.T, literals, text string) {
		defer func() { require.Zero(t, contain.Faults.Load(), "a decision has panicked") }()
		shown := own(image.New([]byte(literals)), text)
		requireOwn(t, literals, text, shown)
		var m words.Memory
		for range 2 {
			r := words.NewReading(image.New([]byte(literals)), &m)
			r.Add(text)
			r.Decide()
			require.Equal(t, shown, r.Text(text), "remembered")
		}
		require.LessOrEqual(t, len(shown), len(text)*len(words.Ellipsis))
		none := own(nil, text)
		requireOwn(t, "", text, none)
	})
}
