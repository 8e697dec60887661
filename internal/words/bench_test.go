package words_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/words"
)

// BenchmarkReading reads the image of the test for a report with some texts.
func BenchmarkReading(b *testing.B) { benchmarkReading(b, nil) }

// BenchmarkReadingAgain is a report in a burst, whose texts were all there before.
func BenchmarkReadingAgain(b *testing.B) { benchmarkReading(b, new(words.Memory)) }

func benchmarkReading(b *testing.B, m *words.Memory) {
	im, err := image.Own()
	require.NoError(b, err)
	b.SetBytes(int64(im.Size()))
	b.ReportAllocs()
	read := func() {
		r := words.NewReading(im, m)
		for _, t := range []string{
			"open /home/ada/wallet.db: permission denied", "user grace hopper not found", "index out of range [5] with length 3",
			"json: cannot unmarshal string into Go struct field user.age of type int", "runtime error: invalid memory address or nil pointer dereference",
			`parse "postgres://bob:hun ter2@db/app": net/url: invalid userinfo`, "listening on port 443", "loaded 12 plugins in 3 ms",
		} {
			r.Add(t)
		}
		r.Decide()
	}
	read()
	for b.Loop() {
		read()
	}
}
