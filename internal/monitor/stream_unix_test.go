//go:build linux || darwin || freebsd

package monitor

import (
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestDrain reads what a dead program has left in its pipe, however long the
// reader was held elsewhere, and does not wait for who else has the other end.
func TestDrain(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer w.Close()
	d := newDrain(r)
	_, err = w.WriteString("the rest")
	require.NoError(t, err)
	d.finish()
	require.NoError(t, r.SetReadDeadline(time.Now().Add(-time.Minute)), "the reader comes late")
	text, err := io.ReadAll(d)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.Equal(t, "the rest", string(text))
}

// TestDrainOfALivingPipe ends: what comes after so much is of somebody else.
func TestDrainOfALivingPipe(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	go func() {
		chunk := make([]byte, 4<<10)
		for err := error(nil); err == nil; {
			_, err = w.Write(chunk)
		}
	}()
	d := newDrain(r)
	d.finish()
	text, err := io.ReadAll(d)
	require.NoError(t, err)
	require.Less(t, len(text), 2*maxDrain)
	w.Close()
}

func TestListener(t *testing.T) {
	t.Parallel()
	for text, words := range map[string]string{
		"fatal error: stack overflow\n\nruntime stack:\n":                      "stack overflow",
		"50 %... fatal error: concurrent map writes\n\ngoroutine 1":            "concurrent map writes",
		"fatal error: fault\n[signal SIGSEGV: segmentation violation code=0x1": "",
		"fatal error: fault\n[signal SIGSEGV: segmentation violation]\n":       "fault",
		"fatal error: can not open file\nI am going on\n":                      "",
		"fatal error: one\n\nfatal error: two\n\n":                             "two",
		"fatal error: out of memory":                                           "",
		"nothing of that kind\n":                                               "",
	} {
		for size := 1; size <= len(text); size++ {
			var l listener
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				l.hear([]byte(rest[:n]))
				rest = rest[n:]
			}
			require.Equal(t, words, l.words, "%q in parts of %d", text, size)
		}
	}
}
