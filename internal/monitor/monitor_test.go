package monitor_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/monitor"
)

const key = "0123456789abcdef0123456789abcdef"

func frame(data string) string { return frameOf('s', data) }

func note(number, text string) string { return frameOf('n', number+text) }

func frameOf(kind byte, data string) string {
	return "\x00" + key + string(kind) + string("0123456789abcdef"[len(data)>>12&15]) + string("0123456789abcdef"[len(data)>>8&15]) +
		string("0123456789abcdef"[len(data)>>4&15]) + string("0123456789abcdef"[len(data)&15]) + data
}

// TestOutputTellsFramesFromText has frames at different places of the text, and
// reads it in one piece and byte by byte.
func TestOutputTellsFramesFromText(t *testing.T) {
	t.Parallel()
	other := strings.Replace(frame("forged"), key, strings.Repeat("f", 32), 1)
	for _, tt := range []struct{ name, in, text, state string }{
		{"nothing", "", "", ""},
		{"state", frame("a") + frame("b") + frame(""), "", "ab"},
		{"latest state", frame("a") + frame("") + frame("b") + frame(""), "", "b"},
		{"unfinished state", frame("a") + frame("") + frame("b"), "", "a"},
		{"text", "panic: x\n", "panic: x\n", ""},
		{"in the middle of a line", "pan" + frame("a") + "ic" + frame("") + ": x", "panic: x", "a"},
		{"zero bytes", "a\x00b\x00", "a\x00b\x00", ""},
		{"another key", other + frame(""), other, ""},
		{"cut frame", "a" + frame("data")[:20], "a" + frame("data")[:20], ""},
		{"frame with text of a frame", frame(frame("x")) + frame(""), "", frame("x")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(key + "\n" + tt.in), iotest.OneByteReader(strings.NewReader(key + "\n" + tt.in))} {
				out, err := monitor.Open(r, nil)
				require.NoError(t, err)
				text, err := io.ReadAll(out)
				require.NoError(t, err)
				require.Equal(t, tt.text, string(text))
				require.Equal(t, tt.state, string(out.State()))
			}
		})
	}
}

// TestOutputKeepsNotes of each number the last, wherever they stand in the text.
func TestOutputKeepsNotes(t *testing.T) {
	t.Parallel()
	in := note("00000001", "b1\n") + "pan" + note("00000000", "a\n") + "ic: x" + note("00000001", "b2\n") + frame("state") + frame("") +
		note("0000ffff", "too large a number\n") + note("1", "") + note("00000002", strings.Repeat("x", 400)) + note("zzzzzzzz", "x")
	var told []string
	out, err := monitor.Open(strings.NewReader(key+"\n"+in), func(state []byte) { told = append(told, string(state)) })
	require.NoError(t, err)
	text, err := io.ReadAll(out)
	require.NoError(t, err)
	require.Equal(t, "panic: x", string(text))
	require.Equal(t, "a\nb2\n", string(out.Notes()))
	require.Equal(t, []string{"state"}, told)
}

func TestOutputWithoutAKey(t *testing.T) {
	t.Parallel()
	for _, in := range []string{"", "short\n", strings.Repeat("x", 5000)} {
		_, err := monitor.Open(strings.NewReader(in), nil)
		require.Error(t, err)
	}
}

// FuzzOutput checks that no input is an error, and that a text without frames comes
// out as it is.
func FuzzOutput(f *testing.F) {
	f.Add([]byte("pan" + frame("a") + "ic: x" + frame("")))
	f.Add([]byte("\x00" + key + "sffff"))
	f.Add([]byte(note("00000001", "text")))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, err := monitor.Open(io.MultiReader(strings.NewReader(key+"\n"), bytes.NewReader(in)), nil)
		require.NoError(t, err)
		text, err := io.ReadAll(out)
		require.NoError(t, err)
		require.LessOrEqual(t, len(text)+len(out.State())+len(out.Notes()), len(in))
		if !bytes.Contains(in, []byte{0}) {
			require.Equal(t, string(in), string(text))
		}
	})
}
