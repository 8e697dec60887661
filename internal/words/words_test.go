package words_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/words"
)

// program is the data of a small image: literals that lie one behind the other, as
// a linker puts them.
func program(literals string) *image.Image { return image.New([]byte(literals)) }

// own returns a text as a report shows it.
func own(im *image.Image, text string) string {
	r := words.NewReading(im, nil)
	r.Add(text)
	r.Decide()
	return r.Text(text)
}

// TestFault: where a decision panics, the report has nothing of its texts. It runs before
// the tests that are parallel, and so they do not count it.
func TestFault(t *testing.T) {
	r := words.NewReading(program("unexpected newline"), nil)
	r.Add("unexpected newline")
	r.Break()
	r.Decide()
	require.Equal(t, words.Ellipsis, r.Text("unexpected newline"))
	require.EqualValues(t, 1, contain.Faults.Swap(0))
}

func TestExamples(t *testing.T) {
	t.Parallel()
	im := program("unexpected newlineuser %q not found: net/url: invalid userinfojson: cannot unmarshal  into Go struct field  of type \x00\x04user\x00\x03age\x00dial tcp")
	for text, want := range map[string]string{
		"open /home/ada/wallet.db: permission denied":                             `open …: permission denied`,
		`parse "postgres://bob:hun ter2@db/app": net/url: invalid userinfo`:       `parse "…": net/url: invalid userinfo`,
		"json: cannot unmarshal string into Go struct field user.age of type int": "json: cannot unmarshal string into Go struct field user.age of type int",
		"user grace hopper not found":                                             "user … not found",
		`user "grace hopper" not found`:                                           `user "…" not found`,
		"interface conversion: interface {} is string, not int":                   "interface conversion: interface {} is string, not int",
	} {
		require.Equal(t, want, own(im, text))
	}
}
